package org.vswitch.slirp.udp;

import org.vswitch.linux.Errno;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.IcmpError;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.policy.HostTarget;
import org.vswitch.wire.Udp;

/// Guests' datagrams beyond the router.
///
/// Theory of operation. Each address and port of a guest has one unconnected socket of the host, whomever it sends to:
/// everybody sees the same endpoint (endpoint-independent mapping, RFC 4787, REQ-1), with the guest's own port where
/// that is free and not privileged, and who knows it may answer (endpoint-independent filtering, REQ-8). What comes is
/// shown to the guest with its true source. Errors are told to the guest, but end nothing (REQ-12). A flow ends by
/// silence ([UdpPhase]), or when there are too many ([UdpFlowSet]). Hop limit and traffic class are carried over both
/// ways, the hop limit less one. What a guest forbids to cut is not cut, and it is told the MTU of the way instead
/// (REQ-13).
public final class UdpFlows implements UdpForward, AutoCloseable {
    /// How many flows end by silence at a time, so that nobody waits for thousands of sockets to be closed.
    private static final int MOST_EXPIRED = 256;
    private static final int FIRST_UNPRIVILEGED_PORT = 1024;
    private static final UdpPhase[] PHASES = UdpPhase.values();

    private final HostNetwork host;
    private final IcmpErrors errors;
    private final StackCounters counters;
    private final ChoiceCache choices;
    private final UdpFlowSet flows;
    private final UdpReturn back;
    private final UdpSend onward;

    /// No flows yet.
    ///
    /// @param ports what they are connected to
    /// @param settings their limits
    public UdpFlows(UdpPorts ports, UdpSettings settings) {
        host = ports.host();
        errors = ports.errors();
        counters = ports.counters();
        choices = new ChoiceCache(ports.policy());
        flows = new UdpFlowSet(settings);
        back = new UdpReturn(ports, flows);
        onward = new UdpSend(ports, back);
    }

    /// How many flows there are.
    ///
    /// @return 0 to the limit
    public int flows() {
        return flows.size();
    }

    @Override
    public void receive(Packet packet, long nowNs) {
        if (!receiveForRouter(packet, nowNs)) {
            counters.count(StackDrop.POLICY);
            errors.send(packet, IcmpError.PROHIBITED, 0, nowNs);
        }
    }

    @Override
    public boolean receiveForRouter(Packet packet, long nowNs) {
        HostTarget target = choices.choose(packet.destinationHigh, packet.destinationLow, nowNs);
        if (target == null) {
            return false;
        }
        UdpFlow flow = flows.find(packet, Udp.sourcePort(packet.payload));
        if (onward.isOfAnother(flow)) {
            onward.flush(nowNs);
        }
        if (flow == null) {
            flow = open(packet, nowNs);
        } else if (flow.guestMac != packet.sourceMac) {
            move(flow, packet.sourceMac);
        }
        if (flow != null) {
            flows.touch(flow, flow.sending(packet, target), nowNs);
            onward.add(flow, packet, nowNs);
        }
        return true;
    }

    /// The frames of a batch have all been handed over: what waits is sent.
    ///
    /// @param nowNs the time
    public void endBatch(long nowNs) {
        onward.flush(nowNs);
    }

    /// Whether datagrams for guests wait for room.
    ///
    /// @return whether [#resume] has something to do
    public boolean holds() {
        return back.holds();
    }

    /// Hands on what waits for room.
    ///
    /// @param nowNs the time
    public void resume(long nowNs) {
        back.resume(nowNs);
    }

    /// A socket is ready.
    ///
    /// @param token of [org.vswitch.slirp.host.HostToken#UDP]
    /// @param readiness as told by [HostNetwork#poll]
    /// @param nowNs the time
    public void ready(long token, int readiness, long nowNs) {
        UdpFlow flow = flows.of(token);
        if (flow == null) {
            return;
        }
        back.receive(flow, nowNs);
        if ((readiness & HostNetwork.WRITABLE) != 0) { // nobody waits for that, so it stands for errors
            back.receiveErrors(flow, nowNs);
        }
    }

    /// Ends flows that have been silent for too long.
    ///
    /// @param nowNs the time
    public void expire(long nowNs) {
        int left = MOST_EXPIRED;
        for (UdpPhase phase : PHASES) {
            UdpFlow oldest = flows.oldest(phase);
            while (oldest != null && nowNs - oldest.latestNs >= phase.timeoutNs && left > 0) {
                end(oldest);
                left--;
                oldest = flows.oldest(phase);
            }
        }
    }

    /// When [#expire] may have something to do.
    ///
    /// @return a time, [Long#MAX_VALUE] for never
    public long nextDeadlineNs() {
        long nextNs = Long.MAX_VALUE;
        for (UdpPhase phase : PHASES) {
            UdpFlow oldest = flows.oldest(phase);
            nextNs = oldest == null ? nextNs : Math.min(nextNs, oldest.latestNs + phase.timeoutNs);
        }
        return nextNs;
    }

    /// Ends all flows and unmaps the memory.
    @Override
    public void close() {
        for (UdpPhase phase : PHASES) {
            while (flows.oldest(phase) != null) {
                end(flows.oldest(phase));
            }
        }
        back.close();
    }

    private UdpFlow open(Packet packet, long nowNs) {
        evict(flows.inTheWay(packet.sourceMac));
        int port = wanted(Udp.sourcePort(packet.payload));
        int socket = host.openDatagram(packet.v4, port);
        if (isShortage(socket) && evict(flows.victim(packet.sourceMac))) {
            socket = host.openDatagram(packet.v4, port);
        }
        UdpFlow flow = socket < 0 ? null : flows.add(packet, socket, nowNs);
        if (flow != null && host.watch(socket, HostNetwork.READABLE, flow.token()) < 0) {
            end(flow);
            flow = null;
        }
        if (flow == null) {
            counters.count(StackDrop.LIMIT);
            errors.send(packet, IcmpError.PROHIBITED, 0, nowNs); // RFC 5508, REQ-8
        }
        return flow;
    }

    /// The guest is behind another port of the switch, or another guest has its address now.
    private void move(UdpFlow flow, long mac) {
        UdpFlow other = flows.ownInTheWay(mac);
        if (other != flow) { // it is, if both stations meet in one share
            evict(other);
        }
        flows.move(flow, mac);
    }

    /// Ports below 1,024 are for the host's own services, even where the router might take them (RFC 4787, REQ-3, would
    /// have a guest's privileged port stay privileged).
    private static int wanted(int guestPort) {
        return guestPort < FIRST_UNPRIVILEGED_PORT ? 0 : guestPort;
    }

    /// Of ports, too.
    private static boolean isShortage(int socket) {
        return HostNetwork.isShortage(socket) || socket == -Errno.EADDRINUSE.number()
                || socket == -Errno.EADDRNOTAVAIL.number();
    }

    private boolean evict(UdpFlow flow) {
        if (flow == null) {
            return false;
        }
        counters.count(StackDrop.LIMIT);
        end(flow);
        return true;
    }

    private void end(UdpFlow flow) {
        back.forget(flow);
        host.close(flow.socket);
        flows.remove(flow);
    }
}
