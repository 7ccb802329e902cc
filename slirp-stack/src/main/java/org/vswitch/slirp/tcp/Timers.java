package org.vswitch.slirp.tcp;

import org.vswitch.linux.Errno;

/// What happens when nothing happens: retransmission, probes, keepalive, and giving up.
final class Timers {
    /// About eight minutes of doubled timeouts, as Linux waits (RFC 9293, 3.8.3: R2 is 100 s at least).
    private static final int MAX_UNANSWERED = 15;
    private static final int MAX_SYN_ACKS = 6;
    private static final int MAX_KEEPALIVES = 9;
    private static final long KEEPALIVE_INTERVAL_NS = 75_000_000_000L;

    private final Connections connections;
    private final Handshake handshake;

    Timers(Connections connections, Handshake handshake) {
        this.connections = connections;
        this.handshake = handshake;
    }

    /// Looks at every flow that is due.
    ///
    /// @param nowNs the time
    void expire(long nowNs) {
        TcpFlow flow = connections.flows.takeDue(nowNs);
        while (flow != null) {
            look(flow, nowNs);
            connections.flows.schedule(flow);
            flow = connections.flows.takeDue(nowNs);
        }
    }

    private void look(TcpFlow flow, long nowNs) {
        if (flow.resumeNs <= nowNs) {
            flow.resumeNs = TcpFlow.NEVER;
            connections.host.adapt(flow);
        }
        if (flow.ackNs <= nowNs) {
            flow.ackNs = TcpFlow.NEVER;
            connections.control.acknowledge(flow);
            flow.ackNs = flow.ackNow ? nowNs + ControlSegments.ACK_DELAY_NS : TcpFlow.NEVER;
        }
        if (flow.sendNs <= nowNs) {
            flow.sendNs = TcpFlow.NEVER;
            connections.queue.add(flow);
        }
        if (flow.retransmitNs <= nowNs) {
            retransmit(flow, nowNs);
        }
        if (flow.lingerNs <= nowNs) {
            linger(flow, nowNs);
        }
    }

    private void retransmit(TcpFlow flow, long nowNs) {
        flow.retransmitNs = TcpFlow.NEVER;
        if (flow.state == TcpState.SYN_RECEIVED) {
            repeatSynAck(flow, nowNs);
        } else if (flow.flight() > 0 && flow.sndWnd > 0) {
            repeatData(flow, nowNs);
        } else if (flow.flight() > 0 || SegmentSender.isBlocked(flow)) {
            probeWindow(flow, nowNs);
        }
    }

    private void repeatSynAck(TcpFlow flow, long nowNs) {
        flow.unanswered++;
        if (flow.unanswered >= MAX_SYN_ACKS) {
            connections.abort(flow);
            return;
        }
        flow.timer.backOff();
        flow.retransmitNs = nowNs + flow.timer.timeoutNs();
        connections.control.synAck(flow);
    }

    /// A probe for a lost tail first; then everything in flight counts as lost, and the timeout doubles.
    private void repeatData(TcpFlow flow, long nowNs) {
        if (flow.sackPermitted && flow.recovery.probe()) {
            flow.retransmitNs = nowNs + flow.timer.timeoutNs();
            connections.queue.add(flow);
            return;
        }
        flow.unanswered++;
        if (flow.unanswered > MAX_UNANSWERED) {
            connections.abort(flow);
            return;
        }
        flow.timer.backOff();
        flow.recovery.timeout(flow, nowNs);
        flow.congestion.timeout();
        flow.retransmitNs = nowNs + flow.timer.timeoutNs();
        connections.queue.add(flow);
    }

    /// A guest may keep its window closed for ever, as long as it answers (RFC 9293, 3.8.6.1).
    private void probeWindow(TcpFlow flow, long nowNs) {
        flow.unanswered++;
        if (flow.unanswered > MAX_UNANSWERED) {
            connections.abort(flow);
            return;
        }
        connections.control.probe(flow);
        flow.timer.backOff();
        flow.retransmitNs = nowNs + flow.timer.timeoutNs();
    }

    private void linger(TcpFlow flow, long nowNs) {
        flow.lingerNs = TcpFlow.NEVER;
        switch (flow.state) {
            case CONNECTING -> handshake.fail(flow, Errno.ETIMEDOUT.number(), nowNs);
            case TIME_WAIT -> connections.end(flow);
            case CLOSED, SYN_RECEIVED -> { }
            default -> keepAlive(flow, nowNs);
        }
    }

    private void keepAlive(TcpFlow flow, long nowNs) {
        flow.unanswered++;
        if (flow.unanswered > MAX_KEEPALIVES) {
            connections.abort(flow);
            return;
        }
        flow.lingerNs = nowNs + KEEPALIVE_INTERVAL_NS;
        connections.control.probe(flow);
    }
}
