package org.vswitch.slirp.ip;

import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.VirtioNetHeader;

/// Reads the frames of the guests: from bytes to a [Packet] that the layers above can rely on, or to a count under a
/// [StackDrop] and, where the standards want it, an ICMP error back.
///
/// Order: Ethernet, IP header, addresses, extension headers, hop limit, fragments. Errors are reported only once the
/// addresses are known to be a guest's, or its link-local one at the wrong place.
public final class PacketReader implements AutoCloseable {
    /// The most datagrams that wait for fragments.
    public static final int MAX_INCOMPLETE = Reassembly.PLACES;

    private final Packet packet = new Packet();
    private final Ipv6Input ipv6 = new Ipv6Input(packet);
    private final Subnets subnets;
    private final AddressRules rules;
    private final StackCounters counters;
    private final IcmpErrors errors;
    private final Reassembly reassembly;

    /// A reader with memory for fragments.
    ///
    /// @param subnets the network and the router's own addresses
    /// @param counters where drops are counted
    /// @param errors what sends ICMP errors
    public PacketReader(Subnets subnets, StackCounters counters, IcmpErrors errors) {
        this.subnets = subnets;
        this.rules = new AddressRules(subnets);
        this.counters = counters;
        this.errors = errors;
        this.reassembly = new Reassembly(counters);
    }

    /// The packet that was read last, valid until the next frame is read.
    ///
    /// @return always the same object
    public Packet packet() {
        return packet;
    }

    /// How many datagrams wait for fragments.
    ///
    /// @return a gauge
    public int incompleteDatagrams() {
        return reassembly.held();
    }

    /// Reads a frame.
    ///
    /// @param frame address of the first byte; the frame lies contiguous
    /// @param length its bytes
    /// @param offloadWord what is left to do to it, as in [VirtioNetHeader]
    /// @param nowNs the time
    /// @return what it is
    public Arrival read(long frame, int length, long offloadWord, long nowNs) {
        if (length < Ethernet.HEADER_LENGTH) {
            return drop(StackDrop.MALFORMED);
        }
        packet.frame = frame;
        packet.destinationMac = Ethernet.destination(frame);
        packet.sourceMac = Ethernet.source(frame);
        packet.toGroup = MacAddress.isGroup(packet.destinationMac);
        long own = subnets.own().mac();
        if (MacAddress.isGroup(packet.sourceMac) || packet.sourceMac == 0 || packet.sourceMac == own) {
            return drop(StackDrop.BAD_SOURCE);
        }
        if (!packet.toGroup && packet.destinationMac != own) {
            return drop(StackDrop.BAD_DESTINATION); // flooded by the switch, for somebody else
        }
        packet.header = frame + Ethernet.HEADER_LENGTH;
        int available = length - Ethernet.HEADER_LENGTH;
        int type = Ethernet.type(frame);
        if (!(type == Ethernet.TYPE_IPV6 ? subnets.speaksV6() : subnets.speaksV4())) {
            return drop(StackDrop.UNKNOWN_PROTOCOL);
        }
        return switch (type) {
            case Ethernet.TYPE_ARP -> arp(available);
            case Ethernet.TYPE_IPV4 -> readV4(available, offloadWord, nowNs);
            case Ethernet.TYPE_IPV6 -> readV6(available, offloadWord, nowNs);
            default -> drop(StackDrop.UNKNOWN_PROTOCOL);
        };
    }

    /// Gives up the datagrams whose fragments did not all come in time, and says so to their senders (RFC 792; RFC
    /// 4443, 3.3) if the first fragment did.
    ///
    /// @param nowNs the time
    public void expire(long nowNs) {
        while (reassembly.expireOne(nowNs, packet)) {
            counters.count(StackDrop.BAD_FRAGMENT);
            if (packet.header != 0) {
                errors.send(packet, IcmpError.REASSEMBLY_TIME, 0, nowNs);
            }
        }
    }

    /// When [#expire] has something to do.
    ///
    /// @param nowNs the time
    /// @return nanoseconds from now, 0 or more, or [Long#MAX_VALUE]
    public long untilExpiryNs(long nowNs) {
        return reassembly.untilExpiryNs(nowNs);
    }

    /// Unmaps the memory for fragments.
    @Override
    public void close() {
        reassembly.close();
    }

    private Arrival arp(int available) {
        packet.payload = packet.header;
        packet.payloadLength = available;
        return Arrival.ARP;
    }

    private Arrival readV4(int available, long offloadWord, long nowNs) {
        boolean superFrame = VirtioNetHeader.gsoType(offloadWord) != VirtioNetHeader.GSO_NONE;
        int bytes = superFrame ? Math.min(available, Reassembly.MAX_LENGTH) : available;
        StackDrop wrong = Ipv4Input.parse(packet, bytes, superFrame);
        if (wrong == null) {
            wrong = rules.check(packet);
        }
        return wrong == null ? accept(offloadWord, nowNs) : drop(wrong);
    }

    private Arrival readV6(int available, long offloadWord, long nowNs) {
        boolean superFrame = VirtioNetHeader.gsoType(offloadWord) != VirtioNetHeader.GSO_NONE;
        int bytes = superFrame ? Math.min(available, Ipv6.LENGTH + Reassembly.MAX_LENGTH) : available;
        StackDrop wrong = ipv6.header(bytes, superFrame);
        if (wrong == null) {
            wrong = rules.check(packet);
        }
        if (wrong != null) {
            if (wrong == StackDrop.BAD_SOURCE && rules.isBeyondScope(packet) && ipv6.chain(true) == null) {
                errors.send(packet, IcmpError.BEYOND_SCOPE, 0, nowNs); // only the chain tells an ICMP error from others
            }
            return drop(wrong);
        }
        wrong = ipv6.chain(packet.frame != 0);
        if (wrong != null) {
            if (ipv6.problem() != null) {
                errors.send(packet, ipv6.problem(), ipv6.pointer(), nowNs);
            }
            return drop(wrong);
        }
        return accept(offloadWord, nowNs);
    }

    private Arrival accept(long offloadWord, long nowNs) {
        boolean forwarded = !packet.toGroup
                && !subnets.own().contains(packet.destinationHigh, packet.destinationLow);
        if (forwarded && packet.hopLimit <= 1) {
            errors.send(packet, IcmpError.HOP_LIMIT, 0, nowNs);
            return drop(StackDrop.HOP_LIMIT);
        }
        if (packet.isFragment()) {
            return offloadWord == 0 ? hold(nowNs) : drop(StackDrop.BAD_FRAGMENT);
        }
        packet.checksumTrusted = isChecksumTrusted(offloadWord);
        return Arrival.PACKET;
    }

    /// A sender that leaves the checksum to be completed vouches for the bytes, if it is the transport's checksum.
    private boolean isChecksumTrusted(long offloadWord) {
        return VirtioNetHeader.needsCsum(offloadWord)
                && VirtioNetHeader.csumStart(offloadWord) == packet.payload - packet.frame;
    }

    private Arrival hold(long nowNs) {
        return switch (reassembly.add(packet, nowNs)) {
            case HELD -> Arrival.FRAGMENT;
            case REFUSED -> drop(StackDrop.BAD_FRAGMENT);
            case COMPLETE -> {
                packet.frame = 0;
                packet.header = reassembly.header();
                yield packet.v4 ? readV4(reassembly.length(), 0, nowNs) : readV6(reassembly.length(), 0, nowNs);
            }
        };
    }

    private Arrival drop(StackDrop reason) {
        counters.count(reason);
        return Arrival.DROPPED;
    }
}
