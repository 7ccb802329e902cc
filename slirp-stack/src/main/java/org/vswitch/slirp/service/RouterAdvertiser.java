package org.vswitch.slirp.service;

import java.security.SecureRandom;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.RateLimit;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.neighbor.NeighborTable;
import org.vswitch.slirp.wire.Ipv6Group;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.Ndp;

/// Tells guests the IPv6 prefix, the router, the name server and the MTU (RFC 4861, 6.2; RFC 8106).
///
/// Who asks with an address is answered at once and alone; who asks without one is answered by a message to all, of
/// which there is at most one in three seconds. Messages to all also go out by themselves: three in the beginning, then
/// one at random times between 200 and 600 seconds. While the host has no way to IPv6 addresses outside, guests are
/// told that this is no router: they would prefer IPv6 and wait in vain. A router without a link-local address speaks
/// no IPv6 and tells nothing.
public final class RouterAdvertiser {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MAX_INTERVAL_NS = 600 * SECOND_NS;
    private static final long MIN_INTERVAL_NS = MAX_INTERVAL_NS / 3;
    private static final int INITIAL = 3;
    private static final long INITIAL_INTERVAL_NS = 16 * SECOND_NS;
    private static final long MIN_DELAY_NS = 3 * SECOND_NS;
    private static final int LIFETIME_SECONDS = 1800;
    private static final int VALID_SECONDS = 86_400;
    private static final int PREFERRED_SECONDS = 14_400;
    private static final int HOP_LIMIT = 255;
    /// Autonomous addresses need a prefix of that length (RFC 2464, 4).
    private static final int PREFIX_BITS = 64;
    private static final int MIN_MTU = 1280;
    /// The router speaks from its link-local address (RFC 4861, 4.2).
    private static final long LINK_LOCAL = 0xfe80_0000_0000_0000L;
    /// Answers per second to one station; so many may also follow each other at once.
    private static final int PER_SECOND = 10;
    private static final int ALL_PER_SECOND = 1000;
    /// An address outside that everybody has heard of, a.root-servers.net; nothing is sent there.
    private static final long OUTSIDE_HIGH = 0x2001_0503_ba3e_0000L;
    private static final long OUTSIDE_LOW = 0x0002_0030L;

    private final IpOutput output;
    private final Subnets subnets;
    private final NeighborTable neighbors;
    private final StackCounters counters;
    private final HostNetwork host;
    private final Configuration configuration;
    private final Envelope envelope = new Envelope();
    private final SecureRandom random = new SecureRandom();
    private final RateLimit rate = new RateLimit(PER_SECOND, ALL_PER_SECOND, PER_SECOND);
    private final boolean isOn;
    private int sentToAll;
    private long lastToAllNs;
    private long nextToAllNs;

    /// What is told besides the prefix.
    ///
    /// @param dnsHigh upper half of the name server's address
    /// @param dnsLow lower half
    /// @param mtu bytes of the longest IP packet on the guests' network
    /// @param isRouter whether there is a way out at all
    public record Configuration(long dnsHigh, long dnsLow, int mtu, boolean isRouter) {
    }

    /// Makes an advertiser that has not begun.
    ///
    /// @param output where advertisements go
    /// @param subnets the prefix and the router's own addresses
    /// @param neighbors who asks with its station becomes known
    /// @param counters where drops are counted
    /// @param host asked for the way outside
    /// @param configuration what it tells
    public RouterAdvertiser(IpOutput output, Subnets subnets, NeighborTable neighbors, StackCounters counters,
            HostNetwork host, Configuration configuration) {
        this.output = output;
        this.subnets = subnets;
        this.neighbors = neighbors;
        this.counters = counters;
        this.host = host;
        this.configuration = configuration;
        isOn = subnets.own().v6High(LINK_LOCAL) != 0;
    }

    /// Takes a router solicitation (RFC 4861, 6.1.1 and 6.2.6).
    ///
    /// @param packet of which the message is the payload; a message of neighbor discovery that is acceptable
    /// @param nowNs the time
    public void solicited(Packet packet, long nowNs) {
        boolean nameless = IpAddress.isUnspecified(packet.sourceHigh, packet.sourceLow);
        long station = Ndp.linkLayerAddress(packet.payload, packet.payloadLength, Ndp.SOURCE_LINK_LAYER_ADDRESS);
        if (nameless && station != NeighborTable.NONE) {
            counters.count(StackDrop.MALFORMED);
        } else if (station != NeighborTable.NONE && station != packet.sourceMac) {
            counters.count(StackDrop.BAD_SOURCE);
        } else if (nameless) {
            soon(nowNs);
        } else if (rate.permits(packet.sourceMac, nowNs)) {
            if (station != NeighborTable.NONE) {
                neighbors.learn(packet.sourceHigh, packet.sourceLow, station, nowNs);
            }
            envelope.destinationMac = packet.sourceMac;
            envelope.destinationHigh = packet.sourceHigh;
            envelope.destinationLow = packet.sourceLow;
            advertise();
        } else {
            counters.count(StackDrop.RATE_LIMIT);
        }
    }

    /// Advertises the router to all if that is due, the first time at once.
    ///
    /// @param nowNs the time
    public void expire(long nowNs) {
        if (isOn && (sentToAll == 0 || nextToAllNs - nowNs <= 0)) {
            toAll(nowNs);
        }
    }

    /// When [#expire] is to be called at the latest.
    ///
    /// @param nowNs the time
    /// @return a time, [Long#MAX_VALUE] for never
    public long nextDeadlineNs(long nowNs) {
        if (!isOn) {
            return Long.MAX_VALUE;
        }
        return sentToAll == 0 ? nowNs : nextToAllNs;
    }

    /// Tells all that this is a router no longer, nor a name server (RFC 4861, 6.2.5), if it ever was.
    public void end() {
        if (sentToAll > 0) {
            addressAll();
            advertise(0, 0);
        }
    }

    /// Answers to all, but no sooner than three seconds after the last time.
    private void soon(long nowNs) {
        long earliestNs = lastToAllNs + MIN_DELAY_NS;
        if (sentToAll == 0 || earliestNs - nowNs <= 0) {
            toAll(nowNs);
        } else if (nextToAllNs - earliestNs > 0) {
            nextToAllNs = earliestNs;
        }
    }

    private void toAll(long nowNs) {
        sentToAll++;
        long intervalNs = MIN_INTERVAL_NS + random.nextLong(MAX_INTERVAL_NS - MIN_INTERVAL_NS);
        lastToAllNs = nowNs;
        nextToAllNs = nowNs + (sentToAll < INITIAL ? Math.min(intervalNs, INITIAL_INTERVAL_NS) : intervalNs);
        addressAll();
        advertise();
    }

    private void addressAll() {
        envelope.destinationMac = Ipv6Group.station(Ipv6Group.ALL_NODES);
        envelope.destinationHigh = Ipv6Group.LINK_LOCAL;
        envelope.destinationLow = Ipv6Group.ALL_NODES;
    }

    private int lifetimeSeconds() {
        return configuration.isRouter && host.reaches(OUTSIDE_HIGH, OUTSIDE_LOW) ? LIFETIME_SECONDS : 0;
    }

    /// Without a way out no name is looked up either.
    private void advertise() {
        advertise(lifetimeSeconds(), configuration.isRouter ? LIFETIME_SECONDS : 0);
    }

    private void advertise(int routerSeconds, int dnsSeconds) {
        boolean hasPrefix = subnets.v6().prefixLength() == PREFIX_BITS;
        boolean hasMtu = configuration.mtu >= MIN_MTU;
        int length = Ndp.ROUTER_ADVERTISEMENT_LENGTH + Ndp.LINK_LAYER_ADDRESS_LENGTH + Ndp.RDNSS_LENGTH
                + (hasPrefix ? Ndp.PREFIX_INFORMATION_LENGTH : 0) + (hasMtu ? Ndp.MTU_LENGTH : 0);
        envelope.sourceHigh = subnets.own().v6High(LINK_LOCAL);
        envelope.sourceLow = subnets.own().v6Low(LINK_LOCAL);
        envelope.protocol = Icmpv6.PROTOCOL;
        envelope.hopLimit = HOP_LIMIT;
        long message = output.begin(envelope, length);
        if (message == 0) {
            return; // counted
        }
        Ndp.emitRouterAdvertisement(message, Envelope.DEFAULT_HOP_LIMIT, 0, routerSeconds);
        long option = message + Ndp.ROUTER_ADVERTISEMENT_LENGTH;
        Ndp.emitLinkLayerAddress(option, Ndp.SOURCE_LINK_LAYER_ADDRESS, subnets.own().mac());
        option += Ndp.LINK_LAYER_ADDRESS_LENGTH;
        if (hasMtu) {
            Ndp.emitMtu(option, configuration.mtu);
            option += Ndp.MTU_LENGTH;
        }
        if (hasPrefix) {
            Ndp.emitPrefix(option, subnets.v6().high(), VALID_SECONDS, PREFERRED_SECONDS);
            option += Ndp.PREFIX_INFORMATION_LENGTH;
        }
        Ndp.emitDnsServer(option, dnsSeconds, configuration.dnsHigh, configuration.dnsLow);
        output.commit();
    }
}
