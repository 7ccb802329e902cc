package org.vswitch.slirp.tcp;

/// So many a second, and no more: for answers that a guest, or somebody in its name, can provoke (RFC 5961, 7).
final class RateLimit {
    private static final long SECOND_NS = 1_000_000_000L;

    private final int perSecond;
    private long second = Long.MIN_VALUE;
    private int used;

    RateLimit(int perSecond) {
        this.perSecond = perSecond;
    }

    /// Asks for one.
    ///
    /// @param nowNs the time
    /// @return false if this second's are used up
    boolean allows(long nowNs) {
        long current = Math.floorDiv(nowNs, SECOND_NS);
        if (current != second) {
            second = current;
            used = 0;
        }
        return used++ < perSecond;
    }
}
