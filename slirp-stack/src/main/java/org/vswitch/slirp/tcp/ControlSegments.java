package org.vswitch.slirp.tcp;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.ip.Outbox;
import org.vswitch.slirp.ip.RateLimit;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.wire.SeqNumber;
import org.vswitch.wire.Tcp;

/// Segments without text: acknowledgements, SYN-ACK, resets, probes. Whole frames for the [Outbox]; what finds it
/// full is counted and either asked for again by the guest or sent again by a timer, like anything that is lost.
final class ControlSegments {
    /// How long an acknowledgement waits for data to go with.
    static final long ACK_DELAY_NS = 1_000_000L;
    private static final int SACK_BLOCKS = 3;
    /// Ethernet's least, without the check sequence.
    private static final int LEAST_FRAME = 60;
    /// Of one guest (RFC 5961, 7), and of all together.
    private static final int PER_SECOND = 1_000;
    private static final int ALL_PER_SECOND = 4_000;

    private final Outbox outbox;
    private final StackCounters counters;
    private final int mtu;
    private final SegmentHead head = new SegmentHead();
    private final RateLimit challenges = new RateLimit(PER_SECOND, ALL_PER_SECOND, PER_SECOND);
    private final RateLimit resets = new RateLimit(PER_SECOND, ALL_PER_SECOND, PER_SECOND);
    private final int[] edges = new int[2 * SACK_BLOCKS];

    ControlSegments(Outbox outbox, StackCounters counters, int mtu) {
        this.outbox = outbox;
        this.counters = counters;
        this.mtu = mtu;
    }

    /// Acknowledges what has come, with what is there beyond gaps. If the outbox is full it stays due.
    ///
    /// @param flow whose
    void acknowledge(TcpFlow flow) {
        flow.ackNow = true;
        head.flags = Tcp.ACK;
        head.seq = flow.sndNxt;
        addSack(flow);
        emit(flow);
    }

    /// Acknowledges what came in turn, or lets that wait a little for data to go with: less than two segments (RFC
    /// 9293, 3.8.6.3; RFC 1122, 4.2.3.2). The wait is so short that a sender that waits for the acknowledgement
    /// (Nagle's algorithm) hardly feels it.
    ///
    /// @param flow whose `ackNow` is set
    /// @param nowNs the time
    void acknowledgeInTime(TcpFlow flow, long nowNs) {
        int untold = SeqNumber.difference(flow.rcvNxt, flow.rcvTold);
        if (!flow.ackMayWait || untold >= 2 * flow.mss || flow.stash.size() > 0) {
            acknowledge(flow);
            return;
        }
        flow.ackNow = false;
        flow.ackMayWait = false;
        if (flow.ackNs == TcpFlow.NEVER) {
            flow.ackNs = nowNs + ACK_DELAY_NS;
        }
    }

    /// Acknowledges something that a segment out of turn was about (RFC 5961), not too often.
    ///
    /// @param flow whose
    /// @param nowNs the time
    void challenge(TcpFlow flow, long nowNs) {
        if (challenges.permits(flow.path.guestMac, nowNs)) {
            acknowledge(flow);
        } else {
            counters.count(StackDrop.RATE_LIMIT);
        }
    }

    /// Asks the guest for a sign of life and its window: an acknowledgement with an old number (RFC 9293, 3.8.4,
    /// 3.8.6.1).
    ///
    /// @param flow whose
    void probe(TcpFlow flow) {
        head.flags = Tcp.ACK;
        head.seq = flow.sndUna - 1;
        emit(flow);
    }

    /// Sends SYN-ACK, the first time or again.
    ///
    /// @param flow in SYN_RECEIVED
    void synAck(TcpFlow flow) {
        head.flags = Tcp.SYN | Tcp.ACK;
        head.seq = flow.iss;
        head.options.mss(ownMss(flow.path.isV4()));
        if (flow.scaled) {
            head.options.windowScale(TcpFlow.WINDOW_SHIFT);
        }
        if (flow.sackPermitted) {
            head.options.sackPermitted();
        }
        head.ack = flow.rcvNxt;
        head.wnd = Math.min(TcpFlow.UNSCALED_WINDOW, flow.rcvWnd());
        send(flow.path);
    }

    /// Tells the guest that its connection is gone.
    ///
    /// @param flow whose
    void reset(TcpFlow flow) {
        head.flags = Tcp.RST | Tcp.ACK;
        head.seq = flow.sndNxt;
        head.ack = flow.rcvNxt;
        head.wnd = 0;
        send(flow.path);
    }

    /// Answers a segment that belongs to no connection (RFC 9293, 3.10.7.1), not too often.
    ///
    /// @param path where it came from
    /// @param segment without RST
    /// @param nowNs the time
    void refuse(FlowPath path, Segment segment, long nowNs) {
        if (!resets.permits(path.guestMac, nowNs)) {
            counters.count(StackDrop.RATE_LIMIT);
            return;
        }
        boolean acknowledges = segment.has(Tcp.ACK);
        head.flags = acknowledges ? Tcp.RST : Tcp.RST | Tcp.ACK;
        head.seq = acknowledges ? segment.ack : 0;
        head.ack = acknowledges ? 0 : segment.end();
        head.wnd = 0;
        send(path);
    }

    /// The segment size that we offer.
    ///
    /// @param v4 which family
    /// @return what is left of an MTU, options not counted (RFC 6691)
    int ownMss(boolean v4) {
        return mtu - (v4 ? 40 : 60);
    }

    private void addSack(TcpFlow flow) {
        if (flow.sackPermitted && !flow.outOfOrder.isEmpty()) {
            int blocks = flow.outOfOrder.blocks(edges, SACK_BLOCKS);
            for (int i = 0; i < blocks; i++) {
                head.options.addSack(edges[2 * i], edges[2 * i + 1]);
            }
        }
    }

    private void emit(TcpFlow flow) {
        head.ack = flow.rcvNxt;
        boolean wasDue = flow.ackNow;
        head.wnd = flow.promiseWindow();
        flow.ackNow = !send(flow.path) && wasDue;
    }

    private boolean send(FlowPath path) {
        int length = head.length(path);
        long frame = outbox.begin(Math.max(LEAST_FRAME, length));
        if (frame == 0) {
            head.options.clear();
            counters.count(StackDrop.OUTPUT_FULL);
            return false;
        }
        if (length < LEAST_FRAME) {
            NativeMemory.zero(frame + length, LEAST_FRAME - length);
        }
        head.writeWhole(frame, path);
        outbox.commit();
        return true;
    }
}
