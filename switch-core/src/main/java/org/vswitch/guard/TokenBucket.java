package org.vswitch.guard;

/// A rate with a burst: units come in evenly, a tenth of a second's worth is kept at most, and what finds none is
/// refused. What finds too few takes them on credit, so that a super-frame, which needs more at once than small frames
/// beside it ever leave over, has the same chance as they; over time the rate is kept. Time is a number that the caller
/// moves.
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
    /// @param leastBurst units that always fit into it
    /// @param nowNs the time
    TokenBucket(long unitsPerSecond, long leastBurst, long nowNs) {
        this.unitsPerSecond = unitsPerSecond;
        this.depth = Math.max(unitsPerSecond * BURST_SECONDS, leastBurst);
        this.tokens = depth;
        this.lastNs = nowNs;
    }

    /// Takes units out, if there are any.
    ///
    /// @param units how many
    /// @param nowNs the time; one before that of the last call adds nothing
    /// @return false if there is not one
    boolean take(long units, long nowNs) {
        if (unitsPerSecond == 0) {
            return true;
        }
        if (nowNs > lastNs) {
            tokens = Math.min(depth, tokens + (nowNs - lastNs) * unitsPerSecond / SECOND_NS);
            lastNs = nowNs;
        }
        if (tokens < 1) {
            return false;
        }
        tokens -= units;
        return true;
    }
}
