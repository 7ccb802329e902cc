package org.vswitch.slirp.ip;

import java.security.SecureRandom;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Checksum;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Icmpv4;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Tcp;
import org.vswitch.wire.Udp;

/// Sends IP packets to guests: puts Ethernet and IP headers in front of a payload, cuts what is larger than the MTU
/// into fragments (RFC 791, 3.2; RFC 8200, 4.5), pads to the shortest Ethernet frame with zero bytes, and computes
/// all checksums, the transport's included.
///
/// A packet that fits into a frame is written where it leaves from; one that does not is written to a place of its
/// own, summed as a whole and then copied in pieces. Identifications count up from a random number, in one of several
/// counters that a secret hash of the addresses chooses, so that one guest cannot see how much another one sends (RFC
/// 7739, 5.3; RFC 6864, 4.2).
public final class IpOutput implements AutoCloseable {
    /// The shortest Ethernet frame (IEEE 802.3, 3.2.8), without the frame check sequence.
    public static final int MIN_FRAME = 60;
    /// The longest payload of an IPv4 packet.
    public static final int MAX_V4_PAYLOAD = Reassembly.MAX_LENGTH - Ipv4.LENGTH;
    /// The longest payload of an IPv6 packet.
    public static final int MAX_V6_PAYLOAD = Reassembly.MAX_LENGTH;
    private static final int FRAGMENT_UNIT = 8;
    private static final int ICMP_CHECKSUM_OFFSET = 2;
    private static final long LOWER_HALF = 0xffff_ffffL;
    private static final int COUNTERS = 256;
    private static final int COUNTER_SHIFT = Long.SIZE - Byte.SIZE;

    private final Outbox outbox;
    private final StackCounters counters;
    private final long mac;
    private final int mtu;
    private final long large = NativeMemory.map(Reassembly.MAX_LENGTH + 1L);
    private final int[] identifications = new int[COUNTERS];
    private final long secret;

    private Envelope envelope;
    private boolean v4;
    private long frame;
    private long payload;
    private int length;

    /// Makes an output with memory for one large packet.
    ///
    /// @param outbox where frames go
    /// @param counters where it is counted that the outbox is full
    /// @param mac the router's station address
    /// @param mtu bytes of the longest IP packet in a frame; IPv6 needs 1,280 (RFC 8200, 5)
    public IpOutput(Outbox outbox, StackCounters counters, long mac, int mtu) {
        this.outbox = outbox;
        this.counters = counters;
        this.mac = mac;
        this.mtu = mtu;
        SecureRandom random = new SecureRandom();
        this.secret = random.nextLong() | 1;
        for (int i = 0; i < COUNTERS; i++) {
            identifications[i] = random.nextInt();
        }
    }

    /// Begins a packet.
    ///
    /// @param of its addresses and protocol
    /// @param payloadLength bytes of the upper protocol's header and data, at most [#MAX_V4_PAYLOAD] or
    ///     [#MAX_V6_PAYLOAD]
    /// @return where to write them, or 0 if there is no room, which has been counted
    public long begin(Envelope of, int payloadLength) {
        envelope = of;
        v4 = of.isV4();
        length = payloadLength;
        assert payloadLength <= (v4 ? MAX_V4_PAYLOAD : MAX_V6_PAYLOAD) : payloadLength;
        frame = 0;
        payload = large;
        if (headerLength() + payloadLength <= mtu) {
            frame = beginFrame(headerLength() + payloadLength);
            payload = frame == 0 ? 0 : frame + Ethernet.HEADER_LENGTH + headerLength();
        }
        return payload;
    }

    /// Sends the packet begun, with all checksums.
    ///
    /// @return false if there was no room for all of its fragments, which has been counted
    public boolean commit() {
        updateTransportChecksum();
        int identification = nextIdentification();
        if (frame == 0) {
            return commitFragments(identification);
        }
        long header = header(headerLength() + length);
        if (v4) {
            Ipv4.identification(header, identification);
            if (envelope.dontFragment) {
                Ipv4.dontFragment(header);
            }
            Ipv4.updateChecksum(header);
        }
        outbox.commit();
        return true;
    }

    /// Whether who has a choice waits before it begins another packet.
    ///
    /// @return as [Outbox#isHalfFull]
    public boolean isHalfFull() {
        return outbox.isHalfFull();
    }

    /// Unmaps the memory.
    @Override
    public void close() {
        NativeMemory.unmap(large, Reassembly.MAX_LENGTH + 1L);
    }

    private boolean commitFragments(int identification) {
        int headers = headerLength() + (v4 ? 0 : Ipv6Input.FRAGMENT_LENGTH);
        int most = (mtu - headers) / FRAGMENT_UNIT * FRAGMENT_UNIT;
        for (int offset = 0; offset < length; offset += most) {
            int bytes = Math.min(most, length - offset);
            frame = beginFrame(headers + bytes);
            if (frame == 0) {
                return false;
            }
            long header = header(headers + bytes);
            boolean moreFragments = offset + bytes < length;
            if (v4) {
                Ipv4.identification(header, identification);
                Ipv4.fragment(header, offset, moreFragments);
                Ipv4.updateChecksum(header);
            } else {
                Ipv6.nextHeader(header, Ipv6Input.FRAGMENT);
                long fragment = header + Ipv6.LENGTH;
                NetworkOrder.u16(fragment, envelope.protocol << Byte.SIZE);
                NetworkOrder.u16(fragment + 2, offset | (moreFragments ? 1 : 0));
                NetworkOrder.u32(fragment + 4, identification);
            }
            NativeMemory.copy(payload + offset, header + headers, bytes);
            outbox.commit();
        }
        return true;
    }

    /// Room for a frame whose padding is zero.
    private long beginFrame(int packetLength) {
        int used = Ethernet.HEADER_LENGTH + packetLength;
        long begun = outbox.begin(Math.max(MIN_FRAME, used));
        if (begun == 0) {
            counters.count(StackDrop.OUTPUT_FULL);
        } else if (used < MIN_FRAME) {
            NativeMemory.zero(begun + used, MIN_FRAME - used);
        }
        return begun;
    }

    /// Writes Ethernet and IP header of the frame begun; IPv4 lacks identification and checksum.
    private long header(int packetLength) {
        Ethernet.destination(frame, envelope.destinationMac);
        Ethernet.source(frame, mac);
        Ethernet.type(frame, v4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        long header = frame + Ethernet.HEADER_LENGTH;
        if (v4) {
            Ipv4.emit(header, packetLength);
            Ipv4.typeOfService(header, envelope.trafficClass);
            Ipv4.timeToLive(header, envelope.hopLimit);
            Ipv4.protocol(header, envelope.protocol);
            Ipv4.source(header, (int) envelope.sourceLow);
            Ipv4.destination(header, (int) envelope.destinationLow);
        } else {
            Ipv6.emit(header, packetLength - Ipv6.LENGTH);
            Ipv6.trafficClass(header, envelope.trafficClass);
            Ipv6.hopLimit(header, envelope.hopLimit);
            Ipv6.nextHeader(header, envelope.protocol);
            Ipv6.source(header, envelope.sourceHigh, envelope.sourceLow);
            Ipv6.destination(header, envelope.destinationHigh, envelope.destinationLow);
        }
        return header;
    }

    private int headerLength() {
        return v4 ? Ipv4.LENGTH : Ipv6.LENGTH;
    }

    private void updateTransportChecksum() {
        switch (envelope.protocol) {
            case Icmpv4.PROTOCOL -> updateChecksum(ICMP_CHECKSUM_OFFSET, 0);
            case Icmpv6.PROTOCOL -> updateChecksum(ICMP_CHECKSUM_OFFSET, pseudoHeaderSum());
            case Tcp.PROTOCOL -> updateChecksum(Tcp.CHECKSUM_OFFSET, pseudoHeaderSum());
            case Udp.PROTOCOL -> {
                updateChecksum(Udp.CHECKSUM_OFFSET, pseudoHeaderSum());
                long checksum = payload + Udp.CHECKSUM_OFFSET;
                NetworkOrder.u16(checksum, Udp.transmitted(NetworkOrder.u16(checksum)));
            }
            default -> {
                return; // the payload is complete as it is
            }
        }
    }

    private void updateChecksum(int offset, int pseudoHeaderSum) {
        NetworkOrder.u16(payload + offset, 0);
        int sum = Checksum.fold((long) pseudoHeaderSum + Checksum.sum(payload, length));
        NetworkOrder.u16(payload + offset, Checksum.complement(sum));
    }

    /// RFC 9293, 3.1; RFC 8200, 8.1. The halves of mapped addresses hold the IPv4 address below 0xffff, which sums to
    /// zero.
    private int pseudoHeaderSum() {
        return Checksum.fold((long) envelope.protocol + length + wordsOf(envelope.sourceHigh)
                + wordsOf(envelope.sourceLow) + wordsOf(envelope.destinationHigh)
                + wordsOf(envelope.destinationLow));
    }

    /// A sum that is equal to that of the four 16-bit words in ones' complement.
    private static long wordsOf(long half) {
        return (half >>> Integer.SIZE) + (half & LOWER_HALF);
    }

    /// The next number of the counter that belongs to these addresses.
    private int nextIdentification() {
        long mixed = (envelope.sourceLow ^ envelope.sourceHigh) * secret + (envelope.destinationLow
                ^ envelope.destinationHigh);
        mixed = (mixed ^ mixed >>> 29) * secret;
        return identifications[(int) (mixed >>> COUNTER_SHIFT)]++;
    }
}
