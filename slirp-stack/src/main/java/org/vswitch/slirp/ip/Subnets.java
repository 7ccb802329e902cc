package org.vswitch.slirp.ip;

/// The network that the router serves: what addresses its guests may have, and what addresses are its own.
///
/// @param v4 the IPv4 subnet
/// @param v6 the IPv6 prefix
/// @param own the router's own addresses
public record Subnets(Subnet v4, Subnet v6, OwnAddresses own) {
}
