package org.vswitch.slirp.service;

import org.vswitch.wire.IpAddress;

/// The addresses that the name server has on the guests' network, one of each family.
///
/// @param v4Low lower half of the IPv4 address in its mapped form ([IpAddress])
/// @param v6High upper half of the IPv6 address
/// @param v6Low lower half of the IPv6 address
public record DnsAddresses(long v4Low, long v6High, long v6Low) {
    /// Whether an address is the name server's.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @return true for one of the two
    public boolean contains(long high, long low) {
        return IpAddress.isV4(high, low) ? low == v4Low : high == v6High && low == v6Low;
    }
}
