package org.vswitch.wire;

/// The fixed part of a DHCP message (RFC 2131, 2), the payload of a UDP datagram:
///
/// ```
/// | op (1) | htype (1) | hlen (1) | hops (1) | xid (4) | secs (2) | flags (2) |
/// | ciaddr (4) | yiaddr (4) | siaddr (4) | giaddr (4) |
/// | chaddr (16) | sname (64) | file (128) | magic cookie 63 82 53 63 | options ...
/// ```
///
/// Static accessors over the address of the first byte, named as in the RFC. What stands in the options is read by
/// [Dhcpv4Options], answers are written by [Dhcpv4Reply].
public final class Dhcpv4 {
    /// The port of servers.
    public static final int SERVER_PORT = 67;
    /// The port of clients.
    public static final int CLIENT_PORT = 68;
    /// Bytes in front of the options.
    public static final int LENGTH = 240;
    /// The fewest bytes of a message that is sent: what BOOTP had (RFC 1542, 2.1).
    public static final int MIN_LENGTH = 300;
    /// `op` of a client's messages.
    public static final int BOOTREQUEST = 1;
    /// `op` of a server's messages.
    public static final int BOOTREPLY = 2;

    /// Message type: who has an address for me?
    public static final int DHCPDISCOVER = 1;
    /// Message type: here is one.
    public static final int DHCPOFFER = 2;
    /// Message type: I want this one.
    public static final int DHCPREQUEST = 3;
    /// Message type: somebody else uses it.
    public static final int DHCPDECLINE = 4;
    /// Message type: it is yours.
    public static final int DHCPACK = 5;
    /// Message type: it is not.
    public static final int DHCPNAK = 6;
    /// Message type: I need it no longer.
    public static final int DHCPRELEASE = 7;
    /// Message type: I have an address and want the rest.
    public static final int DHCPINFORM = 8;

    static final int OP = 0;
    static final int HTYPE = 1;
    static final int HLEN = 2;
    static final int XID = 4;
    static final int FLAGS = 10;
    static final int CIADDR = 12;
    static final int YIADDR = 16;
    static final int SIADDR = 20;
    static final int GIADDR = 24;
    static final int CHADDR = 28;
    static final int CHADDR_LENGTH = 16;
    static final int SNAME = 44;
    static final int SNAME_LENGTH = 64;
    static final int FILE = 108;
    static final int FILE_LENGTH = 128;
    static final int COOKIE = 236;
    static final int MAGIC_COOKIE = 0x6382_5363;
    static final int ETHERNET = 1;
    static final int ETHERNET_LENGTH = 6;
    static final int BROADCAST = 0x8000;

    private Dhcpv4() {
    }

    /// Whether this is a client's DHCP message from an Ethernet station, as far as its fixed part says.
    ///
    /// @param message address of the first byte
    /// @param available bytes from there on
    /// @return true if all getters may be called
    public static boolean isRequest(long message, int available) {
        return isValid(message, available, BOOTREQUEST);
    }

    /// Whether this is an answer to an Ethernet station, whose options begin behind its fixed part.
    ///
    /// @param message address of the first byte
    /// @param available bytes from there on
    /// @return true if all getters may be called
    public static boolean isReply(long message, int available) {
        return isValid(message, available, BOOTREPLY);
    }

    /// What a message and its answer have in common.
    ///
    /// @param message address of the first byte
    /// @return all 32 bits
    public static int xid(long message) {
        return NetworkOrder.u32(message + XID);
    }

    /// Whether the client cannot receive unicast before it has an address.
    ///
    /// @param message address of the first byte
    /// @return true with the flag BROADCAST
    public static boolean isBroadcast(long message) {
        return (NetworkOrder.u16(message + FLAGS) & BROADCAST) != 0;
    }

    /// The address that the client uses already.
    ///
    /// @param message address of the first byte
    /// @return an IPv4 address or 0
    public static int ciaddr(long message) {
        return NetworkOrder.u32(message + CIADDR);
    }

    /// The address that the client is given.
    ///
    /// @param message address of the first byte
    /// @return an IPv4 address or 0
    public static int yiaddr(long message) {
        return NetworkOrder.u32(message + YIADDR);
    }

    /// The server to boot from.
    ///
    /// @param message address of the first byte
    /// @return an IPv4 address or 0
    public static int siaddr(long message) {
        return NetworkOrder.u32(message + SIADDR);
    }

    /// The relay agent that the message came through.
    ///
    /// @param message address of the first byte
    /// @return an IPv4 address or 0
    public static int giaddr(long message) {
        return NetworkOrder.u32(message + GIADDR);
    }

    /// The client's station.
    ///
    /// @param message address of the first byte
    /// @return a MAC address
    public static long chaddr(long message) {
        return NetworkOrder.u48(message + CHADDR);
    }

    private static boolean isValid(long message, int available, int operation) {
        return available >= LENGTH
                && NetworkOrder.u8(message + OP) == operation
                && NetworkOrder.u8(message + HTYPE) == ETHERNET
                && NetworkOrder.u8(message + HLEN) == ETHERNET_LENGTH
                && NetworkOrder.u32(message + COOKIE) == MAGIC_COOKIE;
    }
}
