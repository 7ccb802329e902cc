package org.vswitch.wire;

/// The IPv6 header (RFC 8200, 3) and its extension headers (4):
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |Version| Traffic Class |           Flow Label                  |
/// |         Payload Length        |  Next Header  |   Hop Limit   |
/// |                        Source Address (16)                    |
/// |                     Destination Address (16)                  |
///
/// |  Next Header  |  Hdr Ext Len  |  (routing: type, segments left)
/// ```
///
/// Static accessors over the address of the first byte.
public final class Ipv6 {
    /// Bytes of the header without extension headers.
    public static final int LENGTH = 40;

    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int SOURCE = 8;
    private static final int ADDRESSES_LENGTH = 32;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int EXTENSION_UNIT = 8;
    private static final int SEGMENTS_LEFT = 3;
    /// RFC 8200 knows five places for those that are skipped here; hostile chains end.
    private static final int MAX_EXTENSIONS = 8;

    private Ipv6() {
    }

    /// Whether this is an IPv6 header that lies within the frame.
    ///
    /// @param header address of the first byte
    /// @param available bytes from there on
    /// @return true if all getters may be called
    public static boolean isValid(long header, int available) {
        return available >= LENGTH && NetworkOrder.u8(header) >>> 4 == 6;
    }

    /// Bytes behind the header, extension headers included, as it says itself.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535
    public static int payloadLength(long header) {
        return NetworkOrder.u16(header + PAYLOAD_LENGTH);
    }

    /// Sets the bytes behind the header.
    ///
    /// @param header address of the first byte
    /// @param value extension headers and payload, at most 65,535
    public static void payloadLength(long header, int value) {
        NetworkOrder.u16(header + PAYLOAD_LENGTH, value);
    }

    /// Walks over hop-by-hop options, destination options and a routing header that has been followed to its end (the
    /// destination address is then the final one, as the pseudo header wants it).
    ///
    /// @param header address of the first byte of a valid header
    /// @param available bytes from there on
    /// @param protocol what is looked for, for example [Tcp#PROTOCOL]
    /// @return where its header begins, from the first byte on; or -1 if there is another protocol, a fragment, an
    ///     extension header not named above, or a chain that leaves what is available or has too many members
    public static int transportOffset(long header, int available, int protocol) {
        int next = NetworkOrder.u8(header + NEXT_HEADER);
        int offset = LENGTH;
        for (int walked = 0; next != protocol; walked++) {
            if (walked == MAX_EXTENSIONS || offset + EXTENSION_UNIT > available
                    || !isSkippable(next, header + offset)) {
                return -1;
            }
            next = NetworkOrder.u8(header + offset);
            offset += (NetworkOrder.u8(header + offset + 1) + 1) * EXTENSION_UNIT;
        }
        return offset <= available ? offset : -1;
    }

    /// Sums the pseudo header that TCP and UDP checksum with their own bytes (RFC 8200, 8.1).
    ///
    /// @param header address of the first byte
    /// @param protocol of the payload
    /// @param length bytes of the payload, extension headers excluded
    /// @return 0 to 0xffff
    public static int pseudoHeaderSum(long header, int protocol, int length) {
        return Checksum.fold(Checksum.sum(header + SOURCE, ADDRESSES_LENGTH) + protocol + length);
    }

    private static boolean isSkippable(int kind, long extension) {
        return switch (kind) {
            case HOP_BY_HOP, DESTINATION_OPTIONS -> true;
            case ROUTING -> NetworkOrder.u8(extension + SEGMENTS_LEFT) == 0;
            default -> false;
        };
    }
}
