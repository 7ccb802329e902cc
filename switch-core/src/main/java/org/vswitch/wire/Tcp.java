package org.vswitch.wire;

/// The TCP header (RFC 9293, 3.1):
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |          Source Port          |       Destination Port        |
/// |                        Sequence Number                        |
/// |                    Acknowledgment Number                      |
/// | Offset| Rsrvd |C E U A P R S F|            Window             |
/// |           Checksum            |         Urgent Pointer        |
/// |                           [Options]                           |
/// ```
///
/// Static accessors over the address of the first byte.
public final class Tcp {
    /// IP's number for TCP.
    public static final int PROTOCOL = 6;
    /// Bytes of a header without options.
    public static final int LENGTH = 20;
    /// Offset of the checksum.
    public static final int CHECKSUM_OFFSET = 16;
    /// Flag: the sender has finished.
    public static final int FIN = 0x01;
    /// Flag: push.
    public static final int PSH = 0x08;
    /// Flag: congestion window reduced (RFC 3168, 6.1).
    public static final int CWR = 0x80;

    private static final int SEQUENCE_NUMBER = 4;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;

    private Tcp() {
    }

    /// Whether the header with its options lies within the frame.
    ///
    /// @param header address of the first byte
    /// @param available bytes from there on
    /// @return true if all getters may be called
    public static boolean isValid(long header, int available) {
        return available >= LENGTH && headerLength(header) >= LENGTH && headerLength(header) <= available;
    }

    /// Bytes of the header, options included.
    ///
    /// @param header address of the first byte
    /// @return four times the data offset
    public static int headerLength(long header) {
        return (NetworkOrder.u8(header + DATA_OFFSET) >>> 4) * 4;
    }

    /// The number of the first byte of the payload, modulo 2^32.
    ///
    /// @param header address of the first byte
    /// @return all 32 bits
    public static int sequenceNumber(long header) {
        return NetworkOrder.u32(header + SEQUENCE_NUMBER);
    }

    /// Sets the number of the first byte of the payload.
    ///
    /// @param header address of the first byte
    /// @param value all 32 bits
    public static void sequenceNumber(long header, int value) {
        NetworkOrder.u32(header + SEQUENCE_NUMBER, value);
    }

    /// The eight flags.
    ///
    /// @param header address of the first byte
    /// @return for example a set that contains [#FIN]
    public static int flags(long header) {
        return NetworkOrder.u8(header + FLAGS);
    }

    /// Sets the eight flags.
    ///
    /// @param header address of the first byte
    /// @param value all of them
    public static void flags(long header, int value) {
        NetworkOrder.u8(header + FLAGS, value);
    }

    /// Sets the checksum field.
    ///
    /// @param header address of the first byte
    /// @param value a checksum, or the sum of the pseudo header where it is still to be completed
    public static void checksum(long header, int value) {
        NetworkOrder.u16(header + CHECKSUM_OFFSET, value);
    }
}
