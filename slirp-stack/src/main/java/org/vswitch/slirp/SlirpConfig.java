package org.vswitch.slirp;

import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.vswitch.slirp.ip.OwnAddresses;
import org.vswitch.slirp.ip.Subnet;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.slirp.service.DhcpSettings;
import org.vswitch.slirp.service.DnsAddresses;
import org.vswitch.slirp.service.RouterAdvertiser;
import org.vswitch.wire.AddressText;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.MacAddress;

/// What a router is made with. Immutable; [#usual] and the `with` methods give all kinds. Values are taken as they are.
///
/// @param ipv4 the IPv4 network
/// @param ipv6 the IPv6 network
/// @param names what guests are told of names
/// @param options the rest
public record SlirpConfig(Ipv4 ipv4, Ipv6 ipv6, Names names, Options options) {
    /// Stands for the first address that is leased where none is.
    public static final long NO_LEASES = 0;
    /// Bytes that every IPv6 link must carry in one packet (RFC 8200, 5); below it IPv6 is not spoken.
    public static final int IPV6_MIN_MTU = 1280;

    /// The IPv4 network.
    ///
    /// @param spoken whether the router speaks IPv4 and ARP at all
    /// @param subnet the router's address and the length of its subnet's prefix
    /// @param dnsLow the name server's address
    /// @param dhcpStartLow the first address that is leased; [#NO_LEASES] for no DHCP server
    public record Ipv4(boolean spoken, Subnet subnet, long dnsLow, long dhcpStartLow) {
    }

    /// The IPv6 network.
    ///
    /// @param wanted whether the router is to speak IPv6, if the MTU permits it
    /// @param prefix the router's address and the length of its prefix
    /// @param dns the name server's address
    public record Ipv6(boolean wanted, Subnet prefix, V6Address dns) {
    }

    /// An IPv6 address.
    ///
    /// @param high upper half
    /// @param low lower half
    public record V6Address(long high, long low) {
    }

    /// What guests are told of names; ASCII, and empty where there is nothing to tell.
    ///
    /// @param host the name that a guest is given (DHCP option 12)
    /// @param domain its domain (DHCP option 15)
    /// @param search where short names are looked up (DHCP option 119), the first one first
    public record Names(String host, String domain, List<String> search) {
        /// Each that there is, behind a semicolon.
        @Override
        public String toString() {
            return text("host name", host) + text("domain", domain) + text("search list", String.join(" ", search));
        }

        private static String text(String what, String value) {
            return value.isEmpty() ? "" : "; " + what + " " + value;
        }
    }

    /// What is neither address nor name.
    ///
    /// @param reach what guests may reach
    /// @param mtu bytes of an IP packet on the guests' network
    /// @param mac the router's station; 0 for one that is made from its address
    /// @param flows the most connections and mappings of all guests together
    public record Options(Reach reach, int mtu, long mac, int flows) {
        /// Whether guests may reach the host's own services.
        ///
        /// @return no by default
        public boolean hostAllowed() {
            return reach == Reach.WORLD_AND_HOST;
        }
    }

    private static final int ROUTER_V4 = 0x0a00_0202;
    private static final int DNS_V4 = 0x0a00_0203;
    private static final int DHCP_START_V4 = 0x0a00_020f;
    private static final int PREFIX_V4 = 24;
    private static final long PREFIX_V6_HIGH = 0xfd00_0000_0000_0000L;
    private static final int PREFIX_V6 = 64;
    private static final long LINK_LOCAL_HIGH = 0xfe80_0000_0000_0000L;
    private static final int USUAL_MTU = 1500;
    private static final int USUAL_FLOWS = 32_768;
    private static final long MAC_PREFIX = 0x5255_0000_0000L;
    private static final int MAPPED_BITS = Long.SIZE + Integer.SIZE;
    private static final long LOWER_HALF = 0xffff_ffffL;

    /// What libslirp has, with 10.0.2.0/24 and fd00::/64.
    ///
    /// @return a configuration
    public static SlirpConfig usual() {
        return new SlirpConfig(
                new Ipv4(true, Subnet.v4(ROUTER_V4, PREFIX_V4), IpAddress.v4(DNS_V4), IpAddress.v4(DHCP_START_V4)),
                new Ipv6(true, new Subnet(PREFIX_V6_HIGH, 2, PREFIX_V6), new V6Address(PREFIX_V6_HIGH, 3)),
                new Names("slirp", "", List.of()), new Options(Reach.WORLD, USUAL_MTU, 0, USUAL_FLOWS));
    }

    /// The same with another IPv4 network.
    ///
    /// @param other instead
    /// @return a new configuration
    public SlirpConfig withIpv4(Ipv4 other) {
        return new SlirpConfig(other, ipv6, names, options);
    }

    /// The same with another IPv6 network.
    ///
    /// @param other instead
    /// @return a new configuration
    public SlirpConfig withIpv6(Ipv6 other) {
        return new SlirpConfig(ipv4, other, names, options);
    }

    /// The same with other names.
    ///
    /// @param other instead
    /// @return a new configuration
    public SlirpConfig withNames(Names other) {
        return new SlirpConfig(ipv4, ipv6, other, options);
    }

    /// The same with other options.
    ///
    /// @param other instead
    /// @return a new configuration
    public SlirpConfig withOptions(Options other) {
        return new SlirpConfig(ipv4, ipv6, names, other);
    }

    /// The same with another policy.
    ///
    /// @param allowed whether guests may reach the host's own services
    /// @return a new configuration
    public SlirpConfig withHostAllowed(boolean allowed) {
        return withOptions(new Options(allowed ? Reach.WORLD_AND_HOST : Reach.WORLD, options.mtu, options.mac,
                options.flows));
    }

    /// The same with another MTU.
    ///
    /// @param mtu 68 to 65,521
    /// @return a new configuration
    public SlirpConfig withMtu(int mtu) {
        return withOptions(new Options(options.reach, mtu, options.mac, options.flows));
    }

    /// Whether the router speaks IPv4 and ARP.
    ///
    /// @return yes by default
    public boolean hasV4() {
        return ipv4.spoken;
    }

    /// Whether the router speaks IPv6.
    ///
    /// @return yes by default, no below an MTU of 1280
    public boolean hasV6() {
        return ipv6.wanted && options.mtu >= IPV6_MIN_MTU;
    }

    /// The router's IPv4 address and the length of its subnet's prefix.
    ///
    /// @return in the mapped form
    public Subnet v4() {
        return ipv4.subnet;
    }

    /// The name server's IPv4 address.
    ///
    /// @return lower half of the mapped form
    public long v4Dns() {
        return ipv4.dnsLow;
    }

    /// Whether the router leases IPv4 addresses.
    ///
    /// @return yes by default
    public boolean hasDhcp() {
        return hasV4() && ipv4.dhcpStartLow != NO_LEASES;
    }

    /// The first address that is leased.
    ///
    /// @return lower half of the mapped form; [#NO_LEASES] if there is no DHCP server
    public long v4DhcpStart() {
        return ipv4.dhcpStartLow;
    }

    /// The router's IPv6 address and the length of its prefix.
    ///
    /// @return address and length
    public Subnet v6() {
        return ipv6.prefix;
    }

    /// The name server's IPv6 address.
    ///
    /// @return both halves
    public V6Address v6Dns() {
        return ipv6.dns;
    }

    /// The router's station. Made from its address, as libslirp does, so that it is the same after a restart, and two
    /// routers of one switch have different ones.
    ///
    /// @return a MAC address
    public long mac() {
        if (options.mac != 0) {
            return options.mac;
        }
        if (hasV4()) {
            return MAC_PREFIX | ipv4.subnet.low() & LOWER_HALF;
        }
        long folded = ipv6.prefix.high() ^ ipv6.prefix.low();
        return MAC_PREFIX | (folded >>> Integer.SIZE ^ folded) & LOWER_HALF;
    }

    /// The name server's addresses.
    ///
    /// @return one of each family
    DnsAddresses dnsAddresses() {
        return new DnsAddresses(ipv4.dnsLow, ipv6.dns.high, ipv6.dns.low);
    }

    /// The network as the layers below see it: the router's addresses first of their kind, then the name server's. A
    /// family that is not spoken has none.
    ///
    /// @return subnets and own addresses
    public Subnets subnets() {
        LongStream v4 = LongStream.of(0, ipv4.subnet.low(), 0, ipv4.dnsLow);
        LongStream v6 = LongStream.of(ipv6.prefix.high(), ipv6.prefix.low(), ipv6.dns.high, ipv6.dns.low,
                LINK_LOCAL_HIGH, ipv6.prefix.low());
        long[] own = LongStream.concat(hasV4() ? v4 : LongStream.empty(), hasV6() ? v6 : LongStream.empty()).toArray();
        return new Subnets(ipv4.subnet, ipv6.prefix, new OwnAddresses(mac(), own));
    }

    /// What DHCP tells guests.
    ///
    /// @return settings of the service
    DhcpSettings dhcp() {
        long first = hasDhcp() ? v4DhcpStart() : ipv4.subnet.low();
        return new DhcpSettings((int) first, hasWayOut() ? (int) v4Dns() : 0, options.mtu, names.host,
                names.domain, names.search);
    }

    /// What the router advertises besides the prefix.
    ///
    /// @return configuration of the advertiser
    RouterAdvertiser.Configuration advertised() {
        return new RouterAdvertiser.Configuration(v6Dns().high, v6Dns().low, options.mtu, hasWayOut());
    }

    private boolean hasWayOut() {
        return options.reach != Reach.ROUTER_ONLY;
    }

    /// What this router and another have in common that would confuse the guests of both.
    ///
    /// @param other in the same network
    /// @return for messages, or empty if they get along
    Optional<String> clash(SlirpConfig other) {
        if (hasV4() && other.hasV4() && ipv4.subnet.overlaps(other.ipv4.subnet)) {
            return Optional.of("IPv4 network (host=)");
        }
        if (hasV6() && other.hasV6() && ipv6.prefix.overlaps(other.ipv6.prefix)) {
            return Optional.of("IPv6 network (host6=)");
        }
        if (hasV6() && other.hasV6() && ipv6.prefix.low() == other.ipv6.prefix.low()) {
            return Optional.of("station number, and so link-local address (host6=)");
        }
        return mac() == other.mac() ? Optional.of("MAC address (mac=)") : Optional.empty();
    }

    /// What a person wants to know, without what depends on the host.
    @Override
    public String toString() {
        return describe(Integer.MAX_VALUE);
    }

    /// How many flows there may be at a time: never more than the host has sockets for.
    ///
    /// @param mostSockets how many sockets of the host there may be
    /// @return as asked for, or less
    int flows(int mostSockets) {
        return Math.min(options.flows, mostSockets);
    }

    /// What a person wants to know who asks for it with `verbose`.
    ///
    /// @param mostSockets how many sockets of the host there may be
    /// @return one line
    String describe(int mostSockets) {
        int flows = flows(mostSockets);
        String v4 = !hasV4() ? "no IPv4" : stationText(ipv4.subnet, ipv4.subnet.prefixLength() - MAPPED_BITS)
                + ", name server " + new AddressText(0, ipv4.dnsLow) + ", "
                + (hasDhcp() ? "leases from " + new AddressText(0, ipv4.dhcpStartLow) : "no leases");
        String v6 = !hasV6() ? "no IPv6" : stationText(ipv6.prefix, ipv6.prefix.prefixLength()) + ", name server "
                + new AddressText(ipv6.dns.high, ipv6.dns.low);
        return v4 + "; " + v6 + "; MAC " + MacAddress.toText(mac()) + ", MTU " + options.mtu + ", at most "
                + flows + " flows" + (flows < options.flows ? " instead of " + options.flows
                + " for want of descriptors (ulimit -n)" : "") + ", guests reach " + options.reach + names;
    }

    private static String stationText(Subnet station, int prefixLength) {
        return new AddressText(station.high(), station.low()) + "/" + prefixLength;
    }
}
