package org.vswitch.wire;

/// What ICMP and ICMPv6 messages have in common (RFC 792; RFC 4443, 2.1): type, code and checksum, and, in echo
/// messages, identifier and sequence number, all in the first 8 bytes.
///
/// Static accessors over the address of the first byte.
public final class Icmp {
    /// Bytes in front of the data.
    public static final int LENGTH = 8;
    /// Where the checksum is.
    static final int CHECKSUM = 2;
    /// Where the second word is, whose meaning depends on the type.
    static final int REST = 4;

    private static final int CODE = 1;
    private static final int IDENTIFIER = 4;
    private static final int SEQUENCE_NUMBER = 6;

    private Icmp() {
    }

    /// Whether the message has all the fields that can be read.
    ///
    /// @param message address of the first byte
    /// @param length bytes of the IP payload
    /// @return true if all getters may be called
    public static boolean isValid(long message, int length) {
        return length >= LENGTH;
    }

    /// What the message is.
    ///
    /// @param message address of the first byte
    /// @return for example [Icmpv4#ECHO]
    public static int type(long message) {
        return NetworkOrder.u8(message);
    }

    /// What it is in particular.
    ///
    /// @param message address of the first byte
    /// @return a code of the type
    public static int code(long message) {
        return NetworkOrder.u8(message + CODE);
    }

    /// The checksum as it stands there.
    ///
    /// @param message address of the first byte
    /// @return 0 to 65,535
    public static int checksum(long message) {
        return NetworkOrder.u16(message + CHECKSUM);
    }

    /// What the echo messages of one sender have in common.
    ///
    /// @param message address of the first byte of an echo message
    /// @return 0 to 65,535
    public static int identifier(long message) {
        return NetworkOrder.u16(message + IDENTIFIER);
    }

    /// Sets the identifier.
    ///
    /// @param message address of the first byte of an echo message
    /// @param value its low 16 bits
    public static void identifier(long message, int value) {
        NetworkOrder.u16(message + IDENTIFIER, value);
    }

    /// The number of an echo message.
    ///
    /// @param message address of the first byte of an echo message
    /// @return 0 to 65,535
    public static int sequenceNumber(long message) {
        return NetworkOrder.u16(message + SEQUENCE_NUMBER);
    }

    /// Writes type and code, and 0 for the checksum.
    static void begin(long message, int type, int code) {
        NetworkOrder.u8(message, type);
        NetworkOrder.u8(message + CODE, code);
        NetworkOrder.u16(message + CHECKSUM, 0);
    }
}
