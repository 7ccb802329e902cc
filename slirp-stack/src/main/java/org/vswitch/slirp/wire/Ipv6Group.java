package org.vswitch.slirp.wire;

/// The IPv6 groups of a link that every node or router is in (RFC 4291, 2.7.1), and their MAC addresses. The upper half
/// of all of them is [#LINK_LOCAL]; the functions are about the lower half.
///
/// ```
/// ff02::1, ff02::2, ff02::1:ffxx:xxxx (solicited-node: the last 24 bits of the address asked for)
/// 33:33:xx:xx:xx:xx (the last 32 bits of the group)
/// ```
public final class Ipv6Group {
    /// Upper half of a group of the link.
    public static final long LINK_LOCAL = 0xff02_0000_0000_0000L;
    /// Lower half of the group of all nodes.
    public static final long ALL_NODES = 1;
    /// Lower half of the group of all routers.
    public static final long ALL_ROUTERS = 2;

    private static final long SOLICITED_NODE = 0x0000_0001_ff00_0000L;
    private static final long SOLICITED_NODE_ADDRESS = 0xff_ffff;
    private static final long STATION = 0x3333_0000_0000L;
    private static final long STATION_ADDRESS = 0xffff_ffffL;

    private Ipv6Group() {
    }

    /// The group in which a node is asked for by one of its addresses.
    ///
    /// @param low lower half of the address
    /// @return lower half of its solicited-node group
    public static long solicitedNode(long low) {
        return SOLICITED_NODE | low & SOLICITED_NODE_ADDRESS;
    }

    /// Where frames to a group go (RFC 2464, 7).
    ///
    /// @param low lower half of any IPv6 group
    /// @return a MAC address
    public static long station(long low) {
        return STATION | low & STATION_ADDRESS;
    }
}
