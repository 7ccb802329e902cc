package org.vswitch.wire;

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

    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FRAGMENT = 6;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int ADDRESSES_LENGTH = 8;
    private static final int MORE_FRAGMENTS_AND_OFFSET = 0x3fff;

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

    /// Bytes of the header, options included.
    ///
    /// @param header address of the first byte
    /// @return four times IHL
    public static int headerLength(long header) {
        return (NetworkOrder.u8(header) & 15) * 4;
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

    /// What the payload is.
    ///
    /// @param header address of the first byte
    /// @return for example [Tcp#PROTOCOL]
    public static int protocol(long header) {
        return NetworkOrder.u8(header + PROTOCOL);
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
