package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

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

    private static final int VERSION = 6 << 28;
    private static final int TRAFFIC_CLASS = 0xff << 20;
    private static final int TRAFFIC_CLASS_SHIFT = 20;
    private static final int FLOW_LABEL = 0xf_ffff;
    private static final int PAYLOAD_LENGTH = 4;
    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;
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

    /// Begins a header: version and payload length; everything else is 0.
    ///
    /// @param header address of the first of [#LENGTH] bytes
    /// @param payloadLength bytes behind the header, at most 65,535
    public static void emit(long header, int payloadLength) {
        NativeMemory.zero(header, LENGTH);
        NetworkOrder.u32(header, VERSION);
        payloadLength(header, payloadLength);
    }

    /// Traffic class: six bits of DSCP (RFC 2474, 3), two of ECN (RFC 3168, 5).
    ///
    /// @param header address of the first byte
    /// @return 0 to 255
    public static int trafficClass(long header) {
        return (NetworkOrder.u32(header) & TRAFFIC_CLASS) >>> TRAFFIC_CLASS_SHIFT;
    }

    /// Sets the traffic class.
    ///
    /// @param header address of the first byte
    /// @param value its low 8 bits
    public static void trafficClass(long header, int value) {
        int others = NetworkOrder.u32(header) & ~TRAFFIC_CLASS;
        NetworkOrder.u32(header, others | value << TRAFFIC_CLASS_SHIFT & TRAFFIC_CLASS);
    }

    /// What packets of one flow have in common.
    ///
    /// @param header address of the first byte
    /// @return 20 bits, 0 if the sender does not say
    public static int flowLabel(long header) {
        return NetworkOrder.u32(header) & FLOW_LABEL;
    }

    /// Sets the flow label.
    ///
    /// @param header address of the first byte
    /// @param value its low 20 bits
    public static void flowLabel(long header, int value) {
        NetworkOrder.u32(header, NetworkOrder.u32(header) & ~FLOW_LABEL | value & FLOW_LABEL);
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

    /// What follows: an extension header or the payload.
    ///
    /// @param header address of the first byte
    /// @return for example [Tcp#PROTOCOL]
    public static int nextHeader(long header) {
        return NetworkOrder.u8(header + NEXT_HEADER);
    }

    /// Sets what follows.
    ///
    /// @param header address of the first byte
    /// @param value for example [Tcp#PROTOCOL]
    public static void nextHeader(long header, int value) {
        NetworkOrder.u8(header + NEXT_HEADER, value);
    }

    /// How many routers may still forward the packet.
    ///
    /// @param header address of the first byte
    /// @return 0 to 255
    public static int hopLimit(long header) {
        return NetworkOrder.u8(header + HOP_LIMIT);
    }

    /// Sets the hop limit.
    ///
    /// @param header address of the first byte
    /// @param value its low 8 bits
    public static void hopLimit(long header, int value) {
        NetworkOrder.u8(header + HOP_LIMIT, value);
    }

    /// The first half of the sender's address.
    ///
    /// @param header address of the first byte
    /// @return its upper 64 bits
    public static long sourceHigh(long header) {
        return NetworkOrder.u64(header + SOURCE);
    }

    /// The second half of the sender's address.
    ///
    /// @param header address of the first byte
    /// @return its lower 64 bits
    public static long sourceLow(long header) {
        return NetworkOrder.u64(header + SOURCE + Long.BYTES);
    }

    /// Sets the sender's address.
    ///
    /// @param header address of the first byte
    /// @param high the upper 64 bits
    /// @param low the lower 64 bits
    public static void source(long header, long high, long low) {
        NetworkOrder.u64(header + SOURCE, high);
        NetworkOrder.u64(header + SOURCE + Long.BYTES, low);
    }

    /// The first half of the receiver's address.
    ///
    /// @param header address of the first byte
    /// @return its upper 64 bits
    public static long destinationHigh(long header) {
        return NetworkOrder.u64(header + DESTINATION);
    }

    /// The second half of the receiver's address.
    ///
    /// @param header address of the first byte
    /// @return its lower 64 bits
    public static long destinationLow(long header) {
        return NetworkOrder.u64(header + DESTINATION + Long.BYTES);
    }

    /// Sets the receiver's address.
    ///
    /// @param header address of the first byte
    /// @param high the upper 64 bits
    /// @param low the lower 64 bits
    public static void destination(long header, long high, long low) {
        NetworkOrder.u64(header + DESTINATION, high);
        NetworkOrder.u64(header + DESTINATION + Long.BYTES, low);
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
