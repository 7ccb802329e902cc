package org.vswitch.slirp.ip;

import java.util.Arrays;

/// Token buckets, one for each guest and one for all together, by time handed in (RFC 4443, 2.4 f; RFC 1812, 4.3.2.8).
///
/// A bucket is one number: the time at which it would be full again. A token moves it on by one interval, and there
/// is a token as long as that leaves it no further ahead than the burst. Guests are told apart by a hash of their
/// station address; two that meet in one bucket share it, so that the memory is bounded whatever stations somebody
/// invents.
public final class RateLimit {
    private static final int BUCKETS = 256;
    private static final int HASH_SHIFT = Integer.SIZE - 8;
    private static final int HASH_MULTIPLIER = 0x9e37_79b1;
    private static final long SECOND_NS = 1_000_000_000L;
    /// No time has been seen by a bucket.
    private static final long UNTOUCHED = Long.MIN_VALUE;

    private final long[] fullNs = new long[BUCKETS];
    private long allFullNs = UNTOUCHED;
    private final long intervalNs;
    private final long allIntervalNs;
    private final int burst;

    /// Full buckets.
    ///
    /// @param perSecond messages per second of one guest
    /// @param allPerSecond messages per second of all together
    /// @param burst how many may follow each other at once, in both kinds of bucket the more the faster it fills
    public RateLimit(int perSecond, int allPerSecond, int burst) {
        this.intervalNs = SECOND_NS / perSecond;
        this.allIntervalNs = SECOND_NS / allPerSecond;
        this.burst = burst;
        Arrays.fill(fullNs, UNTOUCHED);
    }

    /// Takes a token of a guest and one of all.
    ///
    /// @param guest its MAC address
    /// @param nowNs the time
    /// @return false if one of the two is missing; then none is taken
    public boolean permits(long guest, long nowNs) {
        int bucket = ((int) guest ^ (int) (guest >>> Integer.SIZE)) * HASH_MULTIPLIER >>> HASH_SHIFT;
        long own = taken(fullNs[bucket], intervalNs, nowNs);
        long all = taken(allFullNs, allIntervalNs, nowNs);
        // The bucket of all is as long in time as a guest's, so that it holds more tokens.
        if (own - nowNs > burst * intervalNs || all - nowNs > burst * intervalNs) {
            return false;
        }
        fullNs[bucket] = own;
        allFullNs = all;
        return true;
    }

    private static long taken(long fullNs, long intervalNs, long nowNs) {
        boolean full = fullNs == UNTOUCHED || fullNs - nowNs < 0;
        return (full ? nowNs : fullNs) + intervalNs;
    }
}
