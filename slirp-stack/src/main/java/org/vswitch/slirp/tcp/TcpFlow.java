package org.vswitch.slirp.tcp;

import org.vswitch.slirp.host.HostToken;
import org.vswitch.slirp.wire.SeqNumber;

/// One connection between a guest and a host socket: RFC 9293's variables (3.3.1) by their names, and where it is kept.
/// Reused when it ends; apart from the chunks it borrows, no connection allocates.
final class TcpFlow {
    /// The window promised at first.
    static final int INITIAL_WINDOW = 256 * 1024;
    /// The window promised at most.
    static final int MAX_WINDOW = 4 << 20;
    /// Our window scale: 4 MiB needs 7.
    static final int WINDOW_SHIFT = 7;
    /// The window without scaling.
    static final int UNSCALED_WINDOW = 65_535;
    /// No deadline.
    static final long NEVER = Long.MAX_VALUE;

    final int index;
    final FlowPath path = new FlowPath();
    final ChunkRing ring;
    final ChunkRing stash;
    final OutOfOrder outOfOrder;
    final Recovery recovery;
    final CongestionWindow congestion = new CongestionWindow();
    final RetransmitTimer timer = new RetransmitTimer();

    /// Distinguishes the connections that one object carries in turn.
    int generation;
    TcpState state = TcpState.CLOSED;

    int iss;
    int sndUna;
    int sndNxt;
    int sndWnd;
    int sndWl1;
    int sndWl2;
    int sndShift;
    /// Bytes that the guest has acknowledged so far.
    long delivered;
    int mss;
    boolean sackPermitted;
    boolean scaled;
    /// Our FIN has been sent; its number is behind the ring's last byte.
    boolean finSent;

    /// Of the guest's SYN.
    int hopLimit;
    /// Whether the host's SYN goes as far as the guest's would and no further, for the hops of the way to be seen.
    boolean tracing;

    int irs;
    int rcvNxt;
    /// RCV.NXT + RCV.WND: never taken back.
    int rcvEdge;
    int windowCap;
    /// RCV.NXT and the time when the guest had last filled a whole window.
    int windowMark;
    long windowMarkNs;
    /// RCV.NXT when the guest was told last.
    int rcvTold;
    boolean ackNow;
    /// What is to be acknowledged came in turn, and may wait for data to go with.
    boolean ackMayWait;

    int socket = -1;
    int interest;
    /// The host's stream has ended.
    boolean hostEnded;
    /// The host's side was reset. The guest gets what the host had said, then a reset as well.
    boolean hostLost;
    /// The guest's FIN was taken.
    boolean guestEnded;
    /// The host was told that the guest has ended.
    boolean outputEnded;

    /// Segments of this batch that are to be written: the first and the last index in [UpwardBatch], -1 if none.
    int firstPiece = -1;
    int lastPiece = -1;
    boolean touched;
    boolean queued;
    TcpFlow nextQueued;
    /// Whether it is one of those that only wait for TIME_WAIT's end.
    boolean waiting;
    TcpFlow olderWaiting;
    TcpFlow newerWaiting;

    /// Retransmission, probe or persist timer.
    long retransmitNs = NEVER;
    /// The state's own end: connecting, TIME_WAIT; keepalive otherwise.
    long lingerNs = NEVER;
    /// When to try again to read, after memory was short.
    long resumeNs = NEVER;
    /// When to look again for what to send: a loss to be found, or the pace.
    long sendNs = NEVER;
    /// What was sent so far is through by then, at the pace of the congestion window.
    long pacedNs = Long.MIN_VALUE;
    /// When an acknowledgement that waits is sent alone.
    long ackNs = NEVER;
    long heapDeadlineNs;
    int heapIndex = -1;
    /// Timeouts and probes since the guest was heard last.
    int unanswered;

    /// Where this connection counts among its guest's, and among those of it that are not complete; -1 if it does not.
    int place = -1;
    int incompletePlace = -1;

    TcpFlow(int index, ChunkPool pool, StretchPool stretches) {
        this.index = index;
        ring = new ChunkRing(pool);
        stash = new ChunkRing(pool);
        outOfOrder = new OutOfOrder(pool);
        recovery = new Recovery(stretches);
    }

    /// What the host's readiness is reported with.
    ///
    /// @return a number that no other connection has
    long token() {
        return HostToken.of(HostToken.TCP, generation, index);
    }

    /// SND.NXT - SND.UNA, a FIN included.
    ///
    /// @return numbers in flight
    int flight() {
        return SeqNumber.difference(sndNxt, sndUna);
    }

    /// Bytes in the ring that were never sent.
    ///
    /// @return 0 after the FIN
    int unsent() {
        return finSent ? 0 : ring.size() - flight();
    }

    /// Whether the FIN is all that is left to send, or comes with the last data.
    ///
    /// @return true until it was sent
    boolean finPending() {
        return hostEnded && !finSent && state.mayFinish();
    }

    /// The end of the window that the guest offers.
    ///
    /// @return SND.UNA + SND.WND
    int sndEdge() {
        return sndUna + sndWnd;
    }

    /// Bytes promised and not used yet.
    ///
    /// @return RCV.WND
    int rcvWnd() {
        return SeqNumber.difference(rcvEdge, rcvNxt);
    }

    /// Where the window could end now.
    ///
    /// @return how much further than it was promised; below 0 while more waits for the host than the window may be
    int windowGain() {
        return SeqNumber.difference(rcvNxt + Math.max(0, windowCap - stash.size()), rcvEdge);
    }

    /// Whether the window has opened enough to say so (RFC 9293, 3.8.6.2.2: receiver's silly window avoidance).
    ///
    /// @return true for two segments or half the window
    boolean windowOpened() {
        return windowGain() >= Math.min(2 * mss, windowCap / 2);
    }

    /// The window field of the next segment, which promises it. It is rounded down; what was promised before is taken
    /// nevertheless.
    ///
    /// @return 0 to 65,535
    int promiseWindow() {
        if (windowOpened()) {
            rcvEdge += windowGain();
        }
        rcvTold = rcvNxt;
        ackNow = false;
        ackMayWait = false;
        ackNs = NEVER;
        return Math.min(UNSCALED_WINDOW, scaled ? rcvWnd() >>> WINDOW_SHIFT : rcvWnd());
    }

    /// How much the ring may hold: enough for what the guest takes in two round trips.
    ///
    /// @return bytes
    int ringLimit() {
        return Math.clamp(2L * Math.min(sndWnd, congestion.cwnd()), ChunkPool.CHUNK_LENGTH, MAX_WINDOW - 131_072);
    }

    /// The earliest of the timers.
    ///
    /// @return [#NEVER] without any
    long earliestDeadlineNs() {
        return Math.min(Math.min(Math.min(retransmitNs, ackNs), Math.min(lingerNs, resumeNs)), sendNs);
    }

    /// Back to the state before a connection.
    void clear() {
        generation++;
        state = TcpState.CLOSED;
        ring.clear();
        stash.clear();
        outOfOrder.clear();
        recovery.reset(0, mss);
        timer.reset();
        tracing = false;
        socket = -1;
        interest = 0;
        finSent = false;
        hostEnded = false;
        hostLost = false;
        guestEnded = false;
        outputEnded = false;
        ackNow = false;
        ackMayWait = false;
        waiting = false;
        firstPiece = -1;
        lastPiece = -1;
        retransmitNs = NEVER;
        lingerNs = NEVER;
        resumeNs = NEVER;
        ackNs = NEVER;
        sendNs = NEVER;
        pacedNs = Long.MIN_VALUE;
        unanswered = 0;
        delivered = 0;
    }
}
