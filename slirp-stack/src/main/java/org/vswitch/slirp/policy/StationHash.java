package org.vswitch.slirp.policy;

/// A hash of station addresses with a secret: stations that follow each other, as those of guests do, are spread, and
/// nobody outside finds two that meet.
public final class StationHash {
    /// Odd, with bits set at random, for a secret may have few: SplitMix64's factors (Steele, Lea, Flood, 2014).
    private static final long FIRST_FACTOR = 0xbf58_476d_1ce4_e5b9L;
    private static final long LAST_FACTOR = 0x94d0_49bb_1331_11ebL;

    private final long secret;
    private final int shift;

    /// Creates a hash.
    ///
    /// @param secret random
    /// @param values how many there are: a power of two, 2 or more
    public StationHash(long secret, int values) {
        assert values > 1 && Integer.bitCount(values) == 1 : values;
        this.secret = secret;
        shift = Long.SIZE - Integer.numberOfTrailingZeros(values);
    }

    /// Hashes a station.
    ///
    /// @param station its address in the low 48 bits
    /// @return 0 to the number of values less 1
    public int of(long station) {
        long mixed = (station ^ secret) * FIRST_FACTOR;
        mixed = (mixed ^ mixed >>> 31) * (secret | 1);
        return (int) ((mixed ^ mixed >>> 29) * LAST_FACTOR >>> shift);
    }
}
