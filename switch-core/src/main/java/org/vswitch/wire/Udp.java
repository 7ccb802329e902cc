package org.vswitch.wire;

/// The UDP header (RFC 768):
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |          Source Port          |       Destination Port        |
/// |            Length             |           Checksum            |
/// ```
///
/// Static accessors over the address of the first byte.
public final class Udp {
    /// IP's number for UDP.
    public static final int PROTOCOL = 17;
    /// Bytes of the header.
    public static final int LENGTH = 8;
    /// Offset of the checksum; no other protocol that leaves it to others has it there.
    public static final int CHECKSUM_OFFSET = 6;

    private static final int SOURCE_PORT = 0;
    private static final int DESTINATION_PORT = 2;
    private static final int DATAGRAM_LENGTH = 4;

    private Udp() {
    }

    /// Whether the datagram lies within the packet. Bytes behind it do not belong to it.
    ///
    /// @param header address of the first byte
    /// @param available bytes from there on
    /// @return true if all getters may be called and [#length] bytes are there
    public static boolean isValid(long header, int available) {
        return available >= LENGTH && length(header) >= LENGTH && length(header) <= available;
    }

    /// The sender's port.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535, 0 if the sender expects no answer
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

    /// Bytes of the datagram, header included.
    ///
    /// @param header address of the first byte
    /// @return 0 to 65,535
    public static int length(long header) {
        return NetworkOrder.u16(header + DATAGRAM_LENGTH);
    }

    /// Sets the bytes of the datagram.
    ///
    /// @param header address of the first byte
    /// @param value header and payload, at most 65,535
    public static void length(long header, int value) {
        NetworkOrder.u16(header + DATAGRAM_LENGTH, value);
    }

    /// The checksum field.
    ///
    /// @param header address of the first byte
    /// @return 0 to 0xffff; 0 if there is none
    public static int checksum(long header) {
        return NetworkOrder.u16(header + CHECKSUM_OFFSET);
    }

    /// Sets the checksum field.
    ///
    /// @param header address of the first byte
    /// @param value as [#transmitted] returns it, or 0 for none (over IPv4 only)
    public static void checksum(long header, int value) {
        NetworkOrder.u16(header + CHECKSUM_OFFSET, value);
    }

    /// The checksum as it is sent: 0 says that there is none, so 0xffff stands for a checksum of 0.
    ///
    /// @param checksum as computed
    /// @return 1 to 0xffff
    public static int transmitted(int checksum) {
        return checksum == 0 ? 0xffff : checksum;
    }
}
