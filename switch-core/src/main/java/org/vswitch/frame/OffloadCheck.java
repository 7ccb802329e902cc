package org.vswitch.frame;

import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Tcp;
import org.vswitch.wire.Udp;
import org.vswitch.wire.VirtioNetHeader;

/// Decides once, at receive, whether an offload header from outside fits its frame (virtio 1.2, 5.1.6.2).
///
/// A header that passes can be acted on later without further checks: the checksum field lies within the head and
/// behind addresses, tags and type (so that completing a checksum can never move a frame into another VLAN), and a
/// super-frame's Ethernet, tags, IP (with extension headers) and TCP or UDP headers were parsed and lie within the
/// head.
final class OffloadCheck {
    /// The header does not fit the frame.
    static final long INVALID = -1;
    /// Smaller segments of TCP would multiply one frame into too many.
    static final int MIN_GSO_SIZE = 48;
    /// The most datagrams of a train: UDP_MAX_SEGMENTS of the kernel (linux/udp.h; 64 before Linux 6.9). They may be
    /// of any size.
    static final int MAX_DATAGRAMS = 128;
    /// What an IP packet can say of its length.
    private static final int MAX_PACKET = 65_535;

    private OffloadCheck() {
    }

    /// Checks a header and brings it into its canonical form.
    ///
    /// @param word the offload word as received
    /// @param csumOffset as received
    /// @param frame the frame's head
    /// @param length the frame's length in bytes, at least 14
    /// @return the word with hdr_len computed and unknown flags cleared, 0 if nothing is to be done, or [#INVALID]
    static long canonical(long word, int csumOffset, long frame, int length) {
        int gsoType = VirtioNetHeader.gsoType(word);
        if (!VirtioNetHeader.needsCsum(word)) {
            return gsoType == VirtioNetHeader.GSO_NONE ? 0 : INVALID;
        }
        int csumStart = VirtioNetHeader.csumStart(word);
        int head = Math.min(length, FrameBatch.MAX_HEAD);
        if (csumStart < Ethernet.headerLength(frame, head) || csumStart + csumOffset + 2 > head) {
            return INVALID;
        }
        if (gsoType == VirtioNetHeader.GSO_NONE) {
            return VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0), csumStart);
        }
        int gsoSize = VirtioNetHeader.gsoSize(word);
        int headers = Segments.headerLength(gsoType & ~VirtioNetHeader.GSO_ECN, frame, head, csumStart);
        if (headers < 0 || !isCut(gsoType, gsoSize, csumOffset, length - headers)
                || headers - Ethernet.HEADER_LENGTH + gsoSize > MAX_PACKET) {
            return INVALID;
        }
        long canonical = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, gsoType, headers, gsoSize);
        return VirtioNetHeader.withCsumStart(canonical, csumStart);
    }

    /// Whether the payload can be cut as told, into not too many segments.
    private static boolean isCut(int gsoType, int gsoSize, int csumOffset, int payload) {
        if ((gsoType & ~VirtioNetHeader.GSO_ECN) != VirtioNetHeader.GSO_UDP_L4) {
            return csumOffset == Tcp.CHECKSUM_OFFSET && gsoSize >= MIN_GSO_SIZE;
        }
        return gsoType == VirtioNetHeader.GSO_UDP_L4 && csumOffset == Udp.CHECKSUM_OFFSET
                && payload <= gsoSize * MAX_DATAGRAMS && gsoSize > 0;
    }
}
