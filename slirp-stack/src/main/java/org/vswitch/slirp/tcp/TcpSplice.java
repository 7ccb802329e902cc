package org.vswitch.slirp.tcp;

import java.util.Arrays;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.SegmentOutput;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.Tcp;

/// TCP for guests: every connection ends here and goes on through a socket of the host.
///
/// Pure: driven by calls on one thread, told the time. In each pass of its owner, in this order: [#receive] for each
/// packet of a batch, [#endBatch], what the host's [HostNetwork#poll] reports to [#ready], [#expire], [#gather]. What
/// [#gather] lends out must be given back, or copied, before any other call.
public final class TcpSplice implements AutoCloseable {
    private final TcpPorts ports;
    private final ChunkPool pool;
    private final StretchPool stretches;
    private final UpwardBatch batch = new UpwardBatch();
    private final Segment segment = new Segment();
    private final FlowPath path = new FlowPath();
    private final Connections connections;
    private final Handshake handshake;
    private final SegmentArrives arrives;
    private final Timers timers;
    private final SegmentSender sender;
    private TcpFlow[] touched = new TcpFlow[256];
    private int touchedCount;

    /// Makes the TCP side of a router.
    ///
    /// @param ports what it talks to
    /// @param settings limits and secret
    public TcpSplice(TcpPorts ports, TcpSettings settings) {
        this.ports = ports;
        pool = new ChunkPool(settings.chunks());
        stretches = new StretchPool(settings.flows());
        ControlSegments control = new ControlSegments(ports.outbox(), ports.counters(), settings.mtu());
        HostSide host = new HostSide(ports.host(), ports.vector(), batch);
        connections = new Connections(new Flows(settings, pool, stretches), host, control);
        Isn isn = new Isn(new KeyedHash(settings.secretLow(), ~settings.secretHigh()));
        handshake = new Handshake(connections, ports.choice(), ports.icmp(), ports.counters(), isn);
        arrives = new SegmentArrives(connections, handshake, batch, ports.counters());
        timers = new Timers(connections, handshake);
        sender = new SegmentSender();
    }

    /// Takes a guest's packet. The text stays where it is and is read in [#endBatch]: the memory must not change
    /// until then, unless the packet was put together from fragments, which goes at once.
    ///
    /// @param packet with protocol 6
    /// @param nowNs the time
    public void receive(Packet packet, long nowNs) {
        if (packet.toGroup) {
            ports.counters().count(StackDrop.BAD_DESTINATION);
            return;
        }
        if (!Tcp.isValid(packet.payload, packet.payloadLength)) {
            ports.counters().count(StackDrop.MALFORMED);
            return;
        }
        if (!Segment.isIntact(packet)) {
            ports.counters().count(StackDrop.BAD_CHECKSUM);
            return;
        }
        if (batch.isFull()) {
            endBatch(nowNs);
        }
        path.from(packet);
        segment.parse(packet);
        TcpFlow flow = connections.flows.find(path);
        if (flow == null) {
            handshake.arrive(path, segment, nowNs);
        } else {
            arrives.process(flow, segment, nowNs);
            touch(flow);
        }
        if (packet.frame == 0) {
            endBatch(nowNs); // the next fragment may take its memory
        }
    }

    /// Writes what the batch has for the host, one system call for each connection, and acknowledges it.
    ///
    /// @param nowNs the time
    public void endBatch(long nowNs) {
        int kept = 0;
        for (int i = 0; i < touchedCount; i++) {
            TcpFlow flow = touched[i];
            flow.touched = false;
            finish(flow, nowNs);
            if (flow.ackNow && flow.state != TcpState.CLOSED) {
                flow.touched = true;
                touched[kept++] = flow;
            }
        }
        Arrays.fill(touched, kept, touchedCount, null);
        touchedCount = kept;
        batch.clear();
    }

    /// A host socket is ready.
    ///
    /// @param token as given to [HostNetwork#watch]
    /// @param readiness [HostNetwork#READABLE], [HostNetwork#WRITABLE]
    /// @param nowNs the time
    public void ready(long token, int readiness, long nowNs) {
        TcpFlow flow = connections.flows.of(token);
        if (flow == null || flow.socket < 0) {
            return;
        }
        if (flow.state == TcpState.CONNECTING) {
            handshake.connected(flow, nowNs);
            return;
        }
        if (!flow.state.hasHandshakeDone()) {
            return;
        }
        if ((readiness & HostNetwork.WRITABLE) != 0) {
            writable(flow, nowNs);
        }
        if ((readiness & HostNetwork.READABLE) != 0 && flow.socket >= 0) {
            connections.read(flow, nowNs);
        }
    }

    /// Does what is due.
    ///
    /// @param nowNs the time
    public void expire(long nowNs) {
        timers.expire(nowNs);
    }

    /// When [#expire] is to be called at the latest.
    ///
    /// @return the time, [Long#MAX_VALUE] if nothing will ever be due
    public long nextDeadlineNs() {
        return connections.flows.earliestNs();
    }

    /// Sends what may be sent.
    ///
    /// @param output where to
    /// @param nowNs the time
    /// @return whether there is more than the output had room for
    public boolean gather(SegmentOutput output, long nowNs) {
        while (!connections.queue.isEmpty() && output.hasRoom()) {
            TcpFlow flow = connections.queue.take();
            if (flow.state == TcpState.CLOSED) {
                continue;
            }
            if (sender.send(flow, output, nowNs)) {
                connections.queue.add(flow);
            }
            connections.flows.schedule(flow);
        }
        return !connections.queue.isEmpty();
    }

    /// Whether [#gather] may have something to send.
    ///
    /// @return false if it would do nothing
    public boolean hasOutput() {
        return !connections.queue.isEmpty();
    }

    /// How many connections there are, TIME_WAIT included.
    ///
    /// @return 0 to the limit
    public int flows() {
        return connections.flows.size();
    }

    /// How many connections the guest with the most has.
    ///
    /// @return 0 to its limit
    public int flowsOfGreediest() {
        return connections.flows.mostOfOne();
    }

    /// How many connections are not complete yet.
    ///
    /// @return 0 to the limit
    public int incomplete() {
        return connections.flows.incomplete();
    }

    /// How much memory holds bytes.
    ///
    /// @return chunks of 64 KiB
    public int chunksInUse() {
        return pool.inUse();
    }

    /// Resets every connection, on both sides; the resets are in the outbox then.
    public void resetAll() {
        Flows flows = connections.flows;
        for (int i = 0; i < flows.made(); i++) {
            TcpFlow flow = flows.at(i);
            if (flow.state == TcpState.TIME_WAIT || flow.state == TcpState.CONNECTING) {
                connections.end(flow);
            } else if (flow.state != TcpState.CLOSED) {
                connections.abort(flow);
            }
        }
    }

    /// Resets what is still there and gives the memory back.
    @Override
    public void close() {
        resetAll();
        pool.close();
        stretches.close();
    }

    private void finish(TcpFlow flow, long nowNs) {
        if (flow.state == TcpState.CLOSED || flow.state == TcpState.CONNECTING || !connections.flush(flow)) {
            return;
        }
        connections.settle(flow, nowNs);
        if (flow.ackNow) {
            arrives.growWindow(flow, nowNs);
            connections.control.acknowledgeInTime(flow, nowNs);
        }
        connections.flows.schedule(flow);
    }

    private void writable(TcpFlow flow, long nowNs) {
        if (connections.flush(flow)) {
            connections.settle(flow, nowNs);
            if (flow.windowOpened()) {
                connections.control.acknowledge(flow);
            }
        }
    }

    private void touch(TcpFlow flow) {
        if (flow.touched || flow.state == TcpState.CLOSED) {
            return;
        }
        if (touchedCount == touched.length) {
            touched = Arrays.copyOf(touched, 2 * touchedCount);
        }
        flow.touched = true;
        touched[touchedCount++] = flow;
    }
}
