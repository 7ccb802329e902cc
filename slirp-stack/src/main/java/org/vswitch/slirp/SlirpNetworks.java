package org.vswitch.slirp;

import java.io.IOException;
import java.util.Optional;
import org.vswitch.slirp.SlirpConfig.Ipv4;
import org.vswitch.slirp.SlirpConfig.Ipv6;
import org.vswitch.slirp.SlirpConfig.V6Address;
import org.vswitch.slirp.SlirpOptions.Given;
import org.vswitch.slirp.ip.Subnet;
import org.vswitch.wire.AddressText;
import org.vswitch.wire.IpAddress;

/// The networks that a URL's addresses describe. What it does not say lies where libslirp has it: the router is
/// station 2, the name server 3, leases begin at 15; in a network too small for that they begin at 4.
final class SlirpNetworks {
    private static final int DNS_STATION = 3;
    private static final int OTHER_DNS_STATION = 2;
    private static final int FIRST_LEASE = 15;
    private static final int FIRST_LEASE_OF_FEW = 4;
    private static final int USUAL_V4_PREFIX = 24;
    private static final int USUAL_V6_PREFIX = 64;
    private static final int MIN_PREFIX = 8;
    /// Room for the router, a name server and four guests.
    private static final int MAX_V4_PREFIX = 29;
    private static final int MAX_V6_PREFIX = 120;
    private static final int LOOPBACK_NETWORK = 127;
    private static final int FIRST_GROUP = 224;
    private static final String IN_NETWORK = "is not the address of a station in the router's network";

    private SlirpNetworks() {
    }

    /// An address and the length of its network's prefix.
    private record Station(String address, int prefix) {
        static Station of(Given host, int usual, int max) throws IOException {
            int slash = host.value().indexOf('/');
            if (slash < 0) {
                return new Station(host.value(), usual);
            }
            String length = host.value().substring(slash + 1);
            if (!length.matches("\\d{1,3}") || Integer.parseInt(length) < MIN_PREFIX
                    || Integer.parseInt(length) > max) {
                throw host.complaint("prefix length must be " + MIN_PREFIX + " to " + max);
            }
            return new Station(host.value().substring(0, slash), Integer.parseInt(length));
        }
    }

    /// The IPv4 network.
    ///
    /// @param spoken whether it is
    /// @param options as users gave them
    /// @return addresses that go together
    /// @throws IOException if they do not
    static Ipv4 v4(boolean spoken, SlirpOptions options) throws IOException {
        Optional<Given> host = options.given("host", "addr");
        Subnet subnet = host.isPresent() ? routerV4(host.get()) : SlirpConfig.usual().v4();
        long network = subnet.low() & -1L << 2 * Long.SIZE - subnet.prefixLength();
        long usualDns = network + (subnet.low() == network + DNS_STATION ? OTHER_DNS_STATION : DNS_STATION);
        Optional<Given> nameServer = options.given("vnameserver");
        long dns = nameServer.isPresent() ? stationV4(nameServer.get(), subnet) : usualDns;
        if (dns == subnet.low()) {
            throw (nameServer.isPresent() ? nameServer : host).orElseThrow().complaint("is the router's address");
        }
        boolean few = !isStation(subnet, network + FIRST_LEASE);
        long start = network + (few ? FIRST_LEASE_OF_FEW : FIRST_LEASE);
        while (start == subnet.low() || start == dns) {
            start++;
        }
        Optional<Given> lease = options.given("dhcp");
        return new Ipv4(spoken, subnet, dns, lease.isPresent() ? leaseV4(lease.get(), subnet, dns) : start);
    }

    /// The IPv6 network.
    ///
    /// @param wanted whether it is
    /// @param options as users gave them
    /// @return addresses that go together
    /// @throws IOException if they do not
    static Ipv6 v6(boolean wanted, SlirpOptions options) throws IOException {
        Optional<Given> host = options.given("host6", "addr6");
        Subnet prefix = host.isPresent() ? routerV6(host.get()) : SlirpConfig.usual().v6();
        V6Address network = network(prefix);
        long usual = network.low() + (prefix.low() == network.low() + DNS_STATION ? OTHER_DNS_STATION : DNS_STATION);
        Optional<Given> nameServer = options.given("vnameserver6");
        if (nameServer.isEmpty()) {
            return new Ipv6(wanted, prefix, new V6Address(network.high(), usual));
        }
        AddressText dns = readV6(nameServer.get(), nameServer.get().value());
        if (!prefix.contains(dns.high(), dns.low())
                || dns.high() == network.high() && dns.low() == network.low()) {
            throw nameServer.get().complaint(IN_NETWORK);
        }
        if (dns.high() == prefix.high() && dns.low() == prefix.low()) {
            throw nameServer.get().complaint("is the router's address");
        }
        return new Ipv6(wanted, prefix, new V6Address(dns.high(), dns.low()));
    }

    private static Subnet routerV4(Given host) throws IOException {
        Station station = Station.of(host, USUAL_V4_PREFIX, MAX_V4_PREFIX);
        long low = readV4(host, station.address);
        int octet = (int) low >>> 24;
        if (octet == 0 || octet == LOOPBACK_NETWORK || octet >= FIRST_GROUP) {
            throw host.complaint("is no address for a router");
        }
        Subnet subnet = Subnet.v4((int) low, station.prefix);
        if (subnet.isBroadcast(low)) {
            throw host.complaint("is the address of the network or of all its stations");
        }
        return subnet;
    }

    private static Subnet routerV6(Given host) throws IOException {
        Station station = Station.of(host, USUAL_V6_PREFIX, MAX_V6_PREFIX);
        AddressText address = readV6(host, station.address);
        if (address.high() == 0 || IpAddress.isMulticast(address.high(), address.low())
                || IpAddress.isLinkLocal(address.high())) {
            throw host.complaint("is no address for a router");
        }
        Subnet prefix = new Subnet(address.high(), address.low(), station.prefix);
        V6Address network = network(prefix);
        if (network.high() == prefix.high() && network.low() == prefix.low()) {
            throw host.complaint("is the address of the network");
        }
        return prefix;
    }

    private static V6Address network(Subnet prefix) {
        int length = prefix.prefixLength();
        long high = length >= Long.SIZE ? prefix.high() : prefix.high() & -1L << Long.SIZE - length;
        long low = length <= Long.SIZE ? 0 : prefix.low() & -1L << 2 * Long.SIZE - length;
        return new V6Address(high, low);
    }

    private static boolean isStation(Subnet subnet, long low) {
        return subnet.contains(0, low) && !subnet.isBroadcast(low);
    }

    private static long stationV4(Given given, Subnet subnet) throws IOException {
        long low = readV4(given, given.value());
        if (!isStation(subnet, low)) {
            throw given.complaint(IN_NETWORK);
        }
        return low;
    }

    private static long leaseV4(Given start, Subnet subnet, long dns) throws IOException {
        if (start.value().equals("off")) {
            return SlirpConfig.NO_LEASES;
        }
        long low = stationV4(start, subnet);
        if (low == subnet.low()) {
            throw start.complaint("is the router's address, host=" + new AddressText(0, low));
        }
        if (low == dns) {
            throw start.complaint("is the name server's address, vnameserver=" + new AddressText(0, low));
        }
        return low;
    }

    private static long readV4(Given given, String text) throws IOException {
        return AddressText.v4(text).orElseThrow(() -> given.complaint("not an IPv4 address")).low();
    }

    private static AddressText readV6(Given given, String text) throws IOException {
        return AddressText.v6(text).orElseThrow(() -> given.complaint("not an IPv6 address"));
    }
}
