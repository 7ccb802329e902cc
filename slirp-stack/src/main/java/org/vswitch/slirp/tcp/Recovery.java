package org.vswitch.slirp.tcp;

import org.vswitch.slirp.wire.SeqNumber;

/// What of the data in flight is lost, and what of that has been sent again. One per flow.
///
/// Theory of operation. A guest that reports what it has (RFC 2018) is told by time what is missing: what was sent
/// before something that has arrived ([Rack], RFC 8985). With one that reports nothing, three duplicate
/// acknowledgements mean that a segment is missing, and an acknowledgement of a part that the next one is (RFC 6582).
/// The recovery ends when everything is acknowledged that had been sent when it began (`recoveryPoint`). A tail-loss
/// probe (RFC 8985, 7) sends the last segment again before the timeout does, so that what is lost at the end of a burst
/// is found out about as well. After a timeout everything counts as lost that had the time to arrive, and after two in
/// a row also what was reported: the guest may have thrown it away (RFC 2018, 8).
final class Recovery {
    private static final int DUPLICATE_THRESHOLD = 3;

    private final Rack rack = new Rack();
    private final RetransmissionQueue queue;
    private int mss;
    private int duplicates;
    private boolean recovering;
    private int recoveryPoint;
    /// The next retransmission does not ask the congestion window (RFC 6675, 5, step 4.3).
    private boolean forced;
    private boolean probed;
    private boolean probeDue;
    /// When something was sent last: what is sent again later in a pass is told from it by a nanosecond.
    private long sentNs;

    Recovery(StretchPool pool) {
        queue = new RetransmissionQueue(pool, rack);
    }

    /// Begins anew.
    ///
    /// @param sndUna the first number not acknowledged, and the next to be sent
    /// @param segmentSize bytes of a full segment
    void reset(int sndUna, int segmentSize) {
        rack.reset(sndUna);
        queue.reset(sndUna);
        mss = segmentSize;
        duplicates = 0;
        recovering = false;
        recoveryPoint = sndUna;
        forced = false;
        probed = false;
        probeDue = false;
        sentNs = Long.MIN_VALUE;
    }

    /// Whether a loss is being repaired.
    ///
    /// @return true until everything is acknowledged that was sent when it was found
    boolean isRecovering() {
        return recovering;
    }

    /// A segment is being taken that may acknowledge or report something.
    ///
    /// @param flow whose
    /// @param nowNs the time
    void begin(TcpFlow flow, long nowNs) {
        rack.begin(nowNs, flow.congestion.shortestNs());
    }

    /// The round trip of what arrived since [#begin].
    ///
    /// @return nanoseconds, 0 if there is none
    long roundTripNs() {
        return rack.sampleNs();
    }

    /// When the newest of all that has arrived was sent.
    ///
    /// @return a time
    long newestNs() {
        return rack.newestNs();
    }

    /// Takes a block of a selective acknowledgement; nonsense is ignored.
    ///
    /// @param from left edge
    /// @param to right edge
    /// @param flow whose data it is about
    /// @return whether it reports something new
    boolean report(int from, int to, TcpFlow flow) {
        return SeqNumber.lessThan(from, to) && SeqNumber.lessThan(flow.sndUna, from)
                && SeqNumber.atMost(to, flow.sndNxt) && queue.report(from, to);
    }

    /// Something new was acknowledged.
    ///
    /// @param flow whose SND.UNA has advanced
    void advanced(TcpFlow flow) {
        queue.acknowledged(flow.sndUna);
        duplicates = 0;
        probed = false;
        probeDue = false;
        if (recovering && SeqNumber.atMost(recoveryPoint, flow.sndUna)) {
            recovering = false;
        } else if (recovering && !flow.sackPermitted) {
            queue.loseUpTo(SeqNumber.min(flow.sndUna + mss, recoveryPoint), Long.MAX_VALUE);
            forced = true;
        }
    }

    /// A duplicate acknowledgement of a guest that reports nothing.
    ///
    /// @param flow whose data is missing
    void duplicate(TcpFlow flow) {
        duplicates++;
        if (!recovering && duplicates >= DUPLICATE_THRESHOLD) {
            enter(flow);
            queue.loseUpTo(SeqNumber.min(flow.sndUna + mss, flow.sndNxt), Long.MAX_VALUE);
        }
    }

    /// Looks for losses among what the guest has not reported.
    ///
    /// @param flow whose data it is
    /// @param nowNs the time
    /// @return when to look again though nothing came, [TcpFlow#NEVER] if there is no need
    long findLost(TcpFlow flow, long nowNs) {
        if (!flow.sackPermitted || !recovering && queue.reported() == 0) {
            return TcpFlow.NEVER;
        }
        boolean inOrder = recovering || queue.reported() >= DUPLICATE_THRESHOLD * mss;
        int before = queue.lost();
        long againNs = queue.findLost(inOrder, nowNs);
        if (!recovering && queue.lost() > before) {
            enter(flow);
        }
        return againNs;
    }

    /// What is in flight counts as lost (RFC 8985, 6.3).
    ///
    /// @param flow whose timer expired
    /// @param nowNs the time
    void timeout(TcpFlow flow, long nowNs) {
        duplicates = 0;
        if (flow.timer.backOffs() > 1) {
            queue.forgetReports();
        }
        queue.loseUpTo(flow.sndNxt, flow.sackPermitted ? nowNs - flow.timer.smoothedNs() : Long.MAX_VALUE);
        enter(flow);
    }

    /// Asks for a tail-loss probe.
    ///
    /// @return false if there was one since the last progress, or reports tell of a loss anyway
    boolean probe() {
        if (!mayProbe()) {
            return false;
        }
        probed = true;
        probeDue = true;
        return true;
    }

    /// Whether a tail-loss probe is to be sent, which it is then.
    ///
    /// @return true once per probe
    boolean takeProbe() {
        boolean due = probeDue;
        probeDue = false;
        return due;
    }

    /// Whether the timer is to wait for a probe rather than for the timeout.
    ///
    /// @return true while nothing tells of a loss and none was probed for
    boolean mayProbe() {
        return !probed && !recovering && queue.reported() == 0;
    }

    /// The next byte to send again.
    ///
    /// @param flow whose data it is
    /// @return its number, SND.NXT if there is none
    int nextLost(TcpFlow flow) {
        return queue.firstLost(flow.sndNxt);
    }

    /// Where the stretch to send again ends.
    ///
    /// @param lost its first byte
    /// @return behind its last byte
    int lostEnd(int lost) {
        return queue.lostEnd(lost);
    }

    /// Whether the congestion window is not to be asked about the next retransmission.
    ///
    /// @return true for the first one
    boolean isForced() {
        return forced;
    }

    /// New data was sent.
    ///
    /// @param flow whose SND.NXT has advanced
    /// @param nowNs the time
    void sent(TcpFlow flow, long nowNs) {
        sentNs = Math.max(sentNs, nowNs);
        queue.append(flow.sndNxt, sentNs);
    }

    /// Something was sent again.
    ///
    /// @param from its first byte
    /// @param end behind its last byte
    /// @param nowNs the time
    void sentAgain(int from, int end, long nowNs) {
        sentNs = Math.max(sentNs + 1, nowNs);
        queue.sentAgain(from, end, sentNs);
        forced = false;
    }

    /// How much has arrived beyond what is missing.
    ///
    /// @return bytes reported
    int reported() {
        return queue.reported();
    }

    /// How much is believed to be on its way (RFC 6675, 4, pipe).
    ///
    /// @param flow whose data it is
    /// @return bytes
    int pipe(TcpFlow flow) {
        int unreported = recovering && !flow.sackPermitted ? duplicates * mss : 0;
        return Math.max(0, flow.flight() - queue.reported() - queue.lost() - unreported);
    }

    private void enter(TcpFlow flow) {
        recovering = true;
        recoveryPoint = flow.sndNxt;
        probeDue = false;
        forced = true;
        flow.retransmitNs = TcpFlow.NEVER;
    }
}
