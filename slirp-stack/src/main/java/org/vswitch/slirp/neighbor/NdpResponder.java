package org.vswitch.slirp.neighbor;

import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.wire.Ipv6Group;
import org.vswitch.wire.Icmp;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.Ndp;

/// Speaks neighbor discovery (RFC 4861, 7.2; RFC 4862, 5.4): answers for the router's own addresses, defends them
/// when a guest wants to have one, learns who asks. Routers other than ours and redirects are none of a guest's
/// business.
public final class NdpResponder {
    /// What proves that a message comes from the same link (RFC 4861, 3.1).
    private static final int HOP_LIMIT = 255;
    private static final int LENGTH = Ndp.NEIGHBOR_LENGTH + Ndp.LINK_LAYER_ADDRESS_LENGTH;

    private final IpOutput output;
    private final Subnets subnets;
    private final NeighborTable neighbors;
    private final StackCounters counters;
    private final Envelope envelope = new Envelope();

    /// A responder for the router's own IPv6 addresses.
    ///
    /// @param output where it answers
    /// @param subnets the network and the router's own addresses
    /// @param neighbors what it learns goes there
    /// @param counters where drops are counted
    public NdpResponder(IpOutput output, Subnets subnets, NeighborTable neighbors, StackCounters counters) {
        this.output = output;
        this.subnets = subnets;
        this.neighbors = neighbors;
        this.counters = counters;
    }

    /// Takes an ICMPv6 message of neighbor discovery but a router solicitation, which whoever advertises the router
    /// answers.
    ///
    /// @param packet of which the message is the payload
    /// @param nowNs the time
    public void receive(Packet packet, long nowNs) {
        if (!isAcceptable(packet)) {
            return;
        }
        switch (Icmp.type(packet.payload)) {
            case Ndp.NEIGHBOR_SOLICITATION -> solicited(packet, nowNs);
            case Ndp.NEIGHBOR_ADVERTISEMENT -> advertised(packet, nowNs);
            default -> counters.count(StackDrop.NOT_FOR_ROUTER);
        }
    }

    /// Checks what RFC 4861, 6.1 and 7.1, and RFC 6980 demand of every message of neighbor discovery. One that is
    /// refused has been counted.
    ///
    /// @param packet of which the message is the payload
    /// @return whether it may be looked into
    public boolean isAcceptable(Packet packet) {
        long message = packet.payload;
        int length = packet.payloadLength;
        boolean wellFormed = packet.hopLimit == HOP_LIMIT && packet.frame != 0 && Icmp.isValid(message, length)
                && Ndp.isValid(message, length);
        if (!wellFormed) {
            counters.count(StackDrop.MALFORMED);
            return false;
        }
        if (!packet.checksumTrusted && !Icmpv6.isChecksumRight(packet.header, message, length)) {
            counters.count(StackDrop.BAD_CHECKSUM);
            return false;
        }
        return true;
    }

    /// Asks who has an address.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @param mac the station that is believed to have it, or [NeighborTable#NONE] to ask the address's group
    public void request(long high, long low, long mac) {
        boolean group = mac == NeighborTable.NONE;
        envelope.destinationMac = group ? Ipv6Group.station(Ipv6Group.solicitedNode(low)) : mac;
        envelope.destinationHigh = group ? Ipv6Group.LINK_LOCAL : high;
        envelope.destinationLow = group ? Ipv6Group.solicitedNode(low) : low;
        envelope.sourceHigh = subnets.own().v6High(high);
        envelope.sourceLow = subnets.own().v6Low(high);
        long message = begin();
        if (message != 0) {
            Ndp.emitSolicitation(message, high, low);
            Ndp.emitLinkLayerAddress(message + Ndp.NEIGHBOR_LENGTH, Ndp.SOURCE_LINK_LAYER_ADDRESS,
                    subnets.own().mac());
            output.commit();
        }
    }

    private void solicited(Packet packet, long nowNs) {
        long message = packet.payload;
        long high = Ndp.targetHigh(message);
        long low = Ndp.targetLow(message);
        long station = Ndp.linkLayerAddress(message, packet.payloadLength, Ndp.SOURCE_LINK_LAYER_ADDRESS);
        boolean duplicateDetection = IpAddress.isUnspecified(packet.sourceHigh, packet.sourceLow);
        if (duplicateDetection && (station != NeighborTable.NONE || !isSolicitedNode(packet, low))) {
            counters.count(StackDrop.MALFORMED);
            return;
        }
        if (station != NeighborTable.NONE && station != packet.sourceMac) {
            counters.count(StackDrop.BAD_SOURCE);
            return;
        }
        if (!subnets.own().contains(high, low)) {
            return; // for another guest
        }
        if (!duplicateDetection) {
            neighbors.learn(packet.sourceHigh, packet.sourceLow, packet.sourceMac, nowNs);
        }
        advertise(packet, duplicateDetection);
    }

    private static boolean isSolicitedNode(Packet packet, long targetLow) {
        return packet.destinationHigh == Ipv6Group.LINK_LOCAL
                && packet.destinationLow == Ipv6Group.solicitedNode(targetLow);
    }

    private void advertise(Packet packet, boolean toAll) {
        long high = Ndp.targetHigh(packet.payload);
        long low = Ndp.targetLow(packet.payload);
        envelope.sourceHigh = high;
        envelope.sourceLow = low;
        envelope.destinationMac = toAll ? Ipv6Group.station(Ipv6Group.ALL_NODES) : packet.sourceMac;
        envelope.destinationHigh = toAll ? Ipv6Group.LINK_LOCAL : packet.sourceHigh;
        envelope.destinationLow = toAll ? Ipv6Group.ALL_NODES : packet.sourceLow;
        long message = begin();
        if (message != 0) {
            Ndp.emitAdvertisement(message, Ndp.ROUTER | Ndp.OVERRIDE | (toAll ? 0 : Ndp.SOLICITED), high, low);
            Ndp.emitLinkLayerAddress(message + Ndp.NEIGHBOR_LENGTH, Ndp.TARGET_LINK_LAYER_ADDRESS,
                    subnets.own().mac());
            output.commit();
        }
    }

    /// RFC 4861, 7.2.5: an answer to the router makes an entry, an announcement to all changes one.
    private void advertised(Packet packet, long nowNs) {
        long message = packet.payload;
        boolean solicited = (Ndp.flags(message) & Ndp.SOLICITED) != 0;
        long station = Ndp.linkLayerAddress(message, packet.payloadLength, Ndp.TARGET_LINK_LAYER_ADDRESS);
        if (packet.toGroup && solicited) {
            counters.count(StackDrop.MALFORMED);
        } else if (station != NeighborTable.NONE && station != packet.sourceMac) {
            counters.count(StackDrop.BAD_SOURCE);
        } else if (solicited) {
            neighbors.learn(Ndp.targetHigh(message), Ndp.targetLow(message), packet.sourceMac, nowNs);
        } else {
            neighbors.update(Ndp.targetHigh(message), Ndp.targetLow(message), packet.sourceMac, nowNs);
        }
    }

    private long begin() {
        envelope.protocol = Icmpv6.PROTOCOL;
        envelope.hopLimit = HOP_LIMIT;
        return output.begin(envelope, LENGTH);
    }
}
