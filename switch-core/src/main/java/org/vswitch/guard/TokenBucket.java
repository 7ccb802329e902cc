package org.vswitch.guard;

/// A rate with a burst: units come in evenly, a tenth of a second's worth is kept at most, and what finds too few is
/// refused. Time is a number that the caller moves.
final class TokenBucket {
    private static final double SECOND_NS = 1e9;
    private static final double BURST_SECONDS = 0.1;

    private final double unitsPerSecond;
    private final double depth;
    private double tokens;
    private long lastNs;

    /// A full bucket.
    ///
    /// @param unitsPerSecond 1 to [GuardRates#MAX]; 0 for no limit
    /// @param leastBurst units that always fit into it, so that the largest request is possible
    /// @param nowNs the time
    TokenBucket(long unitsPerSecond, long leastBurst, long nowNs) {
        this.unitsPerSecond = unitsPerSecond;
        this.depth = Math.max(unitsPerSecond * BURST_SECONDS, leastBurst);
        this.tokens = depth;
        this.lastNs = nowNs;
    }

    /// Takes units out, if there are as many.
    ///
    /// @param units how many, at most the burst
    /// @param nowNs the time; one before that of the last call adds nothing
    /// @return false if there are too few, which then stay
    boolean take(long units, long nowNs) {
        if (unitsPerSecond == 0) {
            return true;
        }
        if (nowNs > lastNs) {
            tokens = Math.min(depth, tokens + (nowNs - lastNs) * unitsPerSecond / SECOND_NS);
            lastNs = nowNs;
        }
        if (tokens < units) {
            return false;
        }
        tokens -= units;
        return true;
    }
}
