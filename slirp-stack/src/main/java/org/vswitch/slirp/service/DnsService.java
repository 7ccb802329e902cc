package org.vswitch.slirp.service;

import java.security.SecureRandom;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.tcp.HostChoice;
import org.vswitch.slirp.tcp.KeyedHash;
import org.vswitch.slirp.udp.UdpService;
import org.vswitch.slirp.wire.Dns;
import org.vswitch.wire.Udp;

/// The name server of the guests' network: a proxy for those of the host (RFC 5625).
///
/// Theory of operation. A query is passed on as it is but for its ID, and so is its answer: nothing is resolved, cached
/// or understood but the question and EDNS's size and version, so types and options that nobody knows yet, the case of
/// letters and the DO bit survive. Guests of either family are served by servers of either family. What makes no sense
/// is answered here and goes no further: FORMERR for anything but exactly one question and whole records behind it
/// (RFC 9619), BADVERS for an EDNS that does not exist (RFC 6891, 6.1.3), NOTIMP for such messages with an opcode that
/// may have a meaning of its own; an answer in place of a query is dropped, or two proxies could keep each other busy.
///
/// A query ends after at most ten seconds by an answer or SERVFAIL, at once if no server is known. Limits: 1,024 under
/// way, 150 of one guest, 1,000 a second of one guest. When all places are taken, the guest that has most loses its
/// oldest query to one that has fewer. TCP does not come here but goes straight to a server ([#streams]).
public final class DnsService implements UdpService, AutoCloseable {
    /// The most queries under way.
    public static final int MAX_IN_FLIGHT = DnsQueries.CAPACITY;
    /// The most queries of one guest under way.
    public static final int MAX_PER_GUEST = 150;
    /// The most queries of one guest in a second.
    public static final int RATE_PER_GUEST = 1_000;

    private final DnsAddresses addresses;
    private final UdpService elsewhere;
    private final StackCounters counters;
    private final DnsUpstreams upstreams;
    private final GuestShares shares;
    private final DnsReplies replies;
    private final DnsRelay relay;
    private final DnsQuery guest = new DnsQuery(-1);

    /// A proxy.
    ///
    /// @param ports what it talks to
    /// @param addresses its own
    /// @param servers that it passes queries on to
    public DnsService(DnsPorts ports, DnsAddresses addresses, DnsServers servers) {
        this.addresses = addresses;
        this.elsewhere = ports.elsewhere();
        this.counters = ports.counters();
        SecureRandom random = new SecureRandom();
        upstreams = new DnsUpstreams(servers);
        shares = new GuestShares(random.nextLong(), RATE_PER_GUEST);
        replies = new DnsReplies(ports.output());
        relay = new DnsRelay(ports, upstreams, replies, shares,
                new KeyedHash(random.nextLong(), random.nextLong()));
    }

    /// Where TCP connections go to: those to the name server's port to a server of the host, others as before.
    ///
    /// @param otherwise the policy for all others
    /// @return to be asked in place of it, on the same thread as everything here
    public DnsStreams streams(HostChoice otherwise) {
        return new DnsStreams(addresses, upstreams, otherwise);
    }

    @Override
    public void receive(Packet packet, long nowNs) {
        if (!addresses.contains(packet.destinationHigh, packet.destinationLow)) {
            elsewhere.receive(packet, nowNs);
        } else if (!isQuery(packet)) {
            counters.count(StackDrop.MALFORMED);
        } else {
            guest.from(packet);
            guest.place = shares.place(packet.sourceMac, nowNs);
            if (guest.place == GuestShares.NONE) {
                counters.count(StackDrop.LIMIT);
            } else if (shares.permits(guest.place, nowNs)) {
                answer(nowNs);
            } else {
                counters.count(StackDrop.RATE_LIMIT);
            }
        }
    }

    /// The host's socket of a query is ready.
    ///
    /// @param token as watched, of kind [org.vswitch.slirp.host.HostToken#DNS]
    /// @param nowNs the time
    public void ready(long token, long nowNs) {
        relay.ready(token, nowNs);
    }

    /// Does what is due.
    ///
    /// @param nowNs the time
    public void expire(long nowNs) {
        relay.expire(nowNs);
    }

    /// When [#expire] is to be called at the latest.
    ///
    /// @return a time, [Long#MAX_VALUE] for never
    public long nextDeadlineNs() {
        return relay.queries().earliestNs();
    }

    /// How many queries are under way.
    ///
    /// @return 0 to 1,024
    public int inFlight() {
        return relay.queries().size();
    }

    @Override
    public void close() {
        relay.close();
        replies.close();
    }

    private static boolean isQuery(Packet packet) {
        long message = packet.payload + Udp.LENGTH;
        return Udp.sourcePort(packet.payload) != 0
                && Dns.isValid(message, Udp.length(packet.payload) - Udp.LENGTH) && !Dns.isResponse(message);
    }

    /// Answers the query in `guest`, or begins to ask.
    private void answer(long nowNs) {
        int rcode = rcode();
        if (rcode != Dns.NOERROR) {
            counters.count(StackDrop.MALFORMED);
            replies.error(guest, rcode);
            return;
        }
        if (guest.length > DnsQueries.MAX_LENGTH) {
            counters.count(StackDrop.LIMIT);
            replies.truncated(guest);
            return;
        }
        upstreams.refresh(nowNs);
        DnsUpstream first = upstreams.first(nowNs);
        if (first == null) {
            replies.error(guest, Dns.SERVFAIL);
        } else if (hasRoom()) {
            relay.begin(guest, first, nowNs);
        } else {
            counters.count(StackDrop.LIMIT);
            replies.error(guest, Dns.SERVFAIL);
        }
    }

    /// What is wrong with the query; reads EDNS's size.
    private int rcode() {
        int opt = Dns.opt(guest.message, guest.length);
        if (opt == Dns.MALFORMED) {
            return Dns.opcode(guest.message) == Dns.QUERY ? Dns.FORMERR : Dns.NOTIMP;
        }
        guest.udpSize = Dns.udpSize(guest.message, opt);
        return opt != Dns.NO_OPT && Dns.ednsVersion(guest.message, opt) != 0 ? Dns.BADVERS : Dns.NOERROR;
    }

    private boolean hasRoom() {
        int own = shares.underWay(guest.place);
        if (own >= MAX_PER_GUEST) {
            return false;
        }
        if (!relay.queries().isFull()) {
            return true;
        }
        int greediest = shares.greediest();
        if (shares.underWay(greediest) <= own + 1) {
            return false;
        }
        counters.count(StackDrop.LIMIT);
        relay.giveUp(relay.queries().oldest(greediest));
        return true;
    }
}
