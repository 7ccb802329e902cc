package org.vswitch.link;

/// Whether the source of the batch in hand should wait: what the endpoints that its frames went to could do with them.
///
/// Theory of operation. A sender that is faster than its receiver fills the receiver's socket and backlog, and from
/// then on each frame is received in vain, with CPU time that the receiver would need. A source may therefore be
/// paused, as IEEE 802.3 annex 31B pauses a station, under conditions that keep a slow receiver from disturbing anybody
/// else: every endpoint that the whole batch went to has frames waiting (if one flows, the source goes on), and each of
/// them took frames less than [#PATIENCE_NS] ago (one that is stuck is not waited for). Whoever pauses the source ends
/// the pause when [#isRelieved], or after [#PATIENCE_NS]. Nobody else's ingress is touched.
///
/// Measured at saturation, 64 bytes: without it 40 % of the frames were received only to be dropped, and a delivered
/// one cost 1.4 times the CPU. Rejected: to yield or to rest for 50 us after a pass in vain, which holds up everybody
/// and gained two thirds of it.
///
/// Used by the data-plane thread alone.
public final class Congestion {
    /// How long a receiver that takes nothing is waited for.
    public static final long PATIENCE_NS = 5_000_000;

    private long nowNs;
    private int flowing;
    private int clogged;
    private boolean waits;
    private boolean relieved;
    private long reliefs;

    Congestion() {
    }

    /// Begins a pass.
    ///
    /// @param timeNs the time of the pass
    public void beginPass(long timeNs) {
        nowNs = timeNs;
    }

    /// Begins a batch of one source.
    public void beginBatch() {
        flowing = 0;
        clogged = 0;
        waits = false;
    }

    /// Whether the source of the batch, now forwarded, should be paused.
    ///
    /// @return true if it went nowhere but to endpoints that will have room soon
    public boolean isSourceToWait() {
        return clogged > 0 && flowing == 0;
    }

    /// Whether the batch, now forwarded, was taken at once wherever it went.
    ///
    /// @return false if some of it waits, or what was there before
    public boolean isTakenAtOnce() {
        return !waits;
    }

    /// Whether paused sources may go on.
    ///
    /// @return true if a link took frames from a backlog since [#endRelief]
    public boolean isRelieved() {
        return relieved;
    }

    /// How often a link took frames from a backlog.
    ///
    /// @return a count
    long reliefs() {
        return reliefs;
    }

    /// Says that the sources go on: what links took so far counts no more.
    public void endRelief() {
        relieved = false;
    }

    /// The time of the pass.
    long nowNs() {
        return nowNs;
    }

    /// An endpoint was offered frames, and none waits.
    void flows() {
        flowing++;
    }

    /// An endpoint was offered frames, and some wait.
    ///
    /// @param tookNs when its link last took one
    void clogs(long tookNs) {
        waits = true;
        if (nowNs - tookNs < PATIENCE_NS) {
            clogged++;
        } else {
            flowing++;
        }
    }

    /// A link took frames that had waited.
    void relieve() {
        relieved = true;
        reliefs++;
    }
}
