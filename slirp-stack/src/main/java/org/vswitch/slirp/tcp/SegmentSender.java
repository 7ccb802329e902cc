package org.vswitch.slirp.tcp;

import org.vswitch.slirp.ip.SegmentOutput;
import org.vswitch.slirp.wire.SeqNumber;
import org.vswitch.wire.Tcp;

/// Decides what of a flow's data is sent now: what is lost first, then what is new, as super-frames of up to 64 KiB,
/// within the guest's window and the congestion window (RFC 9293, 3.8; RFC 6675, 5). The FIN goes with the last byte.
///
/// No options: a segment with selective acknowledgements would be longer than the MTU, and those have been sent at
/// once. A segment's checksum field holds the pseudo header's sum; the way out completes it.
final class SegmentSender {
    /// What a flow may send before the next one's turn.
    private static final int QUANTUM = 256 * 1024;
    /// What is waited for, while acknowledgements are still to come, before a window that is all but full is used:
    /// small super-frames cost as much as large ones.
    private static final int WORTHWHILE = 32 * 1024;
    /// Super-frames are made of segments of this size at least: whoever checks them takes no smaller ones
    /// ([org.vswitch.frame.FrameBatch#addOffloadedFrame]). Only an MTU below 88 leads to such.
    private static final int LEAST_CUT = 48;
    /// How late a pass may come and make up for it. More would be bursts again, which is what the pace is against.
    private static final long LATE_NS = 1_000_000;

    private final SegmentHead head = new SegmentHead();
    private SegmentOutput output;
    private long nowNs;

    /// Sends what may be sent.
    ///
    /// @param flow whose data
    /// @param to where to
    /// @param timeNs the time
    /// @return whether there is more that may be sent: the output is full, or it is the next flow's turn
    boolean send(TcpFlow flow, SegmentOutput to, long timeNs) {
        output = to;
        nowNs = timeNs;
        int budget = QUANTUM;
        int sent = 1;
        flow.sendNs = flow.recovery.findLost(flow, nowNs);
        while (sent > 0 && budget > 0 && flow.state.sends()) {
            if (!to.hasRoom()) {
                arm(flow);
                return true;
            }
            sent = flow.pacedNs > nowNs ? 0 : sendNext(flow);
            pace(flow, sent);
            budget -= sent;
        }
        arm(flow);
        return sent > 0 && flow.state.sends();
    }

    /// Whether only an opening of the guest's window lets anything more be sent.
    ///
    /// @param flow any
    /// @return true if the guest is to be asked for its window from time to time
    static boolean isBlocked(TcpFlow flow) {
        return flow.state.sends() && flow.flight() == 0 && (flow.unsent() > 0 || flow.finPending());
    }

    /// What a pass that came late missed may be made up for.
    private void pace(TcpFlow flow, int sent) {
        long paceNs = flow.congestion.paceNs(sent);
        if (paceNs > 0) {
            flow.pacedNs = Math.max(flow.pacedNs, nowNs - LATE_NS) + paceNs;
        }
        if (flow.pacedNs > nowNs) {
            flow.sendNs = Math.min(flow.sendNs, flow.pacedNs);
        }
    }

    private int sendNext(TcpFlow flow) {
        Recovery recovery = flow.recovery;
        if (recovery.takeProbe() && flow.flight() > 0) {
            return again(flow, SeqNumber.max(flow.sndUna, flow.sndNxt - flow.mss), flow.sndNxt);
        }
        int lost = recovery.nextLost(flow);
        if (lost != flow.sndNxt) {
            int room = recovery.isForced() ? flow.mss : flow.congestion.cwnd() - recovery.pipe(flow);
            int end = SeqNumber.min(recovery.lostEnd(lost), lost + wholeSegments(flow, room));
            int sent = flow.sndWnd == 0 ? 0 : again(flow, lost, end);
            if (sent > 0) {
                flow.congestion.lost(sent);
            }
            return sent;
        }
        return fresh(flow);
    }

    /// Sends a stretch again that has been sent before, or its first piece.
    private int again(TcpFlow flow, int from, int end) {
        int offset = SeqNumber.difference(from, flow.sndUna);
        int wanted = SeqNumber.difference(end, from);
        if (wanted <= 0) {
            return 0;
        }
        int length = Math.min(wanted, Math.min(flow.ring.size() - offset, longest(flow)));
        length = length > 0 ? Math.min(length, flow.ring.contiguous(offset)) : 0;
        boolean fin = flow.finSent && offset + length == flow.ring.size() && wanted > length;
        int sent = length + (fin ? 1 : 0);
        emit(flow, from, length, fin ? Tcp.FIN | Tcp.PSH : Tcp.PSH);
        flow.recovery.sentAgain(from, from + sent, nowNs);
        return sent;
    }

    private int fresh(TcpFlow flow) {
        int unsent = flow.unsent();
        boolean finPending = flow.finPending();
        int window = SeqNumber.difference(flow.sndEdge(), flow.sndNxt);
        int length = freshLength(flow, unsent, window);
        boolean fin = finPending && length == unsent && window > length;
        if (length == 0 && !fin) {
            return 0;
        }
        emit(flow, flow.sndNxt, length, (length == unsent ? Tcp.PSH : 0) | (fin ? Tcp.FIN : 0));
        flow.sndNxt += length;
        if (fin) {
            flow.sndNxt++;
            flow.finSent = true;
            flow.state = flow.state.finSent();
        }
        flow.recovery.sent(flow, nowNs);
        return Math.max(1, length);
    }

    /// How much new data goes into the next segment: whole segments, or the rest (sender's silly window avoidance,
    /// RFC 9293, 3.8.6.2.1); less than a segment of a small window only if nothing is on its way that would open it.
    private static int freshLength(TcpFlow flow, int unsent, int window) {
        int room = Math.min(window, flow.congestion.cwnd() - flow.recovery.pipe(flow));
        if (unsent <= 0 || room <= 0) {
            return 0;
        }
        int most = Math.min(unsent, Math.min(longest(flow), flow.ring.contiguous(flow.flight())));
        if (most <= room) {
            return most == unsent || most < flow.mss ? most : most / flow.mss * flow.mss;
        }
        boolean worthwhile = room >= flow.mss && (flow.flight() == 0 || room >= Math.min(flow.congestion.cwnd() / 4,
                WORTHWHILE));
        return worthwhile ? room / flow.mss * flow.mss : flow.flight() == 0 ? room : 0;
    }

    private static int wholeSegments(TcpFlow flow, int room) {
        return room < flow.mss ? 0 : Math.min(longest(flow), room) / flow.mss * flow.mss;
    }

    private static int longest(TcpFlow flow) {
        return flow.mss < LEAST_CUT ? flow.mss : ChunkRing.MAX_PAYLOAD;
    }

    private void emit(TcpFlow flow, int seq, int length, int flags) {
        head.seq = seq;
        head.ack = flow.rcvNxt;
        head.flags = Tcp.ACK | flags;
        head.wnd = flow.promiseWindow();
        int headLength = head.write(output.head(), flow.path, length);
        int offset = SeqNumber.difference(seq, flow.sndUna);
        output.send(headLength, length == 0 ? 0 : flow.ring.address(offset), length, flow.mss);
    }

    /// Starts the timer if something is in flight and it is not running: first for a tail-loss probe, then for good.
    private void arm(TcpFlow flow) {
        if (flow.retransmitNs != TcpFlow.NEVER) {
            return;
        }
        if (flow.flight() > 0) {
            boolean probe = flow.sackPermitted && flow.recovery.mayProbe();
            flow.retransmitNs = nowNs + (probe ? flow.timer.probeNs() : flow.timer.timeoutNs());
        } else if (isBlocked(flow)) {
            flow.retransmitNs = nowNs + flow.timer.timeoutNs();
        }
    }
}
