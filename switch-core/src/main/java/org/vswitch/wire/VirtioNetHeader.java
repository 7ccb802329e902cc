package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

/// The header in front of a frame that says what is still to be done to it (virtio 1.2, 5.1.6; linux/virtio_net.h),
/// 12 bytes, little-endian:
///
/// ```
/// | flags 1 | gso_type 1 | hdr_len 2 | gso_size 2 | csum_start 2 | csum_offset 2 | num_buffers 2 |
/// ```
///
/// The first eight bytes are handled as one long, the *offload word*; 0 means that nothing is left to do.
public final class VirtioNetHeader {
    /// Bytes of the header.
    public static final int LENGTH = 12;
    /// Flag: the checksum field holds the pseudo header's sum; the rest is to be added from csum_start on.
    public static final int NEEDS_CSUM = 1;
    /// Flag: the checksum was verified.
    public static final int DATA_VALID = 2;
    /// Not a super-frame.
    public static final int GSO_NONE = 0;
    /// TCP over IPv4 to be segmented.
    public static final int GSO_TCPV4 = 1;
    /// TCP over IPv6 to be segmented.
    public static final int GSO_TCPV6 = 4;
    /// A train of UDP datagrams over IPv4 or IPv6, to be cut: each piece becomes one of its own.
    public static final int GSO_UDP_L4 = 5;
    /// Beside a TCP type: the congestion window reduced flag belongs on the first segment only.
    public static final int GSO_ECN = 0x80;

    private static final int CSUM_OFFSET = 8;

    private VirtioNetHeader() {
    }

    /// Loads the offload word.
    ///
    /// @param header address of the header
    /// @return the first eight bytes
    public static long word(long header) {
        return NativeMemory.getLong(header);
    }

    /// Loads csum_offset.
    ///
    /// @param header address of the header
    /// @return bytes from csum_start to the checksum field
    public static int csumOffset(long header) {
        return NativeMemory.getShort(header + CSUM_OFFSET);
    }

    /// Stores a header of a frame that lies in no chains: num_buffers becomes 0.
    ///
    /// @param header address of the header
    /// @param word as [#word] composes it
    /// @param csumOffset bytes from csum_start to the checksum field
    public static void write(long header, long word, int csumOffset) {
        write(header, word, csumOffset, 0);
    }

    /// Stores a header.
    ///
    /// @param header address of the header
    /// @param word as [#word] composes it
    /// @param csumOffset bytes from csum_start to the checksum field
    /// @param numBuffers how many chains the frame lies in
    public static void write(long header, long word, int csumOffset, int numBuffers) {
        NativeMemory.putLong(header, word);
        NativeMemory.putInt(header + CSUM_OFFSET, numBuffers << 16 | csumOffset);
    }

    /// Copies a header.
    ///
    /// @param from address of the header
    /// @param to address of its copy
    public static void copy(long from, long to) {
        NativeMemory.putLong(to, NativeMemory.getLong(from));
        NativeMemory.putInt(to + CSUM_OFFSET, NativeMemory.getInt(from + CSUM_OFFSET));
    }

    /// Composes an offload word that asks for a checksum and, with a gso_type, for segmentation.
    ///
    /// @param flags a set of [#NEEDS_CSUM] and [#DATA_VALID]
    /// @param gsoType one of the GSO_ constants, [#GSO_ECN] beside it
    /// @param headerLength bytes in front of the payload
    /// @param gsoSize payload bytes of a segment
    /// @return a word with csum_start 0; see [#withCsumStart]
    public static long word(int flags, int gsoType, int headerLength, int gsoSize) {
        return flags | gsoType << 8 | (long) headerLength << 16 | (long) gsoSize << 32;
    }

    /// Replaces csum_start.
    ///
    /// @param word an offload word
    /// @param csumStart offset in the frame
    /// @return the new word
    public static long withCsumStart(long word, int csumStart) {
        return word & 0x0000_ffff_ffff_ffffL | (long) csumStart << 48;
    }

    /// Moves csum_start and hdr_len, as a tag that comes or goes requires.
    ///
    /// @param word an offload word
    /// @param bytes how far, 4 or -4
    /// @return the new word; 0 stays 0
    public static long shifted(long word, int bytes) {
        if (word == 0) {
            return 0;
        }
        long moved = withCsumStart(word, needsCsum(word) ? csumStart(word) + bytes : csumStart(word));
        int headerLength = headerLength(word) == 0 ? 0 : headerLength(word) + bytes;
        return moved & ~0xffff_0000L | (long) headerLength << 16;
    }

    /// The flags.
    ///
    /// @param word an offload word
    /// @return a set of [#NEEDS_CSUM] and [#DATA_VALID]
    public static int flags(long word) {
        return (int) word & 0xff;
    }

    /// Whether a checksum is to be completed.
    ///
    /// @param word an offload word
    /// @return true with [#NEEDS_CSUM]
    public static boolean needsCsum(long word) {
        return (word & NEEDS_CSUM) != 0;
    }

    /// The kind of super-frame.
    ///
    /// @param word an offload word
    /// @return [#GSO_NONE] or a type, [#GSO_ECN] beside it
    public static int gsoType(long word) {
        return (int) (word >>> 8) & 0xff;
    }

    /// Bytes in front of the payload.
    ///
    /// @param word an offload word
    /// @return hdr_len
    public static int headerLength(long word) {
        return (int) (word >>> 16) & 0xffff;
    }

    /// Payload bytes of a segment.
    ///
    /// @param word an offload word
    /// @return gso_size
    public static int gsoSize(long word) {
        return (int) (word >>> 32) & 0xffff;
    }

    /// Where the checksummed range begins.
    ///
    /// @param word an offload word
    /// @return offset in the frame
    public static int csumStart(long word) {
        return (int) (word >>> 48);
    }
}
