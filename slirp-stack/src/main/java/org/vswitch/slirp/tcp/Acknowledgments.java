package org.vswitch.slirp.tcp;

import org.vswitch.slirp.wire.SeqNumber;
import org.vswitch.wire.Tcp;

/// What a guest's acknowledgements do (RFC 9293, 3.10.7.4, fifth): they free the ring, open the window, tell of losses.
final class Acknowledgments {
    private final Connections connections;

    Acknowledgments(Connections connections) {
        this.connections = connections;
    }

    /// Takes an acknowledgement.
    ///
    /// @param flow behind its handshake
    /// @param segment acceptable, with ACK
    /// @param nowNs the time
    /// @return false if the segment is to be dropped: it acknowledges what was never sent, or is far too old (RFC
    ///     5961, 5)
    boolean take(TcpFlow flow, Segment segment, long nowNs) {
        if (SeqNumber.lessThan(flow.sndNxt, segment.ack)
                || SeqNumber.lessThan(segment.ack, flow.sndUna - TcpFlow.MAX_WINDOW * 2)) {
            connections.challenge(flow, nowNs);
            return false;
        }
        int window = segment.wnd << flow.sndShift;
        flow.recovery.begin(flow, nowNs);
        boolean probing = flow.recovery.mayProbe();
        boolean news = reports(flow, segment);
        if (news && probing) {
            flow.retransmitNs = TcpFlow.NEVER; // the sender arms it for a timeout instead
        }
        int bytes = Math.max(0, SeqNumber.difference(segment.ack, flow.sndUna));
        if (bytes > 0) {
            advance(flow, segment.ack);
        } else if (!flow.sackPermitted && isDuplicate(flow, segment, window)) {
            flow.recovery.duplicate(flow);
        }
        if (bytes > 0 || news) {
            measure(flow, bytes, nowNs);
        }
        updateWindow(flow, segment, window);
        if (flow.flight() == 0 && !SegmentSender.isBlocked(flow)) {
            flow.retransmitNs = TcpFlow.NEVER;
        }
        connections.queue.add(flow);
        return true;
    }

    private static boolean reports(TcpFlow flow, Segment segment) {
        boolean news = false;
        for (int i = 0; flow.sackPermitted && i < segment.options.sackCount(); i++) {
            news |= flow.recovery.report(segment.options.sackLeft(i), segment.options.sackRight(i), flow);
        }
        return news;
    }

    private static boolean isDuplicate(TcpFlow flow, Segment segment, int window) {
        return segment.ack == flow.sndUna && flow.flight() > 0 && segment.length == 0 && !segment.has(Tcp.FIN)
                && window == flow.sndWnd;
    }

    /// What arrived tells how long and how wide the way is.
    private static void measure(TcpFlow flow, int bytes, long nowNs) {
        long roundTripNs = flow.recovery.roundTripNs();
        if (roundTripNs > 0) {
            flow.timer.sample(roundTripNs);
            flow.congestion.roundTrip(roundTripNs, nowNs);
        }
        flow.delivered += bytes;
        long arrived = flow.delivered + flow.recovery.reported();
        flow.congestion.acknowledged(flow.recovery.newestNs(), arrived, nowNs);
        if (!flow.recovery.isRecovering()) {
            flow.congestion.recovered();
        }
    }

    private static void advance(TcpFlow flow, int ack) {
        int bytes = SeqNumber.difference(ack, flow.sndUna);
        flow.ring.drop(Math.min(bytes, flow.ring.size()));
        flow.sndUna = ack;
        flow.timer.progress();
        flow.recovery.advanced(flow);
        // restarted for what is left (RFC 6298, 5.3); the sender arms it
        flow.retransmitNs = TcpFlow.NEVER;
    }

    /// Takes the window unless the segment is older than the one it was taken from last (SND.WL1, SND.WL2).
    private static void updateWindow(TcpFlow flow, Segment segment, int window) {
        boolean newer = SeqNumber.lessThan(flow.sndWl1, segment.seq)
                || flow.sndWl1 == segment.seq && SeqNumber.atMost(flow.sndWl2, segment.ack);
        if (newer) {
            if (flow.sndWnd == 0 && window > 0) {
                flow.timer.progress();
                flow.retransmitNs = TcpFlow.NEVER;
            }
            flow.sndWnd = window;
            flow.sndWl1 = segment.seq;
            flow.sndWl2 = segment.ack;
        }
    }
}
