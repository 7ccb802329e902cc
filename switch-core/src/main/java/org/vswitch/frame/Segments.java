package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Tcp;
import org.vswitch.wire.Udp;
import org.vswitch.wire.VirtioNetHeader;

/// Segmentation in software: what a link that takes no super-frames is offered instead (RFC 9293, RFC 3168; the
/// kernel's Documentation/networking/segmentation-offloads).
///
/// Wrapped round one super-frame after the other; its header then passed [OffloadCheck], so that all headers were
/// parsed and lie within the head. What the packet says of its own length is overwritten, never believed: the frame's
/// length counts. IPv4 numbers the segments on from the original's identification. TCP's FIN and PSH remain on the last
/// segment only; CWR remains on the first only, if the sender says so by [VirtioNetHeader#GSO_ECN]. Of UDP each segment
/// is a datagram of its own.
final class Segments {
    private long original;
    private int network;
    private int transport;
    private int headers;
    private int size;
    private int payload;
    private boolean udp;
    private boolean ipv6;
    private boolean ecn;

    /// Measures the headers of a super-frame: Ethernet with tags, IPv4 or IPv6 with extension headers, TCP with
    /// options or UDP.
    ///
    /// @param gsoType [VirtioNetHeader#GSO_TCPV4], [VirtioNetHeader#GSO_TCPV6] or [VirtioNetHeader#GSO_UDP_L4]
    /// @param frame the frame's head
    /// @param head bytes of it, at least 14
    /// @param csumStart where the transport header begins, according to the sender
    /// @return bytes in front of the payload, or -1 if the headers are not what gsoType says or leave the head
    static int headerLength(int gsoType, long frame, int head, int csumStart) {
        int network = Ethernet.headerLength(frame, head);
        int type = NetworkOrder.u16(frame + network - 2);
        int protocol = gsoType == VirtioNetHeader.GSO_UDP_L4 ? Udp.PROTOCOL : Tcp.PROTOCOL;
        int transport = isOver(gsoType, type) ? transportOffset(type, protocol, frame + network, head - network) : -1;
        if (transport < 0 || network + transport != csumStart) {
            return -1;
        }
        if (protocol == Udp.PROTOCOL) {
            return head - csumStart >= Udp.LENGTH ? csumStart + Udp.LENGTH : -1;
        }
        return Tcp.isValid(frame + csumStart, head - csumStart) ? csumStart + Tcp.headerLength(frame + csumStart) : -1;
    }

    private static boolean isOver(int gsoType, int type) {
        return switch (gsoType) {
            case VirtioNetHeader.GSO_TCPV4 -> type == Ethernet.TYPE_IPV4;
            case VirtioNetHeader.GSO_TCPV6 -> type == Ethernet.TYPE_IPV6;
            case VirtioNetHeader.GSO_UDP_L4 -> type == Ethernet.TYPE_IPV4 || type == Ethernet.TYPE_IPV6;
            default -> false;
        };
    }

    private static int transportOffset(int type, int protocol, long packet, int available) {
        if (type == Ethernet.TYPE_IPV4) {
            boolean whole = Ipv4.isValid(packet, available) && !Ipv4.isFragment(packet)
                    && Ipv4.protocol(packet) == protocol;
            return whole ? Ipv4.headerLength(packet) : -1;
        }
        return Ipv6.isValid(packet, available) ? Ipv6.transportOffset(packet, available, protocol) : -1;
    }

    /// How many segments a super-frame has.
    ///
    /// @param word its canonical offload word
    /// @param length of the frame in bytes
    /// @return at least 1
    static int count(long word, int length) {
        int size = VirtioNetHeader.gsoSize(word);
        int payload = length - VirtioNetHeader.headerLength(word);
        return Math.max(1, (payload + size - 1) / size);
    }

    /// Takes up a super-frame.
    ///
    /// @param batch where it is
    /// @param row a received frame or a tag form, with gso_type
    void wrap(FrameBatch batch, int row) {
        long word = batch.offload(row);
        original = batch.head(row);
        transport = VirtioNetHeader.csumStart(word);
        network = Ethernet.headerLength(original, transport);
        headers = VirtioNetHeader.headerLength(word);
        size = VirtioNetHeader.gsoSize(word);
        payload = batch.length(row) - headers;
        udp = VirtioNetHeader.gsoType(word) == VirtioNetHeader.GSO_UDP_L4;
        ipv6 = NetworkOrder.u16(original + network - 2) == Ethernet.TYPE_IPV6;
        ecn = (VirtioNetHeader.gsoType(word) & VirtioNetHeader.GSO_ECN) != 0;
    }

    /// Bytes of the headers, the same for all segments.
    int headerLength() {
        return headers;
    }

    /// Where the transport header begins.
    int transport() {
        return transport;
    }

    /// Bytes of a segment's payload.
    int payloadLength(int index) {
        return Math.min(size, payload - index * size);
    }

    /// Writes a segment's headers. The checksum field holds the pseudo header's sum and is still to be completed.
    ///
    /// @param head room for [#headerLength] bytes
    /// @param index 0 for the first segment
    void emitHead(long head, int index) {
        NativeMemory.copy(original, head, headers);
        int length = headers - transport + payloadLength(index);
        int pseudoHeader = ipv6 ? emitIpv6(head + network, length) : emitIpv4(head + network, length, index);
        if (udp) {
            Udp.length(head + transport, length);
            Udp.checksum(head + transport, pseudoHeader);
        } else {
            emitTcp(head + transport, pseudoHeader, index);
        }
    }

    private void emitTcp(long tcp, int pseudoHeader, int index) {
        Tcp.checksum(tcp, pseudoHeader);
        Tcp.sequenceNumber(tcp, Tcp.sequenceNumber(tcp) + index * size);
        int flags = Tcp.flags(tcp);
        if ((index + 1) * size < payload) {
            flags &= ~(Tcp.FIN | Tcp.PSH);
        }
        if (index > 0 && ecn) {
            flags &= ~Tcp.CWR;
        }
        Tcp.flags(tcp, flags);
    }

    private int emitIpv4(long packet, int transportLength, int index) {
        Ipv4.totalLength(packet, transport - network + transportLength);
        Ipv4.identification(packet, Ipv4.identification(packet) + index);
        Ipv4.updateChecksum(packet);
        return Ipv4.pseudoHeaderSum(packet, protocol(), transportLength);
    }

    private int emitIpv6(long packet, int transportLength) {
        Ipv6.payloadLength(packet, transport - network - Ipv6.LENGTH + transportLength);
        return Ipv6.pseudoHeaderSum(packet, protocol(), transportLength);
    }

    private int protocol() {
        return udp ? Udp.PROTOCOL : Tcp.PROTOCOL;
    }
}
