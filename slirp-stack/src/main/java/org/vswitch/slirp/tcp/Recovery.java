package org.vswitch.slirp.tcp;

import org.vswitch.slirp.wire.SeqNumber;

/// What of the data in flight is lost, and what of that has been sent again. One per flow.
///
/// Theory of operation. Three numbers describe it all: what is not reported by selective acknowledgements and lies
/// below `lostEdge` counts as lost; what lies below `highRxt` has been sent again; the recovery ends when everything is
/// acknowledged that had been sent when it began (`recoveryPoint`). With three duplicate acknowledgements, or three
/// segments reported beyond a gap, the edge is the highest byte reported (RFC 6675), or one segment where the guest
/// reports nothing (RFC 6582); after a timeout it is everything in flight, reports forgotten (RFC 2018, 8). What is
/// sent again and lost again waits for the timeout. A tail-loss probe (RFC 8985, 7) sends the last segment again
/// before the timeout does, so that what is lost at the end of a burst is reported as well.
final class Recovery {
    private static final int DUPLICATE_THRESHOLD = 3;

    private final SackScoreboard scoreboard = new SackScoreboard();
    private int mss;
    private int duplicates;
    private boolean recovering;
    private int recoveryPoint;
    private int highRxt;
    private int lostEdge;
    /// The next retransmission does not ask the congestion window (RFC 6675, 5, step 4.3).
    private boolean forced;
    /// SND.NXT when the first byte that is missing was sent again last: once something beyond that is reported, the
    /// repetition is lost as well (compare RFC 8985, 6.2).
    private int rescueEdge;
    private boolean probed;
    private boolean probeDue;

    /// Begins anew.
    ///
    /// @param sndUna the first number not acknowledged
    /// @param segmentSize bytes of a full segment
    void reset(int sndUna, int segmentSize) {
        scoreboard.clear();
        mss = segmentSize;
        duplicates = 0;
        recovering = false;
        recoveryPoint = sndUna;
        highRxt = sndUna;
        lostEdge = sndUna;
        rescueEdge = sndUna;
        forced = false;
        probed = false;
        probeDue = false;
    }

    /// Whether a loss is being repaired.
    ///
    /// @return true until everything is acknowledged that was sent when it was found
    boolean isRecovering() {
        return recovering;
    }

    /// Takes a block of a selective acknowledgement; nonsense is ignored.
    ///
    /// @param from left edge
    /// @param to right edge
    /// @param flow whose data it is about
    /// @return whether it reports something new
    boolean report(int from, int to, TcpFlow flow) {
        return SeqNumber.lessThan(from, to) && SeqNumber.lessThan(flow.sndUna, from)
                && SeqNumber.atMost(to, flow.sndNxt) && scoreboard.add(from, to);
    }

    /// Something new was acknowledged.
    ///
    /// @param sndUna the first number not acknowledged now
    void advanced(int sndUna) {
        scoreboard.acknowledged(sndUna);
        duplicates = 0;
        probed = false;
        probeDue = false;
        highRxt = SeqNumber.max(highRxt, sndUna);
        lostEdge = SeqNumber.max(lostEdge, sndUna);
        if (recovering && SeqNumber.atMost(recoveryPoint, sndUna)) {
            recovering = false;
            lostEdge = sndUna;
        } else if (recovering && scoreboard.isEmpty() && lostEdge == sndUna) {
            lostEdge = SeqNumber.min(sndUna + mss, recoveryPoint);
            forced = true;
        }
    }

    /// A duplicate acknowledgement, or news of what came beyond a gap.
    ///
    /// @param flow whose data is missing
    /// @param news whether something new was reported
    /// @return whether a loss was found just now
    boolean duplicate(TcpFlow flow, boolean news) {
        duplicates++;
        boolean found = !recovering && (duplicates >= DUPLICATE_THRESHOLD || probed && news
                || scoreboard.bytes(flow.sndUna, flow.sndNxt) >= DUPLICATE_THRESHOLD * mss);
        if (found) {
            begin(flow);
            lostEdge = SeqNumber.min(flow.sndUna + mss, flow.sndNxt);
            forced = true;
        }
        if (recovering && !scoreboard.isEmpty()) {
            lostEdge = SeqNumber.max(lostEdge, scoreboard.highest());
            if (SeqNumber.lessThan(flow.sndUna, highRxt) && SeqNumber.lessThan(rescueEdge, scoreboard.highest())) {
                highRxt = flow.sndUna;
                forced = true;
            }
        }
        return found;
    }

    /// Everything in flight counts as lost.
    ///
    /// @param flow whose timer expired
    void timeout(TcpFlow flow) {
        scoreboard.clear();
        duplicates = 0;
        begin(flow);
        lostEdge = flow.sndNxt;
        forced = true;
    }

    /// Asks for a tail-loss probe.
    ///
    /// @return false if there was one since the last progress, or a loss is known anyway
    boolean probe() {
        if (probed || recovering) {
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
    /// @return true while no loss is known and none was probed for
    boolean mayProbe() {
        return !probed && !recovering;
    }

    /// The next byte to send again.
    ///
    /// @param flow whose data it is
    /// @return its number, SND.NXT if there is none
    int nextLost(TcpFlow flow) {
        int hole = scoreboard.holeStart(highRxt);
        return SeqNumber.lessThan(hole, lostEdge) ? hole : flow.sndNxt;
    }

    /// Where the stretch to send again ends.
    ///
    /// @param lost its first byte
    /// @return behind its last byte
    int lostEnd(int lost) {
        return scoreboard.holeEnd(lost, lostEdge);
    }

    /// Whether the congestion window is not to be asked about the next retransmission.
    ///
    /// @return true for the first one
    boolean isForced() {
        return forced;
    }

    /// Something was sent again.
    ///
    /// @param from its first byte
    /// @param end behind its last byte
    /// @param flow whose data it is
    void sentAgain(int from, int end, TcpFlow flow) {
        if (from == flow.sndUna) {
            rescueEdge = flow.sndNxt;
        }
        highRxt = SeqNumber.max(highRxt, end);
        forced = false;
    }

    /// How much has arrived beyond what is missing.
    ///
    /// @param flow whose data it is
    /// @return bytes reported
    int reported(TcpFlow flow) {
        return scoreboard.bytes(flow.sndUna, flow.sndNxt);
    }

    /// How much is believed to be on its way (RFC 6675, 4, pipe).
    ///
    /// @param flow whose data it is
    /// @return bytes
    int pipe(TcpFlow flow) {
        int flight = flow.flight();
        if (!recovering && scoreboard.isEmpty()) {
            return flight;
        }
        int arrived = scoreboard.isEmpty() ? duplicates * mss : scoreboard.bytes(flow.sndUna, flow.sndNxt);
        int lost = SeqNumber.lessThan(highRxt, lostEdge)
                ? SeqNumber.difference(lostEdge, highRxt) - scoreboard.bytes(highRxt, lostEdge) : 0;
        return Math.max(0, flight - arrived - lost);
    }

    private void begin(TcpFlow flow) {
        recovering = true;
        recoveryPoint = flow.sndNxt;
        highRxt = flow.sndUna;
        probeDue = false;
    }
}
