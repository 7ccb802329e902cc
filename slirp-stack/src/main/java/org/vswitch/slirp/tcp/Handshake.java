package org.vswitch.slirp.tcp;

import org.vswitch.linux.Errno;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.policy.HostTarget;
import org.vswitch.wire.Tcp;

/// From a guest's SYN to an open connection: the host connects first, and only when it has is the SYN answered, so
/// that a guest learns the truth about the other end. A refusal comes back as a reset, no way as an ICMP error.
///
/// A SYN that is to get only some hops far asks who is there (traceroute). So does the host's then: it has what the
/// router leaves of the guest's hop limit, and what a hop reports about it comes back to the guest as that hop's. Once
/// there is a connection it reaches as far as any.
final class Handshake {
    /// Linux itself gives up after 127 s (tcp_syn_retries 6).
    private static final long CONNECT_NS = 130_000_000_000L;
    /// RFC 9293, 3.7.1.
    private static final int DEFAULT_MSS_V4 = 536;
    private static final int DEFAULT_MSS_V6 = 1_220;
    private static final int LEAST_MSS = 48;
    /// The longest ways have about 30 hops; systems begin with 64, 128 or 255, and guests are near.
    private static final int MOST_HOPS_TRACED = 31;

    private final Connections connections;
    private final HostChoice choice;
    private final SynErrors icmp;
    private final StackCounters counters;
    private final Isn isn;
    private final HostTarget target = new HostTarget();
    private final HostError error = new HostError();

    Handshake(Connections connections, HostChoice choice, SynErrors icmp, StackCounters counters, Isn isn) {
        this.connections = connections;
        this.choice = choice;
        this.icmp = icmp;
        this.counters = counters;
        this.isn = isn;
    }

    /// A segment that belongs to no connection (RFC 9293, 3.10.7.1 and 3.10.7.2).
    ///
    /// @param path where it came from
    /// @param segment any
    /// @param nowNs the time
    void arrive(FlowPath path, Segment segment, long nowNs) {
        int kind = segment.flags & (Tcp.SYN | Tcp.ACK | Tcp.RST | Tcp.FIN);
        if (path.guestPort == 0 || path.remotePort == 0 || segment.has(Tcp.RST)) {
            counters.count(StackDrop.MALFORMED);
        } else if (kind == Tcp.SYN) {
            open(path, segment, nowNs);
        } else if (kind == (Tcp.SYN | Tcp.FIN)) {
            counters.count(StackDrop.MALFORMED);
        } else {
            connections.control.refuse(path, segment, nowNs);
        }
    }

    /// The socket of a connecting flow is ready: connected or failed.
    ///
    /// @param flow in CONNECTING
    /// @param nowNs the time
    void connected(TcpFlow flow, long nowNs) {
        int result = connections.host.connectResult(flow);
        if (result < 0 && connections.host.receiveError(flow, error)) {
            fail(flow, nowNs);
            return;
        }
        if (result == -Errno.EINPROGRESS.number() || result == -Errno.EAGAIN.number()) {
            return;
        }
        if (result < 0) {
            fail(flow, -result, nowNs);
            return;
        }
        flow.state = TcpState.SYN_RECEIVED;
        flow.iss = isn.choose(flow.path, nowNs);
        flow.sndUna = flow.iss;
        flow.sndNxt = flow.iss + 1;
        flow.lingerNs = TcpFlow.NEVER;
        flow.retransmitNs = nowNs + flow.timer.timeoutNs();
        flow.timer.sent(flow.sndNxt, nowNs);
        connections.control.synAck(flow);
        connections.flows.schedule(flow);
    }

    /// The host could not connect, or not in time.
    ///
    /// @param flow in CONNECTING
    /// @param errno positive
    /// @param nowNs the time
    void fail(TcpFlow flow, int errno, long nowNs) {
        error.errno = errno;
        error.type = 0;
        fail(flow, nowNs);
    }

    /// Whether a SYN wants to know who is at some hop of the way.
    ///
    /// @param segment a SYN
    /// @return true for a hop limit that no system begins with
    static boolean traces(Segment segment) {
        return segment.hopLimit <= MOST_HOPS_TRACED;
    }

    /// Takes what a SYN says: anew if the guest begins again while the host still connects.
    ///
    /// @param flow in CONNECTING
    /// @param segment its SYN
    void adopt(TcpFlow flow, Segment segment) {
        boolean v4 = flow.path.isV4();
        int offered = segment.options.mss() > 0 ? segment.options.mss() : v4 ? DEFAULT_MSS_V4 : DEFAULT_MSS_V6;
        int most = Math.min(ChunkRing.MAX_PAYLOAD, connections.control.ownMss(v4));
        flow.mss = Math.min(most, Math.max(LEAST_MSS, offered));
        flow.scaled = segment.options.hasWindowScale();
        flow.sndShift = segment.options.windowScale();
        flow.sackPermitted = segment.options.isSackPermitted();
        flow.hopLimit = segment.hopLimit;
        flow.irs = segment.seq;
        flow.rcvNxt = segment.seq + 1;
        flow.rcvEdge = flow.rcvNxt + TcpFlow.UNSCALED_WINDOW;
        flow.rcvTold = flow.rcvNxt;
        flow.windowMark = flow.rcvNxt;
        flow.windowCap = flow.scaled ? TcpFlow.INITIAL_WINDOW : TcpFlow.UNSCALED_WINDOW;
        flow.sndUna = 0;
        flow.sndNxt = 0;
    }

    /// The guest has acknowledged SYN-ACK.
    ///
    /// @param flow in SYN_RECEIVED
    /// @param segment the acknowledgement
    /// @param nowNs the time
    /// @return false if the host's side is broken, and the connection gone
    boolean established(TcpFlow flow, Segment segment, long nowNs) {
        connections.flows.established(flow);
        flow.timer.acknowledged(segment.ack, nowNs);
        flow.timer.progress();
        flow.sndUna = segment.ack;
        flow.sndWnd = segment.wnd << flow.sndShift;
        flow.sndWl1 = segment.seq;
        flow.sndWl2 = segment.ack;
        flow.windowMarkNs = nowNs;
        flow.retransmitNs = TcpFlow.NEVER;
        flow.lingerNs = nowNs + Connections.KEEPALIVE_IDLE_NS;
        flow.unanswered = 0;
        flow.ring.segmentSize(flow.mss);
        flow.recovery.reset(flow.sndUna, flow.mss);
        flow.congestion.reset(flow.mss);
        boolean whole = connections.host.adapt(flow);
        if (!whole) {
            counters.count(StackDrop.LIMIT);
            connections.abort(flow);
        }
        return whole;
    }

    private void open(FlowPath path, Segment segment, long nowNs) {
        if (!choice.choose(path, target, nowNs)) {
            counters.count(StackDrop.POLICY);
            connections.control.refuse(path, segment, nowNs);
            return;
        }
        TcpFlow flow = connections.flows.open(path);
        if (flow == null) {
            counters.count(StackDrop.LIMIT);
            return;
        }
        adopt(flow, segment);
        // a service of the router's own is at the router, however far it goes for it
        flow.tracing = traces(segment) && target.high == path.remoteHigh && target.low == path.remoteLow;
        int result = connections.host.connect(flow, target);
        if (result < 0) {
            fail(flow, -result, nowNs);
            return;
        }
        flow.lingerNs = nowNs + CONNECT_NS;
        connections.flows.schedule(flow);
        connected(flow, nowNs); // what is near may have answered already
    }

    /// The host could not connect, for the reason in `error`.
    private void fail(TcpFlow flow, long nowNs) {
        if (HostNetwork.isShortage(-error.errno)) {
            counters.count(StackDrop.LIMIT);
        } else {
            choice.failed(flow.path, nowNs);
        }
        boolean refused = error.errno == Errno.ECONNREFUSED.number() || error.errno == Errno.ECONNRESET.number();
        if (refused && error.type == 0) {
            connections.control.reset(flow);
        } else {
            icmp.report(flow.path, flow.irs, flow.hopLimit, error);
        }
        connections.end(flow);
    }
}
