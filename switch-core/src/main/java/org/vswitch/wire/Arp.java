package org.vswitch.wire;

/// A packet of the address resolution protocol for IPv4 on Ethernet (RFC 826):
///
/// ```
/// | hardware space 1 (2) | protocol space 0x0800 (2) | lengths 6, 4 (1 each) | opcode (2) |
/// | sender hardware (6) | sender protocol (4) | target hardware (6) | target protocol (4) |
/// ```
///
/// Static accessors over the address of the first byte. Short frames are padded: more bytes than these may follow.
public final class Arp {
    /// Bytes of a packet.
    public static final int LENGTH = 28;
    /// Opcode: who has the target protocol address?
    public static final int REQUEST = 1;
    /// Opcode: the sender has.
    public static final int REPLY = 2;

    private static final int REVERSE_REQUEST = 3;
    private static final int HARDWARE_ETHERNET = 1;
    private static final int HARDWARE_LENGTH = 6;
    private static final int PROTOCOL_LENGTH = 4;

    private static final int PROTOCOL_SPACE = 2;
    private static final int HARDWARE_LENGTH_OFFSET = 4;
    private static final int PROTOCOL_LENGTH_OFFSET = 5;
    private static final int OPCODE = 6;
    private static final int SENDER_HARDWARE = 8;
    private static final int SENDER_PROTOCOL = 14;
    private static final int TARGET_HARDWARE = 18;
    private static final int TARGET_PROTOCOL = 24;

    private Arp() {
    }

    /// Whether this is a packet for IPv4 on Ethernet, whatever its opcode.
    ///
    /// @param packet address of the first byte
    /// @param available bytes from there on
    /// @return true if all getters may be called
    public static boolean isValid(long packet, int available) {
        return available >= LENGTH
                && NetworkOrder.u16(packet) == HARDWARE_ETHERNET
                && NetworkOrder.u16(packet + PROTOCOL_SPACE) == Ethernet.TYPE_IPV4
                && NetworkOrder.u8(packet + HARDWARE_LENGTH_OFFSET) == HARDWARE_LENGTH
                && NetworkOrder.u8(packet + PROTOCOL_LENGTH_OFFSET) == PROTOCOL_LENGTH;
    }

    /// What the packet is.
    ///
    /// @param packet address of the first byte
    /// @return [#REQUEST], [#REPLY] or a number of other protocols
    public static int opcode(long packet) {
        return NetworkOrder.u16(packet + OPCODE);
    }

    /// The station that speaks.
    ///
    /// @param packet address of the first byte
    /// @return a MAC address
    public static long senderHardware(long packet) {
        return NetworkOrder.u48(packet + SENDER_HARDWARE);
    }

    /// The address that the sender says is its own.
    ///
    /// @param packet address of the first byte
    /// @return an IPv4 address; 0 in a probe (RFC 5227, 2.1.1)
    public static int senderProtocol(long packet) {
        return NetworkOrder.u32(packet + SENDER_PROTOCOL);
    }

    /// The station spoken to; in a request of no meaning.
    ///
    /// @param packet address of the first byte
    /// @return a MAC address
    public static long targetHardware(long packet) {
        return NetworkOrder.u48(packet + TARGET_HARDWARE);
    }

    /// The address asked for, or the one of the station spoken to.
    ///
    /// @param packet address of the first byte
    /// @return an IPv4 address
    public static int targetProtocol(long packet) {
        return NetworkOrder.u32(packet + TARGET_PROTOCOL);
    }

    /// Writes the answer to a request: that the address asked for is at a station.
    ///
    /// @param packet address of the first of [#LENGTH] bytes to write, apart from the request
    /// @param request address of the first byte of a valid request
    /// @param station the MAC address that has the target protocol address
    public static void emitReply(long packet, long request, long station) {
        emitFixed(packet, REPLY);
        NetworkOrder.u48(packet + SENDER_HARDWARE, station);
        NetworkOrder.u32(packet + SENDER_PROTOCOL, targetProtocol(request));
        NetworkOrder.u48(packet + TARGET_HARDWARE, senderHardware(request));
        NetworkOrder.u32(packet + TARGET_PROTOCOL, senderProtocol(request));
    }

    /// Writes a request. One for the sender's own address announces it (RFC 5227, 2.3).
    ///
    /// @param packet address of the first of [#LENGTH] bytes to write
    /// @param station the sender's MAC address
    /// @param sender the sender's IPv4 address, 0 for a probe
    /// @param target the IPv4 address asked for
    public static void emitRequest(long packet, long station, int sender, int target) {
        emitFixed(packet, REQUEST);
        NetworkOrder.u48(packet + SENDER_HARDWARE, station);
        NetworkOrder.u32(packet + SENDER_PROTOCOL, sender);
        NetworkOrder.u48(packet + TARGET_HARDWARE, 0);
        NetworkOrder.u32(packet + TARGET_PROTOCOL, target);
    }

    /// Writes a request of the reverse protocol (RFC 903): which address does this station have? Sent to everybody, it
    /// tells switches where the station is now.
    ///
    /// @param packet address of the first of [#LENGTH] bytes to write
    /// @param station its MAC address
    public static void emitReverseRequest(long packet, long station) {
        emitFixed(packet, REVERSE_REQUEST);
        NetworkOrder.u48(packet + SENDER_HARDWARE, station);
        NetworkOrder.u32(packet + SENDER_PROTOCOL, 0);
        NetworkOrder.u48(packet + TARGET_HARDWARE, station);
        NetworkOrder.u32(packet + TARGET_PROTOCOL, 0);
    }

    private static void emitFixed(long packet, int opcode) {
        NetworkOrder.u16(packet, HARDWARE_ETHERNET);
        NetworkOrder.u16(packet + PROTOCOL_SPACE, Ethernet.TYPE_IPV4);
        NetworkOrder.u8(packet + HARDWARE_LENGTH_OFFSET, HARDWARE_LENGTH);
        NetworkOrder.u8(packet + PROTOCOL_LENGTH_OFFSET, PROTOCOL_LENGTH);
        NetworkOrder.u16(packet + OPCODE, opcode);
    }
}
