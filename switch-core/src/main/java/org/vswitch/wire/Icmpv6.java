package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

/// An ICMPv6 message (RFC 4443, 2.1, 3 and 4):
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |     Type      |     Code      |          Checksum             |
/// |           Identifier          |        Sequence Number        |  echo
/// |                             MTU                               |  packet too big
/// |                            Pointer                            |  parameter problem
/// |     Data, or the packet that caused an error message ...
/// ```
///
/// Static accessors over the address of the first byte; what both versions have in common is in [Icmp]. The checksum
/// covers a pseudo header too, which is made of the addresses in the IPv6 header.
public final class Icmpv6 {
    /// IPv6's number for ICMPv6.
    public static final int PROTOCOL = 58;
    /// The most bytes of a packet that an error message quotes: its IPv6 packet then has 1,280 bytes (RFC 4443, 2.4c).
    public static final int MAX_QUOTE = 1_280 - Ipv6.LENGTH - Icmp.LENGTH;

    /// Type: a packet could not be delivered.
    public static final int DESTINATION_UNREACHABLE = 1;
    /// Type: too long for the next hop.
    public static final int PACKET_TOO_BIG = 2;
    /// Type: a packet was discarded because of its age.
    public static final int TIME_EXCEEDED = 3;
    /// Type: a packet's headers make no sense.
    public static final int PARAMETER_PROBLEM = 4;
    /// Type: to be answered with the same data.
    public static final int ECHO_REQUEST = 128;
    /// Type: the answer to [#ECHO_REQUEST].
    public static final int ECHO_REPLY = 129;

    /// Code of [#DESTINATION_UNREACHABLE]: no route.
    public static final int NO_ROUTE = 0;
    /// Code of [#DESTINATION_UNREACHABLE]: forbidden by an administrator.
    public static final int ADMINISTRATIVELY_PROHIBITED = 1;
    /// Code of [#DESTINATION_UNREACHABLE]: the host does not answer.
    public static final int ADDRESS_UNREACHABLE = 3;
    /// Code of [#DESTINATION_UNREACHABLE]: nobody listens on the port.
    public static final int PORT_UNREACHABLE = 4;
    /// Code of [#TIME_EXCEEDED]: too many routers.
    public static final int HOP_LIMIT_EXCEEDED = 0;
    /// Code of [#TIME_EXCEEDED]: fragments did not come in time.
    public static final int REASSEMBLY_TIME_EXCEEDED = 1;
    /// Code of [#PARAMETER_PROBLEM]: a field has a value that it must not have.
    public static final int ERRONEOUS_HEADER_FIELD = 0;
    /// Code of [#PARAMETER_PROBLEM]: the next header is unknown.
    public static final int UNRECOGNIZED_NEXT_HEADER = 1;
    /// Code of [#PARAMETER_PROBLEM]: an option is unknown.
    public static final int UNRECOGNIZED_OPTION = 2;

    private static final int FIRST_INFORMATIONAL_TYPE = 128;
    /// What is needed of a quoted transport header: the ports, or an echo message's identifier.
    private static final int QUOTED_TRANSPORT = 8;

    private Icmpv6() {
    }

    /// How long a packet may be.
    ///
    /// @param message address of the first byte of [#PACKET_TOO_BIG]
    /// @return bytes, all 32 bits
    public static int mtu(long message) {
        return NetworkOrder.u32(message + Icmp.REST);
    }

    /// Whether messages of a type report an error: nothing answers them with an error (RFC 4443, 2.4e), and a packet is
    /// quoted.
    ///
    /// @param type of a message
    /// @return true below 128, for unknown types too
    public static boolean isError(int type) {
        return type < FIRST_INFORMATIONAL_TYPE;
    }

    /// Finds the transport header in the packet that an error message quotes, behind extension headers.
    ///
    /// @param message address of the first byte of a valid message
    /// @param length bytes of the message
    /// @param protocol of the transport, for example 17
    /// @return where at least 8 bytes of it begin, from the first byte of the message on; -1 if the message is no error
    ///     or quotes something else, a fragment, or too little
    public static int quotedTransport(long message, int length, int protocol) {
        long packet = message + Icmp.LENGTH;
        int available = length - Icmp.LENGTH;
        if (!isError(Icmp.type(message)) || !Ipv6.isValid(packet, available)) {
            return -1;
        }
        int offset = Ipv6.transportOffset(packet, available, protocol);
        return offset < 0 || available - offset < QUOTED_TRANSPORT ? -1 : Icmp.LENGTH + offset;
    }

    /// Whether the checksum is right.
    ///
    /// @param header address of the IPv6 header, with the final destination
    /// @param message address of the first byte of a valid message
    /// @param length bytes of the message
    /// @return false if the message was damaged on its way
    public static boolean isChecksumRight(long header, long message, int length) {
        return Checksum.complement(sum(header, message, length)) == 0;
    }

    /// Computes and stores the checksum.
    ///
    /// @param header address of the IPv6 header, addresses already written
    /// @param message address of the first byte
    /// @param length bytes of the message
    public static void updateChecksum(long header, long message, int length) {
        NetworkOrder.u16(message + Icmp.CHECKSUM, 0);
        NetworkOrder.u16(message + Icmp.CHECKSUM, Checksum.complement(sum(header, message, length)));
    }

    /// Writes the answer to an echo request, but for the checksum.
    ///
    /// @param message address of the first of `length` bytes to write, apart from the request
    /// @param request address of the first byte of a valid echo request
    /// @param length bytes of either message
    public static void emitEchoReply(long message, long request, int length) {
        NativeMemory.copy(request, message, length);
        Icmp.begin(message, ECHO_REPLY, 0);
    }

    /// Begins an error message. The quoted packet and then the checksum are still to be written.
    ///
    /// @param message address of the first of [Icmp#LENGTH] bytes to write
    /// @param type for example [#PACKET_TOO_BIG]
    /// @param code of the type
    /// @param rest the second word: 0, the MTU, or the pointer
    public static void emitError(long message, int type, int code, int rest) {
        Icmp.begin(message, type, code);
        NetworkOrder.u32(message + Icmp.REST, rest);
    }

    private static int sum(long header, long message, int length) {
        return Checksum.fold(Ipv6.pseudoHeaderSum(header, PROTOCOL, length) + Checksum.sum(message, length));
    }
}
