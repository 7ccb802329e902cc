package org.vswitch.slirp;

import org.vswitch.slirp.ip.IpAddress;
import org.vswitch.slirp.ip.OwnAddresses;
import org.vswitch.slirp.ip.Subnet;
import org.vswitch.slirp.ip.Subnets;

/// What a router is made with. Immutable; [#usual] and the `with` methods give all kinds.
///
/// @param v4 the router's IPv4 address and the length of its subnet's prefix, as IPv4 users count
/// @param v4Dns the name server's IPv4 address
/// @param v4DhcpStart the first address that is leased
/// @param v6 the router's IPv6 address and the length of its prefix
/// @param v6Dns the name server's IPv6 address
/// @param options the rest
public record SlirpConfig(Subnet v4, long v4Dns, long v4DhcpStart, Subnet v6, V6Address v6Dns, Options options) {
    /// An IPv6 address.
    ///
    /// @param high upper half
    /// @param low lower half
    public record V6Address(long high, long low) {
    }

    /// What is no address.
    ///
    /// @param hostAllowed whether guests may reach the host's own services
    /// @param mtu bytes of an IP packet on the guests' network
    /// @param mac the router's station
    public record Options(boolean hostAllowed, int mtu, long mac) {
    }

    private static final int ROUTER_V4 = 0x0a00_0202;
    private static final int DNS_V4 = 0x0a00_0203;
    private static final int DHCP_START_V4 = 0x0a00_020f;
    private static final int PREFIX_V4 = 24;
    private static final long PREFIX_V6_HIGH = 0xfd00_0000_0000_0000L;
    private static final int PREFIX_V6 = 64;
    private static final long LINK_LOCAL_HIGH = 0xfe80_0000_0000_0000L;
    private static final int USUAL_MTU = 1500;
    private static final long MAC_PREFIX = 0x5255_0000_0000L;
    private static final long LOWER_HALF = 0xffff_ffffL;

    /// What libslirp has, with 10.0.2.0/24 and fd00::/64. The router's station is made from its address, as there, so
    /// that it is the same after a restart.
    ///
    /// @return a configuration
    public static SlirpConfig usual() {
        return new SlirpConfig(Subnet.v4(ROUTER_V4, PREFIX_V4), IpAddress.v4(DNS_V4), IpAddress.v4(DHCP_START_V4),
                new Subnet(PREFIX_V6_HIGH, 2, PREFIX_V6), new V6Address(PREFIX_V6_HIGH, 3),
                new Options(false, USUAL_MTU, MAC_PREFIX | ROUTER_V4 & LOWER_HALF));
    }

    /// The same with another policy.
    ///
    /// @param allowed whether guests may reach the host's own services
    /// @return a new configuration
    public SlirpConfig withHostAllowed(boolean allowed) {
        return new SlirpConfig(v4, v4Dns, v4DhcpStart, v6, v6Dns, new Options(allowed, options.mtu, options.mac));
    }

    /// The same with another MTU.
    ///
    /// @param mtu 68 to 65,521
    /// @return a new configuration
    public SlirpConfig withMtu(int mtu) {
        return new SlirpConfig(v4, v4Dns, v4DhcpStart, v6, v6Dns,
                new Options(options.hostAllowed, mtu, options.mac));
    }

    /// The network as the layers below see it: the router's addresses first of their kind, then the name server's.
    ///
    /// @return subnets and own addresses
    public Subnets subnets() {
        OwnAddresses own = new OwnAddresses(options.mac, 0, v4.low(), 0, v4Dns, v6.high(), v6.low(), v6Dns.high,
                v6Dns.low, LINK_LOCAL_HIGH, v6.low());
        return new Subnets(v4, v6, own);
    }
}
