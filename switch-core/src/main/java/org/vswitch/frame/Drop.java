package org.vswitch.frame;

/// Every way to lose a frame, each with its name. A frame that does not go somewhere is counted under exactly one.
///
/// Ingress reasons are counted at the port the frame came in by, egress reasons at the endpoint it was offered to.
public enum Drop {
    /// Ingress: shorter than an Ethernet header (14 bytes; 18 if tagged).
    TOO_SHORT,
    /// Longer than a slot (ingress) or than the link carries (egress); frames are never cut.
    TOO_LONG,
    /// Ingress: an offload header that does not fit the frame. Egress: more segments than a pass allows.
    BAD_OFFLOAD,
    /// Ingress: a byte stream that ends within a frame, or says that one is empty or longer than a slot holds; it is
    /// not read any further.
    BAD_STREAM,
    /// Ingress: a ring in shared memory whose other side wrote what makes no sense; it is not read any further.
    BAD_RING,
    /// Ingress: the port is not in the frame's VLAN, or the frame is untagged and the port has no untagged VLAN.
    VLAN_NOT_MEMBER,
    /// Ingress: the spanning tree keeps the port from forwarding.
    PORT_DISCARDING,
    /// Ingress: the destination lives on the port the frame came in by.
    SAME_PORT,
    /// Ingress: no other port could take the frame.
    NO_DESTINATION,
    /// Ingress: a spanning tree message that is malformed, or came to a port that takes none.
    BAD_BPDU,
    /// Ingress: an isolated port sends to another isolated one.
    ISOLATED,
    /// Ingress, guard: a station that is not one of the port's, or a group, as sender.
    GUARD_MAC,
    /// Ingress, guard: a source address that the port was neither given nor leased, and has not claimed.
    GUARD_IP,
    /// Ingress, guard: ARP that speaks for somebody else, or is malformed.
    GUARD_ARP,
    /// Ingress, guard: neighbor discovery that speaks for somebody else, or is malformed or fragmented.
    GUARD_ND,
    /// Ingress, guard: what only DHCP servers and relays say, or a DHCP request in the name of another station.
    GUARD_DHCP,
    /// Ingress, guard: a router advertisement or a redirect, of either family.
    GUARD_RA,
    /// Ingress, guard: a frame to a group of switches, such as a spanning tree message.
    GUARD_BPDU,
    /// Ingress, guard: neither IPv4 nor IPv6 nor ARP.
    GUARD_TYPE,
    /// Ingress, guard: headers that do not fit the frame, hide what it carries, or are for others to change.
    GUARD_HEADERS,
    /// Ingress, guard: more frames to everybody or to groups than the port may send.
    RATE_BROADCAST,
    /// Ingress, guard: more frames that have to be flooded than the port may send.
    RATE_UNKNOWN,
    /// Ingress, guard: more bits than the port may send.
    RATE_ALL,
    /// Egress: the endpoint's backlog has its full number of frames or bytes, or the pool has no block left.
    EGRESS_FULL,
    /// Egress: the link is down: its interface is not up, or its peer has gone. Ingress: a guest sent through a queue
    /// that it has switched off.
    LINK_DOWN,
    /// Egress: the kernel refused this frame.
    LINK_ERROR,
    /// Egress to another thread or process: the frame ring is full, and so is the endpoint's backlog.
    RING_FULL,
    /// A link that was asked to lose frames lost this one.
    IMPAIRED,
    /// A link that was asked to delay frames held as many as it may.
    DELAY_FULL;

    /// All reasons, in order.
    public static final java.util.List<Drop> ALL = java.util.List.of(values());
    /// How many reasons there are.
    public static final int COUNT = values().length;

    private final String key = name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');

    /// The name in consoles and metrics.
    ///
    /// @return lower case with hyphens
    public String key() {
        return key;
    }
}
