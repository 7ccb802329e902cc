package org.vswitch.slirp.neighbor;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.Outbox;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.wire.Arp;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.MacAddress;

/// Speaks ARP (RFC 826; RFC 5227): answers for the router's own addresses, defends them against probes, learns who
/// asks. What is said to everybody changes entries but makes none; nobody can claim an address of the router.
public final class ArpResponder {
    private final Outbox outbox;
    private final Subnets subnets;
    private final NeighborTable neighbors;
    private final StackCounters counters;

    /// A responder for the router's own IPv4 addresses.
    ///
    /// @param outbox where it answers
    /// @param subnets the network and the router's own addresses
    /// @param neighbors what it learns goes there
    /// @param counters where drops are counted
    public ArpResponder(Outbox outbox, Subnets subnets, NeighborTable neighbors, StackCounters counters) {
        this.outbox = outbox;
        this.subnets = subnets;
        this.neighbors = neighbors;
        this.counters = counters;
    }

    /// Takes an ARP packet.
    ///
    /// @param packet the payload of which it is
    /// @param nowNs the time
    public void receive(Packet packet, long nowNs) {
        long arp = packet.payload;
        if (!Arp.isValid(arp, packet.payloadLength)) {
            counters.count(StackDrop.MALFORMED);
        } else if (Arp.opcode(arp) != Arp.REQUEST && Arp.opcode(arp) != Arp.REPLY) {
            counters.count(StackDrop.UNKNOWN_PROTOCOL);
        } else if (Arp.senderHardware(arp) != packet.sourceMac) {
            counters.count(StackDrop.BAD_SOURCE);
        } else {
            accept(packet, nowNs);
        }
    }

    /// Asks who has an address.
    ///
    /// @param targetLow lower half of the mapped address
    /// @param mac the station that is believed to have it, or [NeighborTable#NONE] to ask everybody
    public void request(long targetLow, long mac) {
        long arp = begin(mac == NeighborTable.NONE ? MacAddress.BROADCAST : mac);
        if (arp != 0) {
            Arp.emitRequest(arp, subnets.own().mac(), (int) subnets.own().v4Low(), (int) targetLow);
            outbox.commit();
        }
    }

    private void accept(Packet packet, long nowNs) {
        long arp = packet.payload;
        long sender = IpAddress.v4(Arp.senderProtocol(arp));
        boolean probe = IpAddress.isUnspecified(0, sender);
        boolean forRouter = subnets.own().contains(0, IpAddress.v4(Arp.targetProtocol(arp)));
        if (!probe && subnets.own().contains(0, sender)) {
            counters.count(StackDrop.BAD_SOURCE);
            return;
        }
        if (!probe) {
            boolean known = forRouter ? neighbors.learn(0, sender, packet.sourceMac, nowNs)
                    : neighbors.update(0, sender, packet.sourceMac, nowNs);
            if (!known && !subnets.isGuest(0, sender)) {
                return; // which the table has counted
            }
        }
        if (forRouter && Arp.opcode(arp) == Arp.REQUEST) {
            reply(arp, packet.sourceMac);
        }
    }

    private void reply(long request, long mac) {
        long arp = begin(mac);
        if (arp != 0) {
            Arp.emitReply(arp, request, subnets.own().mac());
            outbox.commit();
        }
    }

    private long begin(long destination) {
        long frame = outbox.begin(IpOutput.MIN_FRAME);
        if (frame == 0) {
            counters.count(StackDrop.OUTPUT_FULL);
            return 0;
        }
        NativeMemory.zero(frame, IpOutput.MIN_FRAME);
        Ethernet.destination(frame, destination);
        Ethernet.source(frame, subnets.own().mac());
        Ethernet.type(frame, Ethernet.TYPE_ARP);
        return frame + Ethernet.HEADER_LENGTH;
    }
}
