package org.vswitch.slirp.tcp;

/// How much may be on its way to the guest: NewReno (RFC 5681, RFC 6582) with a large initial window, since the way is
/// short and its bottleneck is a bounded queue of the switch. One per flow.
final class CongestionWindow {
    private static final int INITIAL_SEGMENTS = 64;
    private static final int LEAST_SEGMENTS = 10;
    private static final int MAX = 8 << 20;

    private int mss;
    private int cwnd;
    private int ssthresh;
    private int acknowledged;

    /// Begins anew.
    ///
    /// @param segmentSize bytes of a full segment
    void reset(int segmentSize) {
        mss = segmentSize;
        cwnd = (int) Math.min(MAX, (long) INITIAL_SEGMENTS * mss);
        ssthresh = MAX;
        acknowledged = 0;
    }

    /// How much may be on its way.
    ///
    /// @return bytes
    int cwnd() {
        return cwnd;
    }

    /// Whether the window grows with every acknowledgement.
    ///
    /// @return true below the slow start threshold
    boolean isSlowStart() {
        return cwnd < ssthresh;
    }

    /// New data was acknowledged while no loss was being repaired, or while everything is sent again after a timeout.
    ///
    /// @param bytes acknowledged
    /// @param flight bytes on their way before; a window that was not used does not grow (RFC 7661)
    void acknowledged(int bytes, int flight) {
        if (2 * flight < cwnd) {
            return;
        }
        if (cwnd < ssthresh) {
            cwnd = Math.min(MAX, cwnd + bytes);
            return;
        }
        acknowledged += bytes;
        if (acknowledged >= cwnd) {
            acknowledged -= cwnd;
            cwnd = Math.min(MAX, cwnd + mss);
        }
    }

    /// A loss was found by what the guest reports.
    ///
    /// @param flight bytes in flight
    void lost(int flight) {
        ssthresh = Math.max(flight / 2, LEAST_SEGMENTS * mss);
        cwnd = ssthresh;
        acknowledged = 0;
    }

    /// A loss was found by the timer.
    ///
    /// @param flight bytes in flight
    void timeout(int flight) {
        lost(flight);
        cwnd = 2 * mss;
    }
}
