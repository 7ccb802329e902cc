package org.vswitch.wire;

/// A message of DHCPv6 between client and server (RFC 8415, 8), the payload of a UDP datagram:
///
/// ```
/// | msg-type (1) | transaction-id (3) | options ...
///
/// | option-code (2) | option-len (2) | value ...
/// ```
///
/// The options IA_NA, IA_TA and IA_PD hold further options behind some fields of their own; each of their addresses or
/// prefixes is one.
///
/// Static accessors over the address of the first byte, and of an option's.
public final class Dhcpv6 {
    /// The port of clients.
    public static final int CLIENT_PORT = 546;
    /// The port of servers and relay agents.
    public static final int SERVER_PORT = 547;
    /// Bytes in front of the options.
    public static final int LENGTH = 4;
    /// Message type: a server gives, confirms or takes back what was asked for.
    public static final int REPLY = 7;
    /// Bytes in front of an option's value.
    public static final int OPTION_LENGTH = 4;
    /// Option: addresses for a client.
    public static final int IA_NA = 3;
    /// Bytes of the fields in front of the options in IA_NA and in IA_PD: IAID, T1, T2.
    public static final int IA_NA_FIELDS = 12;
    /// Option: temporary addresses for a client.
    public static final int IA_TA = 4;
    /// Bytes of the field in front of the options in IA_TA: IAID.
    public static final int IA_TA_FIELDS = 4;
    /// Option, in the two others: an address.
    public static final int IAADDR = 5;
    /// Bytes of an address and its two lifetimes.
    public static final int IAADDR_FIELDS = 24;

    /// Option: networks that are delegated to a client.
    public static final int IA_PD = 25;
    /// Option, in IA_PD: a prefix.
    public static final int IAPREFIX = 26;
    /// Bytes of two lifetimes, the length of a prefix, and the prefix.
    public static final int IAPREFIX_FIELDS = 25;

    private static final int TRANSACTION = 0xff_ffff;
    private static final int VALID_LIFETIME = 20;
    private static final int PREFIX_VALID_LIFETIME = 4;
    private static final int PREFIX_LENGTH = 8;
    private static final int PREFIX = 9;

    private Dhcpv6() {
    }

    /// Whether clients send messages of a type: SOLICIT, REQUEST, CONFIRM, RENEW, REBIND, RELEASE, DECLINE and
    /// INFORMATION-REQUEST (RFC 8415, 7.3).
    ///
    /// @param type of a message
    /// @return false for what servers and relay agents send
    public static boolean isOfClient(int type) {
        return switch (type) {
            case 1, 3, 4, 5, 6, 8, 9, 11 -> true;
            default -> false;
        };
    }

    /// What the message is.
    ///
    /// @param message address of the first byte
    /// @return for example [#REPLY]
    public static int type(long message) {
        return NetworkOrder.u8(message);
    }

    /// What a message and its answer have in common.
    ///
    /// @param message address of the first byte
    /// @return 24 bits
    public static int transaction(long message) {
        return NetworkOrder.u32(message) & TRANSACTION;
    }

    /// The kind of an option.
    ///
    /// @param option address of its first byte
    /// @return for example [#IA_NA]
    public static int optionCode(long option) {
        return NetworkOrder.u16(option);
    }

    /// Bytes of an option's value.
    ///
    /// @param option address of its first byte
    /// @return 0 to 65,535
    public static int optionLength(long option) {
        return NetworkOrder.u16(option + 2);
    }

    /// The upper half of the address in an option.
    ///
    /// @param option address of the first byte of one of kind [#IAADDR], with [#IAADDR_FIELDS] bytes at least
    /// @return 64 bits
    public static long addressHigh(long option) {
        return NetworkOrder.u64(option + OPTION_LENGTH);
    }

    /// The lower half of the address in an option.
    ///
    /// @param option address of the first byte of one of kind [#IAADDR], with [#IAADDR_FIELDS] bytes at least
    /// @return 64 bits
    public static long addressLow(long option) {
        return NetworkOrder.u64(option + OPTION_LENGTH + Long.BYTES);
    }

    /// How long the address in an option may be used.
    ///
    /// @param option address of the first byte of one of kind [#IAADDR], with [#IAADDR_FIELDS] bytes at least
    /// @return unsigned seconds, -1 for ever; 0 if it is taken back
    public static int validSeconds(long option) {
        return NetworkOrder.u32(option + OPTION_LENGTH + VALID_LIFETIME);
    }

    /// The upper half of the prefix in an option.
    ///
    /// @param option address of the first byte of one of kind [#IAPREFIX], with [#IAPREFIX_FIELDS] bytes at least
    /// @return 64 bits; those behind the prefix's length mean nothing
    public static long prefixHigh(long option) {
        return NetworkOrder.u64(option + OPTION_LENGTH + PREFIX);
    }

    /// The lower half of the prefix in an option.
    ///
    /// @param option address of the first byte of one of kind [#IAPREFIX], with [#IAPREFIX_FIELDS] bytes at least
    /// @return 64 bits; those behind the prefix's length mean nothing
    public static long prefixLow(long option) {
        return NetworkOrder.u64(option + OPTION_LENGTH + PREFIX + Long.BYTES);
    }

    /// The length of the prefix in an option.
    ///
    /// @param option address of the first byte of one of kind [#IAPREFIX], with [#IAPREFIX_FIELDS] bytes at least
    /// @return bits, 0 to 255
    public static int prefixLength(long option) {
        return NetworkOrder.u8(option + OPTION_LENGTH + PREFIX_LENGTH);
    }

    /// How long the prefix in an option may be used.
    ///
    /// @param option address of the first byte of one of kind [#IAPREFIX], with [#IAPREFIX_FIELDS] bytes at least
    /// @return unsigned seconds, -1 for ever; 0 if it is taken back
    public static int prefixValidSeconds(long option) {
        return NetworkOrder.u32(option + OPTION_LENGTH + PREFIX_VALID_LIFETIME);
    }
}
