package org.vswitch.slirp.tcp;

/// SipHash-2-4 of a path (Aumasson, Bernstein: SipHash, 2012): without the secret nobody finds paths that collide, nor
/// the initial sequence number of somebody else's connection.
public final class KeyedHash {
    private static final long BLOCKS_LENGTH = 5L * Long.BYTES << 56;
    private static final long WORD_LENGTH = (long) Long.BYTES << 56;

    private final long key0;
    private final long key1;
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    /// Creates a hash.
    ///
    /// @param key0 half of the secret
    /// @param key1 the other half
    public KeyedHash(long key0, long key1) {
        this.key0 = key0;
        this.key1 = key1;
    }

    /// Hashes both ends of a path.
    ///
    /// @param path its stations do not count
    /// @return 64 bits
    long of(FlowPath path) {
        begin();
        block(path.guestHigh);
        block(path.guestLow);
        block(path.remoteHigh);
        block(path.remoteLow);
        block(path.ports());
        block(BLOCKS_LENGTH);
        return finish();
    }

    /// Hashes one number: of a counter that nobody sees, these are random numbers.
    ///
    /// @param word any
    /// @return 64 bits
    public long of(long word) {
        begin();
        block(word);
        block(WORD_LENGTH);
        return finish();
    }

    private void begin() {
        v0 = key0 ^ 0x736f6d6570736575L;
        v1 = key1 ^ 0x646f72616e646f6dL;
        v2 = key0 ^ 0x6c7967656e657261L;
        v3 = key1 ^ 0x7465646279746573L;
    }

    private long finish() {
        v2 ^= 0xff;
        round();
        round();
        round();
        round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void block(long word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }

    private void round() {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
    }
}
