package org.vswitch.slirp.service;

import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.RateLimit;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.neighbor.ArpResponder;
import org.vswitch.slirp.neighbor.NeighborTable;
import org.vswitch.slirp.udp.UdpOutput;
import org.vswitch.slirp.udp.UdpService;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.IpAddress;

/// Gives guests their IPv4 addresses and tells them about the network (RFC 2131, 4.3; BOOTP: RFC 1534).
///
/// It is the only server that counts on its network. So it refuses addresses that a client cannot have even if it has
/// never heard of the client, and it confirms one that is free: a guest keeps its address while the router starts anew.
/// Before a newcomer gets an address everybody is asked who has it ([AddressProbes]); who is known is answered at once.
/// What is too much, and a client that there is no address for, gets no answer, and is counted.
public final class DhcpService implements UdpService, AutoCloseable {
    /// Messages per second that are looked at, of one station; so many may also follow each other at once.
    static final int PER_SECOND = 50;
    /// Messages per second of all stations together.
    static final int ALL_PER_SECOND = 2000;

    /// The most addresses that can be leased or on offer.
    public static final int MAX_LEASES = LeasePool.CAPACITY;
    /// The most newcomers that wait until their address has been asked for.
    public static final int MAX_WAITING = AddressProbes.CAPACITY;

    private final Subnets subnets;
    private final StackCounters counters;
    private final LeasePool pool;
    private final DhcpReplies replies;
    private final AddressProbes probes;
    private final RateLimit rate = new RateLimit(PER_SECOND, ALL_PER_SECOND, PER_SECOND);
    private final DhcpRequest request = new DhcpRequest();
    private long nowNs;

    /// A server without clients.
    ///
    /// @param output where it answers
    /// @param subnets the network and the router's own addresses
    /// @param neighbors who uses an address without having asked
    /// @param arp what asks for such
    /// @param counters where drops are counted
    /// @param settings what it tells besides
    public DhcpService(UdpOutput output, Subnets subnets, NeighborTable neighbors, ArpResponder arp,
            StackCounters counters, DhcpSettings settings) {
        this.subnets = subnets;
        this.counters = counters;
        pool = new LeasePool(subnets, settings.firstAddress(), neighbors);
        probes = new AddressProbes(arp);
        replies = new DhcpReplies(output, subnets, settings);
    }

    /// How many guests have a lease.
    ///
    /// @param timeNs the time
    /// @return 0 or more
    public int leases(long timeNs) {
        return pool.leases(timeNs);
    }

    /// How many newcomers wait until their address has been asked for.
    ///
    /// @return 0 to [#MAX_WAITING]
    public int waiting() {
        return probes.size();
    }

    @Override
    public void receive(Packet packet, long timeNs) {
        if (!packet.v4) {
            counters.count(StackDrop.BAD_DESTINATION);
        } else if (!rate.permits(packet.sourceMac, timeNs)) {
            counters.count(StackDrop.RATE_LIMIT);
        } else if (!request.read(packet)) {
            counters.count(StackDrop.MALFORMED);
        } else if (!isRelayPossible()) {
            counters.count(StackDrop.BAD_SOURCE);
        } else {
            nowNs = timeNs;
            serve();
        }
    }

    /// Serves those whose address has been asked for long enough.
    ///
    /// @param timeNs the time
    public void expire(long timeNs) {
        nowNs = timeNs;
        for (int slot = probes.due(timeNs); slot != AddressProbes.NONE; slot = probes.due(timeNs)) {
            probes.read(slot, request);
            serve();
        }
    }

    /// When [#expire] is to be called.
    ///
    /// @return a time, [Long#MAX_VALUE] for never
    public long nextDeadlineNs() {
        return probes.nextDueNs();
    }

    /// Unmaps the memory.
    @Override
    public void close() {
        probes.close();
        replies.close();
    }

    /// An answer to a relay must not leave the guests' network.
    private boolean isRelayPossible() {
        int giaddr = Dhcpv4.giaddr(request.message);
        return giaddr == 0 || subnets.isGuest(0, IpAddress.v4(giaddr));
    }

    private void serve() {
        if (request.isBootp()) {
            bootp();
            return;
        }
        if (!isForUs()) {
            probes.end(request.client);
            pool.withdraw(request.client, nowNs);
            return;
        }
        if (request.options.messageType() == Dhcpv4.DHCPDISCOVER) {
            discover();
            return;
        }
        probes.end(request.client);
        switch (request.options.messageType()) {
            case Dhcpv4.DHCPREQUEST -> request();
            case Dhcpv4.DHCPDECLINE -> giveUp(pool.decline(request.client, request.station, address(), nowNs));
            case Dhcpv4.DHCPRELEASE -> giveUp(pool.release(request.client, request.station, address(), nowNs));
            case Dhcpv4.DHCPINFORM -> inform();
            default -> counters.count(StackDrop.MALFORMED); // what servers say, or nobody
        }
    }

    private void discover() {
        int address = offer(request.options.requestedAddress());
        if (address == LeasePool.NONE) {
            return;
        }
        boolean rapid = request.options.has(Dhcpv4Options.RAPID_COMMIT)
                && pool.lease(request.client, request.station, address, nowNs);
        replies.lease(request, rapid ? Dhcpv4.DHCPACK : Dhcpv4.DHCPOFFER, address);
    }

    /// RFC 2131, 4.3.2: selecting, after a restart, renewing and rebinding differ in where the address stands and in
    /// whether the server is named; who may have which address is the same question for all.
    private void request() {
        if (address() == LeasePool.NONE) {
            counters.count(StackDrop.MALFORMED);
        } else if (pool.lease(request.client, request.station, address(), nowNs)) {
            replies.lease(request, Dhcpv4.DHCPACK, address());
        } else {
            replies.refuse(request);
        }
    }

    private void inform() {
        int address = Dhcpv4.ciaddr(request.message);
        if (subnets.isGuest(0, IpAddress.v4(address))) {
            replies.inform(request, address);
        } else {
            counters.count(StackDrop.BAD_SOURCE);
        }
    }

    /// BOOTP knows no end of a lease. Here it has one: otherwise whoever invents stations would fill the pool for ever.
    /// Addresses that are known to be in use are the last to be given away.
    private void bootp() {
        int address = offer(Dhcpv4.ciaddr(request.message));
        if (address == LeasePool.NONE) {
            return;
        }
        if (pool.lease(request.client, request.station, address, nowNs)) {
            replies.bootp(request, address);
        } else {
            counters.count(StackDrop.NO_ADDRESS);
        }
    }

    /// The address that the client is to get now, or none: if there is none for it, which is counted, or if it waits.
    private int offer(int wanted) {
        int had = pool.addressOf(request.client, nowNs);
        int address = pool.offer(request.client, request.station, wanted, nowNs);
        if (address == LeasePool.NONE) {
            probes.end(request.client);
            counters.count(StackDrop.NO_ADDRESS);
            return LeasePool.NONE;
        }
        return probes.holds(request, address, address != had, nowNs) ? LeasePool.NONE : address;
    }

    private void giveUp(boolean done) {
        if (!done) {
            counters.count(StackDrop.BAD_SOURCE);
        }
    }

    private boolean isForUs() {
        return !request.options.has(Dhcpv4Options.SERVER_IDENTIFIER)
                || request.options.serverIdentifier() == replies.server();
    }

    private int address() {
        return request.namedAddress();
    }
}
