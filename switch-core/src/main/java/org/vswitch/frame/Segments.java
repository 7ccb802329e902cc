package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Tcp;
import org.vswitch.wire.VirtioNetHeader;

/// TCP segmentation in software: what a link that takes no super-frames is offered instead (RFC 9293, RFC 3168; the
/// kernel's Documentation/networking/segmentation-offloads).
///
/// Wrapped round one super-frame after the other; its header then passed [OffloadCheck], so that all headers were
/// parsed and lie within the head. What the packet says of its own length is overwritten, never believed: the frame's
/// length counts. IPv4 numbers the segments on from the original's identification. TCP's FIN and PSH remain on the last
/// segment only; CWR remains on the first only, if the sender says so by [VirtioNetHeader#GSO_ECN].
final class Segments {
    private long original;
    private int network;
    private int transport;
    private int headers;
    private int size;
    private int payload;
    private boolean ipv6;
    private boolean ecn;

    /// Measures the headers of a super-frame: Ethernet with tags, IPv4 or IPv6 with extension headers, TCP with
    /// options.
    ///
    /// @param gsoType [VirtioNetHeader#GSO_TCPV4] or [VirtioNetHeader#GSO_TCPV6]
    /// @param frame the frame's head
    /// @param head bytes of it, at least 14
    /// @param csumStart where the TCP header begins, according to the sender
    /// @return bytes in front of the payload, or -1 if the headers are not what gsoType says or leave the head
    static int headerLength(int gsoType, long frame, int head, int csumStart) {
        int network = Ethernet.headerLength(frame, head);
        int type = NetworkOrder.u16(frame + network - 2);
        int transport = transportOffset(gsoType, type, frame + network, head - network);
        if (transport < 0 || network + transport != csumStart || !Tcp.isValid(frame + csumStart, head - csumStart)) {
            return -1;
        }
        return csumStart + Tcp.headerLength(frame + csumStart);
    }

    private static int transportOffset(int gsoType, int type, long packet, int available) {
        if (gsoType == VirtioNetHeader.GSO_TCPV4 && type == Ethernet.TYPE_IPV4) {
            boolean whole = Ipv4.isValid(packet, available) && !Ipv4.isFragment(packet)
                    && Ipv4.protocol(packet) == Tcp.PROTOCOL;
            return whole ? Ipv4.headerLength(packet) : -1;
        }
        if (gsoType == VirtioNetHeader.GSO_TCPV6 && type == Ethernet.TYPE_IPV6) {
            return Ipv6.isValid(packet, available) ? Ipv6.transportOffset(packet, available, Tcp.PROTOCOL) : -1;
        }
        return -1;
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
        ipv6 = (VirtioNetHeader.gsoType(word) & ~VirtioNetHeader.GSO_ECN) == VirtioNetHeader.GSO_TCPV6;
        ecn = (VirtioNetHeader.gsoType(word) & VirtioNetHeader.GSO_ECN) != 0;
    }

    /// Bytes of the headers, the same for all segments.
    int headerLength() {
        return headers;
    }

    /// Where the TCP header begins.
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
        long tcp = head + transport;
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
        return Ipv4.pseudoHeaderSum(packet, Tcp.PROTOCOL, transportLength);
    }

    private int emitIpv6(long packet, int transportLength) {
        Ipv6.payloadLength(packet, transport - network - Ipv6.LENGTH + transportLength);
        return Ipv6.pseudoHeaderSum(packet, Tcp.PROTOCOL, transportLength);
    }
}
