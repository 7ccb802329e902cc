package org.vswitch.slirp.ip;

import org.vswitch.wire.IpAddress;

/// The network that the router serves: what addresses its guests may have, and what addresses are its own.
///
/// @param v4 the IPv4 subnet
/// @param v6 the IPv6 prefix
/// @param own the router's own addresses
public record Subnets(Subnet v4, Subnet v6, OwnAddresses own) {
    private static final long NO_V4 = IpAddress.v4(0);

    /// Whether the router speaks IPv4 and ARP.
    ///
    /// @return true if it has an IPv4 address
    public boolean speaksV4() {
        return own.v4Low() != NO_V4;
    }

    /// Whether the router speaks IPv6.
    ///
    /// @return true if it has an IPv6 address
    public boolean speaksV6() {
        return own.v6High(0) != 0;
    }

    /// Whether an address can be that of one of the guests.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @return true for what the subnets contain, link-local IPv6 included, but groups and the router itself
    public boolean isGuest(long high, long low) {
        boolean inside = IpAddress.isV4(high, low) ? v4.contains(high, low) && !v4.isBroadcast(low)
                : IpAddress.isLinkLocal(high) || v6.contains(high, low);
        return inside && !own.contains(high, low);
    }
}
