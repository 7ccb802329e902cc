package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

/// An ICMP message (RFC 792):
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |     Type      |     Code      |          Checksum             |
/// |           Identifier          |        Sequence Number        |  echo
/// |             unused            |         Next-Hop MTU          |  fragmentation needed (RFC 1191, 4)
/// |    Pointer    |                   unused                      |  parameter problem
/// |     Data, or the packet that caused an error message ...
/// ```
///
/// Static accessors over the address of the first byte; what both versions have in common is in [Icmp].
public final class Icmpv4 {
    /// IP's number for ICMP.
    public static final int PROTOCOL = 1;
    /// The most bytes of a packet that an error message quotes: its IP packet then has 576 bytes (RFC 1812, 4.3.2.3).
    public static final int MAX_QUOTE = 576 - Ipv4.LENGTH - Icmp.LENGTH;

    /// Type: the answer to [#ECHO].
    public static final int ECHO_REPLY = 0;
    /// Type: a packet could not be delivered.
    public static final int DESTINATION_UNREACHABLE = 3;
    /// Type: obsolete (RFC 6633).
    public static final int SOURCE_QUENCH = 4;
    /// Type: there is a better router.
    public static final int REDIRECT = 5;
    /// Type: to be answered with the same data.
    public static final int ECHO = 8;
    /// Type: a packet was discarded because of its age.
    public static final int TIME_EXCEEDED = 11;
    /// Type: a packet's header makes no sense.
    public static final int PARAMETER_PROBLEM = 12;

    /// Code of [#DESTINATION_UNREACHABLE]: no route.
    public static final int NET_UNREACHABLE = 0;
    /// Code of [#DESTINATION_UNREACHABLE]: the host does not answer.
    public static final int HOST_UNREACHABLE = 1;
    /// Code of [#DESTINATION_UNREACHABLE]: the host does not speak the protocol.
    public static final int PROTOCOL_UNREACHABLE = 2;
    /// Code of [#DESTINATION_UNREACHABLE]: nobody listens on the port.
    public static final int PORT_UNREACHABLE = 3;
    /// Code of [#DESTINATION_UNREACHABLE]: too long for the next hop, and must not be cut.
    public static final int FRAGMENTATION_NEEDED = 4;
    /// Code of [#DESTINATION_UNREACHABLE]: forbidden by an administrator (RFC 1812, 5.2.7.1).
    public static final int ADMINISTRATIVELY_PROHIBITED = 13;
    /// Code of [#TIME_EXCEEDED]: too many routers.
    public static final int TTL_EXCEEDED = 0;
    /// Code of [#TIME_EXCEEDED]: fragments did not come in time.
    public static final int REASSEMBLY_TIME_EXCEEDED = 1;

    private static final int NEXT_HOP_MTU = 6;
    /// Every error message quotes at least that much of the transport header (RFC 792): the ports.
    private static final int QUOTED_TRANSPORT = 8;

    private Icmpv4() {
    }

    /// How long a packet may be.
    ///
    /// @param message address of the first byte of [#FRAGMENTATION_NEEDED]
    /// @return bytes; 0 from routers that do not know RFC 1191
    public static int nextHopMtu(long message) {
        return NetworkOrder.u16(message + NEXT_HOP_MTU);
    }

    /// Whether messages of a type report an error: nothing answers them with an error (RFC 1122, 3.2.2), and a packet
    /// is quoted.
    ///
    /// @param type of a message
    /// @return false for queries and their answers, and for unknown types
    public static boolean isError(int type) {
        return switch (type) {
            case DESTINATION_UNREACHABLE, SOURCE_QUENCH, REDIRECT, TIME_EXCEEDED, PARAMETER_PROBLEM -> true;
            default -> false;
        };
    }

    /// Finds the transport header in the packet that an error message quotes.
    ///
    /// @param message address of the first byte of a valid message
    /// @param length bytes of the message
    /// @param protocol of the transport, for example 17
    /// @return where at least 8 bytes of it begin, from the first byte of the message on; -1 if the message is no error
    ///     or quotes something else, a later fragment, or too little
    public static int quotedTransport(long message, int length, int protocol) {
        long packet = message + Icmp.LENGTH;
        int available = length - Icmp.LENGTH;
        if (!isError(Icmp.type(message)) || !Ipv4.isValid(packet, available) || Ipv4.protocol(packet) != protocol
                || Ipv4.fragmentOffset(packet) != 0
                || available - Ipv4.headerLength(packet) < QUOTED_TRANSPORT) {
            return -1;
        }
        return Icmp.LENGTH + Ipv4.headerLength(packet);
    }

    /// Whether the checksum is right.
    ///
    /// @param message address of the first byte of a valid message
    /// @param length bytes of the message
    /// @return false if the message was damaged on its way
    public static boolean isChecksumRight(long message, int length) {
        return Checksum.complement(Checksum.sum(message, length)) == 0;
    }

    /// Computes and stores the checksum.
    ///
    /// @param message address of the first byte
    /// @param length bytes of the message
    public static void updateChecksum(long message, int length) {
        NetworkOrder.u16(message + Icmp.CHECKSUM, 0);
        NetworkOrder.u16(message + Icmp.CHECKSUM, Checksum.complement(Checksum.sum(message, length)));
    }

    /// Writes the answer to an echo message, complete with its checksum.
    ///
    /// @param message address of the first of `length` bytes to write, apart from the echo message
    /// @param echo address of the first byte of a valid echo message
    /// @param length bytes of either message
    public static void emitEchoReply(long message, long echo, int length) {
        NativeMemory.copy(echo, message, length);
        Icmp.begin(message, ECHO_REPLY, 0);
        updateChecksum(message, length);
    }

    /// Begins an error message. The quoted packet and then the checksum are still to be written.
    ///
    /// @param message address of the first of [Icmp#LENGTH] bytes to write
    /// @param type for example [#DESTINATION_UNREACHABLE]
    /// @param code of the type
    /// @param rest the second word: 0, or the next-hop MTU, or the pointer in the upper 8 bits
    public static void emitError(long message, int type, int code, int rest) {
        Icmp.begin(message, type, code);
        NetworkOrder.u32(message + Icmp.REST, rest);
    }
}
