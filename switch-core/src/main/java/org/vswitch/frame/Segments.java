package org.vswitch.frame;

/// TCP segmentation in software: what a link that takes no super-frames is offered instead.
final class Segments {
    /// Offset of the checksum in a TCP header.
    static final int TCP_CSUM_OFFSET = 16;

    private Segments() {
    }

    /// Measures the headers of a super-frame: Ethernet with tags, IPv4 or IPv6 with extension headers, TCP with
    /// options.
    ///
    /// @param gsoType [org.vswitch.wire.VirtioNetHeader#GSO_TCPV4] or `GSO_TCPV6`
    /// @param frame the frame's head
    /// @param head bytes of it
    /// @param csumStart where the TCP header begins, according to the sender
    /// @return bytes in front of the payload, or -1 if the headers are not what gsoType says or leave the head
    static int headerLength(int gsoType, long frame, int head, int csumStart) {
        return -1;
    }
}
