package org.vswitch.slirp.icmp;

import org.vswitch.slirp.ip.IcmpError;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.neighbor.NdpResponder;
import org.vswitch.wire.Icmp;
import org.vswitch.wire.Icmpv4;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.Ndp;

/// Takes what guests send by ICMP and ICMPv6 and hands it to who answers: echo requests, neighbor discovery, router
/// solicitations.
///
/// Everything else is counted and dropped. Errors that guests report end here, since nothing of theirs goes out under
/// its own header (the host's kernel reports on its sockets); neither do redirects nor answers that nobody has asked
/// for.
public final class IcmpInput {
    private final EchoResponder echoes;
    private final PingFlows pings;
    private final NdpResponder neighbors;
    private final IcmpService routerSolicitations;
    private final IcmpErrors errors;
    private final StackCounters counters;

    /// Puts the parts together.
    ///
    /// @param echoes answers for the router
    /// @param pings takes echo requests for others
    /// @param neighbors speaks neighbor discovery
    /// @param routerSolicitations takes these, which have been found acceptable ([NdpResponder#isAcceptable])
    /// @param errors what sends ICMP errors
    /// @param counters where drops are counted
    public IcmpInput(EchoResponder echoes, PingFlows pings, NdpResponder neighbors, IcmpService routerSolicitations,
            IcmpErrors errors, StackCounters counters) {
        this.echoes = echoes;
        this.pings = pings;
        this.neighbors = neighbors;
        this.routerSolicitations = routerSolicitations;
        this.errors = errors;
        this.counters = counters;
    }

    /// Takes a packet.
    ///
    /// @param packet with protocol 1 or 58
    /// @param nowNs the time
    public void receive(Packet packet, long nowNs) {
        if (packet.v4 != (packet.protocol == Icmpv4.PROTOCOL)) {
            counters.count(StackDrop.UNKNOWN_PROTOCOL);
            errors.send(packet, IcmpError.UNKNOWN_PROTOCOL, packet.protocolOffset, nowNs);
        } else if (!Icmp.isValid(packet.payload, packet.payloadLength)) {
            counters.count(StackDrop.MALFORMED);
        } else if (!packet.v4 && isNeighborDiscovery(Icmp.type(packet.payload))) {
            discover(packet, nowNs);
        } else if (!isIntact(packet)) {
            counters.count(StackDrop.BAD_CHECKSUM);
        } else if (Icmp.type(packet.payload) == (packet.v4 ? Icmpv4.ECHO : Icmpv6.ECHO_REQUEST)) {
            echo(packet, nowNs);
        } else {
            counters.count(StackDrop.NOT_FOR_ROUTER);
        }
    }

    private void discover(Packet packet, long nowNs) {
        if (Icmp.type(packet.payload) != Ndp.ROUTER_SOLICITATION) {
            neighbors.receive(packet, nowNs);
        } else if (neighbors.isAcceptable(packet)) {
            routerSolicitations.receive(packet, nowNs);
        }
    }

    private void echo(Packet packet, long nowNs) {
        if (Icmp.code(packet.payload) != 0) {
            counters.count(StackDrop.MALFORMED);
        } else if (echoes.isFor(packet)) {
            echoes.receive(packet);
        } else if (packet.toGroup) {
            counters.count(StackDrop.BAD_DESTINATION);
        } else {
            pings.receive(packet, nowNs);
        }
    }

    private static boolean isNeighborDiscovery(int type) {
        return type >= Ndp.ROUTER_SOLICITATION && type <= Ndp.NEIGHBOR_ADVERTISEMENT;
    }

    private static boolean isIntact(Packet packet) {
        return packet.checksumTrusted || (packet.v4
                ? Icmpv4.isChecksumRight(packet.payload, packet.payloadLength)
                : Icmpv6.isChecksumRight(packet.header, packet.payload, packet.payloadLength));
    }
}
