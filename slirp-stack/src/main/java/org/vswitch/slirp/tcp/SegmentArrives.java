package org.vswitch.slirp.tcp;

import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.wire.SeqNumber;
import org.vswitch.wire.Tcp;

/// What happens when a segment of a known connection arrives: RFC 9293, 3.10.7.4, a method per step, in its order,
/// with RFC 5961's answers to what a stranger could have sent. A segment is taken, answered or counted.
final class SegmentArrives {
    private static final long WINDOW_INTERVAL_NS = 200_000_000L;

    private final Connections connections;
    private final Handshake handshake;
    private final Acknowledgments acknowledgments;
    private final UpwardBatch batch;
    private final StackCounters counters;

    SegmentArrives(Connections connections, Handshake handshake, UpwardBatch batch, StackCounters counters) {
        this.connections = connections;
        this.handshake = handshake;
        this.batch = batch;
        this.counters = counters;
        acknowledgments = new Acknowledgments(connections);
    }

    /// Processes a segment.
    ///
    /// @param flow not CLOSED
    /// @param segment of this connection
    /// @param nowNs the time
    void process(TcpFlow flow, Segment segment, long nowNs) {
        if (opensAnew(flow, segment)) {
            FlowPath path = flow.path;
            path.guestMac = segment.sourceMac;
            connections.end(flow);
            handshake.arrive(path, segment, nowNs);
        } else if (flow.state == TcpState.CONNECTING) {
            whileConnecting(flow, segment);
        } else if (checkSequence(flow, segment, nowNs) && checkRst(flow, segment, nowNs)
                && checkSyn(flow, segment, nowNs) && checkAck(flow, segment, nowNs)
                && processText(flow, segment)) {
            checkFin(flow, segment, nowNs);
        }
        connections.flows.schedule(flow);
    }

    /// The window that is told to the guest grows as long as the guest fills it within a fifth of a second, which is
    /// the longest way that deserves it, and the host takes everything.
    ///
    /// @param flow whose batch was written
    /// @param nowNs the time
    void growWindow(TcpFlow flow, long nowNs) {
        if (SeqNumber.difference(flow.rcvNxt, flow.windowMark) < flow.windowCap) {
            return;
        }
        if (flow.scaled && flow.stash.size() == 0 && nowNs - flow.windowMarkNs < WINDOW_INTERVAL_NS) {
            flow.windowCap = Math.min(TcpFlow.MAX_WINDOW, 2 * flow.windowCap);
        }
        flow.windowMark = flow.rcvNxt;
        flow.windowMarkNs = nowNs;
    }

    /// The guest repeats its SYN, gives up, or begins again; it cannot have anything else to say yet.
    private void whileConnecting(TcpFlow flow, Segment segment) {
        boolean ours = segment.seq == flow.irs || segment.seq == flow.rcvNxt;
        if (segment.has(Tcp.SYN)) {
            flow.path.guestMac = segment.sourceMac;
        }
        if (segment.has(Tcp.RST) && ours) {
            connections.end(flow);
        } else if (!segment.has(Tcp.SYN) || segment.has(Tcp.RST | Tcp.ACK)) {
            counters.count(StackDrop.MALFORMED);
        } else if (!ours) {
            handshake.adopt(flow, segment);
        }
    }

    /// A new connection may follow at once if its numbers are beyond the old one's (RFC 9293, 3.6.1). And who traces
    /// the way does not wait for a hop that says nothing.
    private static boolean opensAnew(TcpFlow flow, Segment segment) {
        if (!segment.has(Tcp.SYN) || segment.has(Tcp.RST | Tcp.ACK | Tcp.FIN)) {
            return false;
        }
        return flow.state == TcpState.TIME_WAIT && SeqNumber.lessThan(flow.rcvNxt, segment.seq)
                || flow.state == TcpState.CONNECTING && segment.hopLimit != flow.hopLimit
                && (flow.tracing || Handshake.traces(segment));
    }

    /// First. A closed window lets acknowledgements and resets through, as the RFC wants it.
    private boolean checkSequence(TcpFlow flow, Segment segment, long nowNs) {
        int window = flow.rcvWnd();
        int length = segment.sequenceLength();
        boolean starts = SeqNumber.isWithin(segment.seq, flow.rcvNxt, window) || segment.seq == flow.rcvNxt;
        boolean ends = length > 0 && SeqNumber.isWithin(segment.end() - 1, flow.rcvNxt, window);
        if (length == 0 && starts || window > 0 && (starts || ends)) {
            return true;
        }
        if (segment.has(Tcp.RST)) {
            counters.count(StackDrop.MALFORMED);
            return false;
        }
        if (flow.state == TcpState.SYN_RECEIVED && segment.has(Tcp.SYN) && segment.seq == flow.irs) {
            flow.path.guestMac = segment.sourceMac;
            connections.control.synAck(flow);
            return false;
        }
        if (starts) {
            segment.length = 0;
            segment.flags &= ~Tcp.FIN;
            flow.ackNow = true;
            return true;
        }
        answerStray(flow, segment, nowNs);
        return false;
    }

    /// Old text is answered once a batch, and a FIN sent again restarts TIME_WAIT; all else could be part of a storm.
    private void answerStray(TcpFlow flow, Segment segment, long nowNs) {
        if (flow.waiting && segment.has(Tcp.FIN)) {
            flow.lingerNs = nowNs + Flows.TIME_WAIT_NS;
        }
        if (segment.length > 0 || segment.has(Tcp.FIN)) {
            flow.ackNow = true;
        } else {
            connections.challenge(flow, nowNs);
        }
    }

    /// Second. Only the very next number resets; another one in the window is asked back (RFC 5961, 3.2).
    private boolean checkRst(TcpFlow flow, Segment segment, long nowNs) {
        if (!segment.has(Tcp.RST)) {
            return true;
        }
        if (segment.seq == flow.rcvNxt) {
            connections.end(flow);
        } else {
            connections.challenge(flow, nowNs);
        }
        return false;
    }

    /// Fourth (the third is about security compartments). A guest that has restarted answers with a reset (RFC 5961,
    /// 4.2).
    private boolean checkSyn(TcpFlow flow, Segment segment, long nowNs) {
        if (segment.has(Tcp.SYN)) {
            connections.challenge(flow, nowNs);
        }
        return !segment.has(Tcp.SYN);
    }

    /// Fifth.
    private boolean checkAck(TcpFlow flow, Segment segment, long nowNs) {
        if (!segment.has(Tcp.ACK)) {
            counters.count(StackDrop.MALFORMED);
            return false;
        }
        if (flow.state == TcpState.SYN_RECEIVED) {
            if (segment.ack != flow.sndNxt) {
                connections.control.refuse(flow.path, segment, nowNs);
                return false;
            }
            if (!handshake.established(flow, segment, nowNs)) {
                return false;
            }
        }
        flow.unanswered = 0;
        if (flow.state != TcpState.TIME_WAIT) {
            flow.lingerNs = nowNs + Connections.KEEPALIVE_IDLE_NS;
        }
        if (!acknowledgments.take(flow, segment, nowNs)) {
            return false;
        }
        flow.path.guestMac = segment.sourceMac; // a guest may get another station; a stranger lacks the numbers
        if (flow.finSent && flow.flight() == 0) {
            connections.enter(flow, flow.state.finAcknowledged(), nowNs);
        }
        if (flow.state != TcpState.CLOSED) {
            connections.host.adapt(flow);
        }
        return flow.state != TcpState.CLOSED;
    }

    /// Seventh (the sixth, urgent data, is delivered inline: RFC 6093). Text in turn waits for the end of the batch
    /// where it lies; text out of turn is kept and answered at once, since the guest counts duplicates.
    private boolean processText(TcpFlow flow, Segment segment) {
        if (!flow.state.takesText() || flow.guestEnded) {
            flow.ackNow |= segment.sequenceLength() > 0;
            segment.flags &= ~Tcp.FIN;
            return false;
        }
        segment.trimFront(flow.rcvNxt);
        segment.trimBack(flow.rcvEdge);
        if (segment.length == 0) {
            return true;
        }
        boolean alone = !flow.ackNow;
        flow.ackNow = true;
        if (segment.seq == flow.rcvNxt) {
            boolean gap = !flow.outOfOrder.isEmpty();
            flow.ackMayWait = !gap && (alone || flow.ackMayWait);
            int length = gap ? Math.min(segment.length, flow.outOfOrder.room(flow.rcvNxt)) : segment.length;
            if (length > 0) {
                batch.add(flow, segment.text, length);
                flow.rcvNxt += length;
            }
            return !gap || fillGap(flow);
        }
        flow.ackMayWait = false;
        flow.outOfOrder.add(segment.seq, segment.text, segment.length);
        if (connections.flush(flow)) {
            connections.control.acknowledge(flow);
        }
        return false;
    }

    /// What was kept is in turn now. It goes through the stash, since its chunks are given back.
    private boolean fillGap(TcpFlow flow) {
        if (!connections.flush(flow)) {
            return false;
        }
        int kept = 1;
        while (kept > 0) {
            int length = flow.outOfOrder.firstInOrder(flow.rcvNxt);
            kept = length == 0 ? 0 : flow.stash.append(flow.outOfOrder.firstAddress(flow.rcvNxt), length);
            flow.rcvNxt += kept;
        }
        return connections.flush(flow);
    }

    /// Eighth. All in front of the FIN must have found a place; out of turn it is forgotten, and answered at once
    /// like text (RFC 5681, 4.2).
    private void checkFin(TcpFlow flow, Segment segment, long nowNs) {
        if (!segment.has(Tcp.FIN)) {
            return;
        }
        int sequence = segment.seq + segment.length;
        if (sequence != flow.rcvNxt) {
            flow.ackNow = true;
            flow.ackMayWait = false;
            return;
        }
        if (!connections.flush(flow) || sequence != flow.rcvNxt) {
            return; // what is forgotten of the text is answered with it
        }
        flow.rcvNxt++;
        flow.rcvEdge = SeqNumber.max(flow.rcvEdge, flow.rcvNxt);
        flow.guestEnded = true;
        flow.ackMayWait = !flow.ackNow || flow.ackMayWait;
        flow.ackNow = true;
        flow.outOfOrder.clear();
        if (connections.flush(flow)) {
            connections.enter(flow, flow.state.finReceived(), nowNs);
        }
    }
}
