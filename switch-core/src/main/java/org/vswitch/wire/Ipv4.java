package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

/// The IPv4 header (RFC 791, 3.1):
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |Version|  IHL  |Type of Service|          Total Length         |
/// |         Identification        |Flags|      Fragment Offset    |
/// |  Time to Live |    Protocol   |         Header Checksum       |
/// |                       Source Address                          |
/// |                    Destination Address                        |
/// |                    Options                    |    Padding    |
/// ```
///
/// Static accessors over the address of the first byte.
public final class Ipv4 {
    /// Bytes of a header without options.
    public static final int LENGTH = 20;

    private static final int VERSION_AND_LENGTH = 0x45;
    private static final int TYPE_OF_SERVICE = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FRAGMENT = 6;
    private static final int TIME_TO_LIVE = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;
    private static final int ADDRESSES_LENGTH = 8;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int MORE_FRAGMENTS_AND_OFFSET = 0x3fff;
    private static final int FRAGMENT_OFFSET = 0x1fff;
    private static final int FRAGMENT_UNIT = 8;

    private Ipv4() {
    }

    /// Whether this is an IPv4 header that lies within the frame. The total length is not looked at: senders of
    /// super-frames may leave it at anything.
    ///
    /// @param header address of the first byte
    /// @param available bytes from there on
    /// @return true if all getters may be called
    public static boolean isValid(long header, int available) {
        return available >= LENGTH && NetworkOrder.u8(header) >>> 4 == 4
                && headerLength(header) >= LENGTH && headerLength(header) <= available;
    }

    /// Begins a header without options: version, header length and total length; everything else is 0.
    ///
    /// @param header address of the first of [#LENGTH] bytes
    /// @param totalLength bytes of header and payload, at most 65,535
    public static void emit(long header, int totalLength) {
        NativeMemory.zero(header, LENGTH);
        NetworkOrder.u8(header, VERSION_AND_LENGTH);
        totalLength(header, totalLength);
    }

    /// Bytes of the header, options included.
    ///
    /// @param header address of the first byte
    /// @return four times IHL
    public static int headerLength(long header) {
        return (NetworkOrder.u8(header) & 15) * 4;
    }

    /// Type of service: six bits of DSCP (RFC 2474, 3), two of ECN (RFC 3168, 5).
    ///
    /// @param header address of the first byte
    /// @return 0 to 255
    public static int typeOfService(long header) {
        return NetworkOrder.u8(header + TYPE_OF_SERVICE);
    }

    /// Sets the type of service.
    ///
    /// @param header address of the first byte
    /// @param value its low 8 bits
    public static void typeOfService(long header, int value) {
        NetworkOrder.u8(header + TYPE_OF_SERVICE, value);
    }

    /// Bytes of the packet, header included, as it says itself.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535
    public static int totalLength(long header) {
        return NetworkOrder.u16(header + TOTAL_LENGTH);
    }

    /// Sets the bytes of the packet.
    ///
    /// @param header address of the first byte
    /// @param value header and payload, at most 65,535
    public static void totalLength(long header, int value) {
        NetworkOrder.u16(header + TOTAL_LENGTH, value);
    }

    /// What fragments of one packet have in common.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535
    public static int identification(long header) {
        return NetworkOrder.u16(header + IDENTIFICATION);
    }

    /// Sets the identification.
    ///
    /// @param header address of the first byte
    /// @param value its low 16 bits
    public static void identification(long header, int value) {
        NetworkOrder.u16(header + IDENTIFICATION, value);
    }

    /// Whether the packet is only a part: the first, a middle or the last fragment.
    ///
    /// @param header address of the first byte
    /// @return true with More Fragments or an offset
    public static boolean isFragment(long header) {
        return (NetworkOrder.u16(header + FRAGMENT) & MORE_FRAGMENTS_AND_OFFSET) != 0;
    }

    /// Whether routers must not cut the packet.
    ///
    /// @param header address of the first byte
    /// @return true with Don't Fragment
    public static boolean isDontFragment(long header) {
        return (NetworkOrder.u16(header + FRAGMENT) & DONT_FRAGMENT) != 0;
    }

    /// Forbids routers to cut the packet; it is no fragment either then.
    ///
    /// @param header address of the first byte
    public static void dontFragment(long header) {
        NetworkOrder.u16(header + FRAGMENT, DONT_FRAGMENT);
    }

    /// Whether fragments with a higher offset follow.
    ///
    /// @param header address of the first byte
    /// @return true with More Fragments
    public static boolean isMoreFragments(long header) {
        return (NetworkOrder.u16(header + FRAGMENT) & MORE_FRAGMENTS) != 0;
    }

    /// Where the payload belongs in that of the whole packet.
    ///
    /// @param header address of the first byte
    /// @return bytes, a multiple of 8, at most 65,528
    public static int fragmentOffset(long header) {
        return (NetworkOrder.u16(header + FRAGMENT) & FRAGMENT_OFFSET) * FRAGMENT_UNIT;
    }

    /// Makes the packet a fragment; Don't Fragment is taken away.
    ///
    /// @param header address of the first byte
    /// @param offset bytes in front of the payload in the whole packet, a multiple of 8
    /// @param moreFragments whether others follow
    public static void fragment(long header, int offset, boolean moreFragments) {
        NetworkOrder.u16(header + FRAGMENT, offset / FRAGMENT_UNIT | (moreFragments ? MORE_FRAGMENTS : 0));
    }

    /// How many routers may still forward the packet.
    ///
    /// @param header address of the first byte
    /// @return 0 to 255
    public static int timeToLive(long header) {
        return NetworkOrder.u8(header + TIME_TO_LIVE);
    }

    /// Sets the time to live.
    ///
    /// @param header address of the first byte
    /// @param value its low 8 bits
    public static void timeToLive(long header, int value) {
        NetworkOrder.u8(header + TIME_TO_LIVE, value);
    }

    /// What the payload is.
    ///
    /// @param header address of the first byte
    /// @return for example [Tcp#PROTOCOL]
    public static int protocol(long header) {
        return NetworkOrder.u8(header + PROTOCOL);
    }

    /// Sets what the payload is.
    ///
    /// @param header address of the first byte
    /// @param value for example [Tcp#PROTOCOL]
    public static void protocol(long header, int value) {
        NetworkOrder.u8(header + PROTOCOL, value);
    }

    /// The sender's address.
    ///
    /// @param header address of the first byte
    /// @return all 32 bits
    public static int source(long header) {
        return NetworkOrder.u32(header + SOURCE);
    }

    /// Sets the sender's address.
    ///
    /// @param header address of the first byte
    /// @param value all 32 bits
    public static void source(long header, int value) {
        NetworkOrder.u32(header + SOURCE, value);
    }

    /// The receiver's address.
    ///
    /// @param header address of the first byte
    /// @return all 32 bits
    public static int destination(long header) {
        return NetworkOrder.u32(header + DESTINATION);
    }

    /// Sets the receiver's address.
    ///
    /// @param header address of the first byte
    /// @param value all 32 bits
    public static void destination(long header, int value) {
        NetworkOrder.u32(header + DESTINATION, value);
    }

    /// Whether the header checksum is right.
    ///
    /// @param header address of the first byte of a valid header
    /// @return false if the header was damaged on its way
    public static boolean isChecksumRight(long header) {
        return Checksum.complement(Checksum.sum(header, headerLength(header))) == 0;
    }

    /// Computes and stores the header checksum.
    ///
    /// @param header address of the first byte
    public static void updateChecksum(long header) {
        NetworkOrder.u16(header + CHECKSUM, 0);
        NetworkOrder.u16(header + CHECKSUM, Checksum.complement(Checksum.sum(header, headerLength(header))));
    }

    /// Sums the pseudo header that TCP and UDP checksum with their own bytes (RFC 9293, 3.1).
    ///
    /// @param header address of the first byte
    /// @param protocol of the payload
    /// @param length bytes of the payload
    /// @return 0 to 0xffff
    public static int pseudoHeaderSum(long header, int protocol, int length) {
        return Checksum.fold(Checksum.sum(header + SOURCE, ADDRESSES_LENGTH) + protocol + length);
    }
}
