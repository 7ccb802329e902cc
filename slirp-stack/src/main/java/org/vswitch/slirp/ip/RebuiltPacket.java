package org.vswitch.slirp.ip;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.NetworkOrder;

/// A packet of a guest that is gone, rebuilt as far as an ICMP error has to quote it: IP header and 64 bits (RFC
/// 792), which are enough to find the connection that it belonged to, and more if somebody still has it. For errors
/// that the host reports later.
public final class RebuiltPacket implements AutoCloseable {
    private static final int QUOTED = Long.BYTES;
    /// As much as an error about an IPv6 packet quotes.
    private static final int MEMORY = Icmpv6.MAX_QUOTE;

    private final long memory = NativeMemory.map(MEMORY);
    private final Packet packet = new Packet();

    /// Room for one packet.
    public RebuiltPacket() {
        packet.header = memory;
    }

    /// Rebuilds a packet that was whole and was sent to one station, without options.
    ///
    /// @param sent the addresses, protocol and hop limit that it had; the station in it does not matter
    /// @param guestMac the station that it came from
    /// @param first the first 64 bits of its payload in network order: for TCP ports and sequence number
    /// @param payloadLength bytes of payload that it had, 8 or more
    /// @return valid until the next one is rebuilt
    public Packet of(Envelope sent, long guestMac, long first, int payloadLength) {
        packet.v4 = sent.isV4();
        packet.sourceMac = guestMac;
        packet.sourceHigh = sent.sourceHigh;
        packet.sourceLow = sent.sourceLow;
        packet.destinationHigh = sent.destinationHigh;
        packet.destinationLow = sent.destinationLow;
        packet.protocol = sent.protocol;
        packet.headerLength = packet.v4 ? Ipv4.LENGTH : Ipv6.LENGTH;
        packet.payload = memory + packet.headerLength;
        packet.payloadLength = QUOTED;
        if (packet.v4) {
            Ipv4.emit(memory, Ipv4.LENGTH + payloadLength);
            Ipv4.typeOfService(memory, sent.trafficClass);
            Ipv4.timeToLive(memory, sent.hopLimit);
            Ipv4.protocol(memory, sent.protocol);
            Ipv4.source(memory, (int) sent.sourceLow);
            Ipv4.destination(memory, (int) sent.destinationLow);
            Ipv4.updateChecksum(memory);
        } else {
            Ipv6.emit(memory, payloadLength);
            Ipv6.trafficClass(memory, sent.trafficClass);
            Ipv6.hopLimit(memory, sent.hopLimit);
            Ipv6.nextHeader(memory, sent.protocol);
            Ipv6.source(memory, sent.sourceHigh, sent.sourceLow);
            Ipv6.destination(memory, sent.destinationHigh, sent.destinationLow);
        }
        NetworkOrder.u64(packet.payload, first);
        return packet;
    }

    /// Adds to the packet rebuilt what came behind the first 64 bits of its payload, as far as an error quotes it.
    ///
    /// @param from address of the first byte
    /// @param length bytes
    /// @return the packet, as [#of] returned it
    public Packet append(long from, int length) {
        int used = packet.headerLength + packet.payloadLength;
        int added = Math.min(length, MEMORY - used);
        NativeMemory.copy(from, memory + used, added);
        packet.payloadLength += added;
        return packet;
    }

    /// Unmaps the memory.
    @Override
    public void close() {
        NativeMemory.unmap(memory, MEMORY);
    }
}
