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
            connections.control.challenge(flow, nowNs);
            return false;
        }
        int window = segment.wnd << flow.sndShift;
        boolean news = reports(flow, segment);
        int bytes = Math.max(0, SeqNumber.difference(segment.ack, flow.sndUna));
        if (bytes > 0) {
            advance(flow, segment.ack, nowNs);
            if (news && flow.flight() > 0) {
                found(flow, flow.recovery.duplicate(flow, true));
            }
        } else if (isDuplicate(flow, segment, window, news)) {
            found(flow, flow.recovery.duplicate(flow, news));
        }
        if (bytes > 0 || news) {
            flow.delivered += bytes;
            long arrived = flow.delivered + flow.recovery.reported(flow);
            flow.congestion.acknowledged(flow.sndUna, flow.sndNxt, arrived, nowNs);
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

    private static boolean isDuplicate(TcpFlow flow, Segment segment, int window, boolean news) {
        return segment.ack == flow.sndUna && flow.flight() > 0 && segment.length == 0 && !segment.has(Tcp.FIN)
                && (news || window == flow.sndWnd && !flow.sackPermitted);
    }

    private static void found(TcpFlow flow, boolean loss) {
        if (loss) {
            flow.retransmitNs = TcpFlow.NEVER;
        }
    }

    private static void advance(TcpFlow flow, int ack, long nowNs) {
        int bytes = SeqNumber.difference(ack, flow.sndUna);
        flow.ring.drop(Math.min(bytes, flow.ring.size()));
        flow.sndUna = ack;
        long roundTripNs = flow.timer.acknowledged(ack, nowNs);
        if (roundTripNs > 0) {
            flow.congestion.roundTrip(roundTripNs, nowNs);
        }
        flow.timer.progress();
        flow.recovery.advanced(ack);
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
