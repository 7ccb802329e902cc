package org.vswitch.slirp.ip;

import org.vswitch.wire.IpAddress;
import org.vswitch.wire.MacAddress;
import org.vswitch.wire.Udp;

/// What a guest may put into the address fields (RFC 1122, 3.2.1.3; RFC 4291, 2.5 to 2.7; RFC 2827). A guest speaks for
/// itself only, so a source outside the subnet is refused. A destination that would mean the router's host to the
/// host's own sockets (loopback, unspecified, IPv4-mapped) never gets any further than here.
final class AddressRules {
    private static final int LIMITED_BROADCAST = 0xffff_ffff;
    private static final int LOOPBACK_NETWORK = 127;
    private static final int FIRST_RESERVED = 240;
    private static final int DHCP_SERVER_PORT = 67;
    /// The first scope in which a multicast address leaves the station (RFC 4291, 2.7).
    private static final int LINK_SCOPE = 2;

    private final Subnets subnets;

    AddressRules(Subnets subnets) {
        this.subnets = subnets;
    }

    /// Checks both addresses and finds out whether the packet is for a group.
    ///
    /// @param packet with addresses, protocol and payload
    /// @return null, or why it must be dropped
    StackDrop check(Packet packet) {
        boolean groupMac = MacAddress.isGroup(packet.destinationMac);
        boolean groupAddress = packet.v4 ? isV4Group(packet.destinationLow)
                : IpAddress.isMulticast(packet.destinationHigh, packet.destinationLow);
        packet.toGroup = groupMac || groupAddress;
        StackDrop wrong = packet.v4 ? checkV4(packet) : checkV6(packet);
        // RFC 1122, 3.3.6: a packet for one station that was sent to all is not for us.
        return wrong == null && groupMac && !groupAddress ? StackDrop.BAD_DESTINATION : wrong;
    }

    private boolean isV4Group(long low) {
        return IpAddress.isMulticast(0, low) || (int) low == LIMITED_BROADCAST
                || subnets.v4().contains(0, low) && subnets.v4().isBroadcast(low);
    }

    private StackDrop checkV4(Packet packet) {
        long source = packet.sourceLow;
        int destination = (int) packet.destinationLow;
        int network = destination >>> 24;
        if (network == 0 || network == LOOPBACK_NETWORK
                || network >= FIRST_RESERVED && destination != LIMITED_BROADCAST) {
            return StackDrop.BAD_DESTINATION;
        }
        if (IpAddress.isUnspecified(0, source)) {
            return isDhcp(packet) ? null : StackDrop.BAD_SOURCE;
        }
        boolean possible = subnets.v4().contains(0, source) && !isV4Group(source)
                && (int) source >>> 24 != LOOPBACK_NETWORK && !subnets.own().contains(0, source)
                && source != packet.destinationLow;
        return possible ? null : StackDrop.BAD_SOURCE;
    }

    /// A client without an address asks everybody (RFC 2131, 4.1).
    private static boolean isDhcp(Packet packet) {
        return packet.protocol == Udp.PROTOCOL && (int) packet.destinationLow == LIMITED_BROADCAST
                && !packet.isFragment() && packet.payloadLength >= Udp.LENGTH
                && Udp.destinationPort(packet.payload) == DHCP_SERVER_PORT;
    }

    private StackDrop checkV6(Packet packet) {
        long high = packet.sourceHigh;
        long low = packet.sourceLow;
        boolean multicast = IpAddress.isMulticast(packet.destinationHigh, packet.destinationLow);
        boolean own = subnets.own().contains(packet.destinationHigh, packet.destinationLow);
        if (!isV6Destination(packet.destinationHigh, own, multicast)) {
            return StackDrop.BAD_DESTINATION;
        }
        if (IpAddress.isUnspecified(high, low)) {
            return multicast ? null : StackDrop.BAD_SOURCE; // duplicate address detection and the like
        }
        boolean possible = IpAddress.isLinkLocal(high)
                ? multicast || own || IpAddress.isLinkLocal(packet.destinationHigh)
                : subnets.v6().contains(high, low);
        boolean same = high == packet.destinationHigh && low == packet.destinationLow;
        return possible && high != 0 && !same && !subnets.own().contains(high, low)
                && !IpAddress.isMulticast(high, low) ? null : StackDrop.BAD_SOURCE;
    }

    /// Whether a packet that [#check] refused for its source comes from a link-local address and wants to leave the
    /// link, which its sender must be told (RFC 4443, 3.1). Guests do that while their own address is still tentative.
    ///
    /// @param packet of IPv6
    /// @return false for all that is wrong in another way
    boolean isBeyondScope(Packet packet) {
        return IpAddress.isLinkLocal(packet.sourceHigh) && !packet.toGroup
                && !IpAddress.isLinkLocal(packet.destinationHigh)
                && !subnets.own().contains(packet.sourceHigh, packet.sourceLow)
                && !subnets.own().contains(packet.destinationHigh, packet.destinationLow)
                && !subnets.v6().contains(packet.destinationHigh, packet.destinationLow);
    }

    /// Addresses with 64 zero bits in front are the unspecified one, loopback and those that contain an IPv4 address.
    private static boolean isV6Destination(long high, boolean own, boolean multicast) {
        if (multicast) {
            return (high >>> 48 & 15) >= LINK_SCOPE;
        }
        return high != 0 && (own || !IpAddress.isLinkLocal(high));
    }
}
