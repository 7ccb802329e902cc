package org.vswitch.slirp.icmp;

import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.OwnAddresses;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.wire.Ipv6Group;
import org.vswitch.wire.Icmpv4;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.IpAddress;

/// Answers pings to the router itself, at whichever of its addresses, with all of their data (RFC 1122, 3.2.2.6; RFC
/// 4443, 4.2).
///
/// Pings to the IPv6 groups of all nodes and all routers of the link are answered from the router's address that goes
/// with the sender's; pings to everybody over IPv4 are not, as a host may decide and all do (RFC 1122, 3.2.2.6).
public final class EchoResponder {
    private final IpOutput output;
    private final OwnAddresses own;
    private final StackCounters counters;
    private final Envelope envelope = new Envelope();

    /// A responder.
    ///
    /// @param output where answers go
    /// @param own the router's addresses
    /// @param counters where drops are counted
    public EchoResponder(IpOutput output, OwnAddresses own, StackCounters counters) {
        this.output = output;
        this.own = own;
        this.counters = counters;
    }

    /// Whether a ping is the router's to answer.
    ///
    /// @param packet an echo request
    /// @return true for the router's own addresses and the groups that it answers for
    boolean isFor(Packet packet) {
        return own.contains(packet.destinationHigh, packet.destinationLow) || isForGroup(packet);
    }

    /// Answers.
    ///
    /// @param packet an intact echo request that [#isFor] the router
    void receive(Packet packet) {
        if (IpAddress.isUnspecified(packet.sourceHigh, packet.sourceLow)) {
            counters.count(StackDrop.BAD_SOURCE); // there is nobody to answer
            return;
        }
        envelope.replyTo(packet, packet.protocol);
        envelope.trafficClass = packet.trafficClass;
        if (packet.toGroup) {
            envelope.sourceHigh = own.v6High(packet.sourceHigh);
            envelope.sourceLow = own.v6Low(packet.sourceHigh);
        }
        long message = output.begin(envelope, packet.payloadLength);
        if (message == 0) {
            return;
        }
        if (packet.v4) {
            Icmpv4.emitEchoReply(message, packet.payload, packet.payloadLength);
        } else {
            Icmpv6.emitEchoReply(message, packet.payload, packet.payloadLength);
        }
        output.commit();
    }

    private static boolean isForGroup(Packet packet) {
        return !packet.v4 && packet.destinationHigh == Ipv6Group.LINK_LOCAL
                && (packet.destinationLow == Ipv6Group.ALL_NODES || packet.destinationLow == Ipv6Group.ALL_ROUTERS);
    }
}
