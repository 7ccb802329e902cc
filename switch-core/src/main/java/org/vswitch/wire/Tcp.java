package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

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
    /// Flag: the sender begins; its sequence number is the initial one.
    public static final int SYN = 0x02;
    /// Flag: the connection is no more.
    public static final int RST = 0x04;
    /// Flag: push.
    public static final int PSH = 0x08;
    /// Flag: the acknowledgment number counts.
    public static final int ACK = 0x10;
    /// Flag: the urgent pointer counts.
    public static final int URG = 0x20;
    /// Flag: congestion was experienced (RFC 3168, 6.1).
    public static final int ECE = 0x40;
    /// Flag: congestion window reduced (RFC 3168, 6.1).
    public static final int CWR = 0x80;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE_NUMBER = 4;
    private static final int ACKNOWLEDGMENT_NUMBER = 8;
    private static final int DATA_OFFSET = 12;
    private static final int FLAGS = 13;
    private static final int WINDOW = 14;
    private static final int URGENT_POINTER = 18;

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

    /// Begins a header: its length; everything else in its fixed part is 0.
    ///
    /// @param header address of the first of `headerLength` bytes
    /// @param headerLength with options, a multiple of 4 from 20 to 60
    public static void emit(long header, int headerLength) {
        NativeMemory.zero(header, LENGTH);
        NetworkOrder.u8(header + DATA_OFFSET, headerLength / 4 << 4);
    }

    /// Bytes of the header, options included.
    ///
    /// @param header address of the first byte
    /// @return four times the data offset
    public static int headerLength(long header) {
        return (NetworkOrder.u8(header + DATA_OFFSET) >>> 4) * 4;
    }

    /// The sender's port.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535
    public static int sourcePort(long header) {
        return NetworkOrder.u16(header + SOURCE_PORT);
    }

    /// Sets the sender's port.
    ///
    /// @param header address of the first byte
    /// @param value its low 16 bits
    public static void sourcePort(long header, int value) {
        NetworkOrder.u16(header + SOURCE_PORT, value);
    }

    /// The receiver's port.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535
    public static int destinationPort(long header) {
        return NetworkOrder.u16(header + DESTINATION_PORT);
    }

    /// Sets the receiver's port.
    ///
    /// @param header address of the first byte
    /// @param value its low 16 bits
    public static void destinationPort(long header, int value) {
        NetworkOrder.u16(header + DESTINATION_PORT, value);
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

    /// The number of the next byte that the sender expects, modulo 2^32; it counts with [#ACK] only.
    ///
    /// @param header address of the first byte
    /// @return all 32 bits
    public static int acknowledgmentNumber(long header) {
        return NetworkOrder.u32(header + ACKNOWLEDGMENT_NUMBER);
    }

    /// Sets the number of the next byte expected.
    ///
    /// @param header address of the first byte
    /// @param value all 32 bits
    public static void acknowledgmentNumber(long header, int value) {
        NetworkOrder.u32(header + ACKNOWLEDGMENT_NUMBER, value);
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

    /// The window as it stands in the header, not scaled.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535
    public static int window(long header) {
        return NetworkOrder.u16(header + WINDOW);
    }

    /// Sets the window field.
    ///
    /// @param header address of the first byte
    /// @param value its low 16 bits, already scaled down
    public static void window(long header, int value) {
        NetworkOrder.u16(header + WINDOW, value);
    }

    /// Where urgent data ends, from the sequence number on; it counts with [#URG] only.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535
    public static int urgentPointer(long header) {
        return NetworkOrder.u16(header + URGENT_POINTER);
    }

    /// The checksum field.
    ///
    /// @param header address of the first byte
    /// @return 0 to 0xffff
    public static int checksum(long header) {
        return NetworkOrder.u16(header + CHECKSUM_OFFSET);
    }

    /// Sets the checksum field.
    ///
    /// @param header address of the first byte
    /// @param value a checksum, or the sum of the pseudo header where it is still to be completed
    public static void checksum(long header, int value) {
        NetworkOrder.u16(header + CHECKSUM_OFFSET, value);
    }
}
