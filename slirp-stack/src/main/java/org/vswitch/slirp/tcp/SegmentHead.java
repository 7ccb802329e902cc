package org.vswitch.slirp.tcp;

import org.vswitch.slirp.wire.TcpOptions;
import org.vswitch.wire.Checksum;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.Tcp;

/// Writes the headers of segments for guests: Ethernet, IP, TCP with options. Set the fields, then write; the options
/// are cleared by that.
final class SegmentHead {
    /// The most bytes of a head.
    static final int MAX_LENGTH = Ethernet.HEADER_LENGTH + Ipv6.LENGTH + Tcp.LENGTH + TcpOptions.MAX_LENGTH;
    private static final int TIME_TO_LIVE = 64;

    final TcpOptions options = new TcpOptions();
    int seq;
    int ack;
    int flags;
    int wnd;

    /// Bytes of the head that is going to be written.
    ///
    /// @param path to whom
    /// @return at most [#MAX_LENGTH]
    int length(FlowPath path) {
        return Ethernet.HEADER_LENGTH + (path.isV4() ? Ipv4.LENGTH : Ipv6.LENGTH) + tcpLength();
    }

    /// Writes a head of a segment whose checksum is completed on the way out: the field holds the pseudo header's sum.
    ///
    /// @param head address of room for [#length] bytes
    /// @param path to whom
    /// @param payloadLength bytes behind the head
    /// @return [#length]
    int write(long head, FlowPath path, int payloadLength) {
        int length = length(path);
        int tcpLength = tcpLength();
        long ip = head + Ethernet.HEADER_LENGTH;
        Ethernet.destination(head, path.guestMac);
        Ethernet.source(head, path.routerMac);
        int pseudo = path.isV4() ? writeV4(ip, path, tcpLength + payloadLength)
                : writeV6(ip, path, tcpLength + payloadLength);
        Ethernet.type(head, path.isV4() ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        long tcp = head + length - tcpLength;
        Tcp.emit(tcp, tcpLength);
        Tcp.sourcePort(tcp, path.remotePort);
        Tcp.destinationPort(tcp, path.guestPort);
        Tcp.sequenceNumber(tcp, seq);
        Tcp.acknowledgmentNumber(tcp, ack);
        Tcp.flags(tcp, flags);
        Tcp.window(tcp, wnd);
        options.emit(tcp + Tcp.LENGTH);
        options.clear();
        Tcp.checksum(tcp, pseudo);
        return length;
    }

    /// Writes a whole segment without text, with its checksum.
    ///
    /// @param frame address of room for [#length] bytes
    /// @param path to whom
    void writeWhole(long frame, FlowPath path) {
        int tcpLength = tcpLength();
        long tcp = frame + length(path) - tcpLength;
        write(frame, path, 0);
        Tcp.checksum(tcp, Checksum.complement(Checksum.sum(tcp, tcpLength)));
    }

    private int tcpLength() {
        return Tcp.LENGTH + options.length();
    }

    private static int writeV4(long ip, FlowPath path, int payloadLength) {
        Ipv4.emit(ip, Ipv4.LENGTH + payloadLength);
        Ipv4.dontFragment(ip);
        Ipv4.timeToLive(ip, TIME_TO_LIVE);
        Ipv4.protocol(ip, Tcp.PROTOCOL);
        Ipv4.source(ip, (int) path.remoteLow);
        Ipv4.destination(ip, (int) path.guestLow);
        Ipv4.updateChecksum(ip);
        return Ipv4.pseudoHeaderSum(ip, Tcp.PROTOCOL, payloadLength);
    }

    private static int writeV6(long ip, FlowPath path, int payloadLength) {
        Ipv6.emit(ip, payloadLength);
        Ipv6.nextHeader(ip, Tcp.PROTOCOL);
        Ipv6.hopLimit(ip, TIME_TO_LIVE);
        Ipv6.source(ip, path.remoteHigh, path.remoteLow);
        Ipv6.destination(ip, path.guestHigh, path.guestLow);
        return Ipv6.pseudoHeaderSum(ip, Tcp.PROTOCOL, payloadLength);
    }
}
