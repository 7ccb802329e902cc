package org.vswitch.slirp.tcp;

/// How connections go on and end, whoever caused it: what the steps, the timers and the host's side share.
final class Connections {
    /// Silence after which the guest is asked for a sign of life (RFC 5382, REQ-5).
    static final long KEEPALIVE_IDLE_NS = 7_200_000_000_000L;

    /// How long a host may take for the last bytes when both sides have ended (RFC 5382, REQ-5).
    private static final long TRANSITORY_NS = 240_000_000_000L;

    final Flows flows;
    final HostSide host;
    final ControlSegments control;
    final SendQueue queue = new SendQueue();

    Connections(Flows flows, HostSide host, ControlSegments control) {
        this.flows = flows;
        this.host = host;
        this.control = control;
    }

    /// Both sides hear of a reset.
    ///
    /// @param flow not CLOSED
    void abort(TcpFlow flow) {
        control.reset(flow);
        end(flow);
    }

    /// The host hears of a reset, if it is still there; the guest caused it, or has been told.
    ///
    /// @param flow not CLOSED
    void end(TcpFlow flow) {
        host.reset(flow);
        flows.release(flow);
    }

    /// Writes to the host what is there for it.
    ///
    /// @param flow not CLOSED
    /// @return false if the connection is broken, and gone
    boolean flush(TcpFlow flow) {
        boolean whole = flow.socket < 0 && !flow.hostLost || host.flush(flow);
        if (!whole) {
            abort(flow);
        }
        return whole;
    }

    /// Answers a segment that a stranger could have sent (RFC 5961), but acknowledges only what has found its place.
    ///
    /// @param flow not CLOSED
    /// @param nowNs the time
    void challenge(TcpFlow flow, long nowNs) {
        if (flush(flow)) {
            control.challenge(flow, nowNs);
        }
    }

    /// Enters a state that a FIN or its acknowledgement leads to.
    ///
    /// @param flow not CLOSED
    /// @param next the state
    /// @param nowNs the time
    void enter(TcpFlow flow, TcpState next, long nowNs) {
        if (next == TcpState.CLOSED && flow.socket < 0) {
            flows.release(flow);
            return;
        }
        boolean over = next == TcpState.CLOSED || next == TcpState.TIME_WAIT;
        if (over && flow.state != TcpState.TIME_WAIT) {
            flow.retransmitNs = TcpFlow.NEVER;
            flow.lingerNs = nowNs + TRANSITORY_NS;
        }
        flow.state = over ? TcpState.TIME_WAIT : next;
        settle(flow, nowNs);
    }

    /// Begins TIME_WAIT's time once the host has taken everything.
    ///
    /// @param flow any
    /// @param nowNs the time
    void settle(TcpFlow flow, long nowNs) {
        if (flow.state == TcpState.TIME_WAIT && flow.socket < 0 && !flow.waiting) {
            flows.await(flow, nowNs);
        }
    }

    /// Reads what the host has.
    ///
    /// @param flow with its handshake done
    /// @param nowNs the time
    void read(TcpFlow flow, long nowNs) {
        if (host.read(flow, nowNs)) {
            queue.add(flow);
            flows.schedule(flow);
        } else {
            abort(flow);
        }
    }
}
