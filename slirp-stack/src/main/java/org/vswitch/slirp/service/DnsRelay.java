package org.vswitch.slirp.service;

import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostDatagram;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.tcp.KeyedHash;
import org.vswitch.slirp.wire.Dns;
import org.vswitch.wire.IpAddress;

/// The host's side of the DNS proxy: asks one name server after the other until one answers.
///
/// Whoever is not on the way has to guess the ID and the port that an answer is to have (RFC 5452, 9.2): both are drawn
/// anew whenever a server is asked, the port by the kernel, for which each query has a socket of its own.
final class DnsRelay implements AutoCloseable {
    /// The longest UDP datagram.
    private static final int ROOM = 1 << 16;
    /// Datagrams and reports of one socket that are looked at in one pass; others wait for the next one.
    private static final int MOST_AT_ONCE = 16;

    private final HostNetwork host;
    private final DnsUpstreams upstreams;
    private final DnsReplies replies;
    private final GuestShares shares;
    private final StackCounters counters;
    private final KeyedHash random;
    private final DnsQueries queries = new DnsQueries();
    private final HostDatagram datagram = new HostDatagram();
    private final HostError report = new HostError();
    private final long memory = NativeMemory.map(ROOM);
    private long drawn;

    DnsRelay(DnsPorts ports, DnsUpstreams upstreams, DnsReplies replies, GuestShares shares, KeyedHash random) {
        this.host = ports.host();
        this.counters = ports.counters();
        this.upstreams = upstreams;
        this.replies = replies;
        this.shares = shares;
        this.random = random;
    }

    /// The queries under way.
    DnsQueries queries() {
        return queries;
    }

    /// Begins to ask. There must be room for a query.
    ///
    /// @param guest a query that is copied
    /// @param first the server to begin with
    void begin(DnsQuery guest, DnsUpstream first, long nowNs) {
        DnsQuery query = queries.begin(guest);
        shares.begin(query.place);
        query.tried = 0;
        query.version = upstreams.version();
        query.beganNs = nowNs;
        query.endNs = nowNs + upstreams.totalNs();
        ask(query, first, nowNs);
    }

    /// Looks at what has come for a socket.
    void ready(long token, long nowNs) {
        DnsQuery query = queries.of(token);
        if (query != null && !receive(query, nowNs) && isRefused(query)) {
            query.upstream.failed(nowNs);
            next(query, nowNs);
        }
    }

    /// Goes on where no answer has come in time. What has come, but has not been looked at since the whole process was
    /// held up, still counts.
    void expire(long nowNs) {
        for (int i = queries.due(0, nowNs); i < DnsQueries.CAPACITY; i = queries.due(i + 1, nowNs)) {
            DnsQuery query = queries.at(i);
            if (receive(query, nowNs)) {
                continue;
            }
            query.upstream.silent(query.sentNs, nowNs);
            if (query.endNs <= nowNs) {
                giveUp(query);
            } else {
                next(query, nowNs);
            }
        }
    }

    /// Answers that there is no answer, and forgets the query.
    void giveUp(DnsQuery query) {
        replies.error(query, Dns.SERVFAIL);
        end(query);
    }

    /// Gives the memory back; sockets are closed with the host.
    @Override
    public void close() {
        queries.close();
        NativeMemory.unmap(memory, ROOM);
    }

    private void next(DnsQuery query, long nowNs) {
        upstreams.refresh(nowNs);
        if (query.version != upstreams.version()) {
            query.version = upstreams.version();
            query.tried = 0;
        }
        ask(query, upstreams.next(query.tried, nowNs), nowNs);
    }

    /// Asks the first server, from this one on, that can be asked.
    private void ask(DnsQuery query, DnsUpstream from, long nowNs) {
        DnsUpstream upstream = from;
        while (upstream != null) {
            query.tried |= 1 << upstream.index;
            if (send(query, upstream, nowNs)) {
                boolean last = upstreams.next(query.tried, nowNs) == null;
                queries.schedule(query, last ? query.endNs
                        : Math.min(query.endNs, nowNs + upstreams.patienceNs()));
                return;
            }
            upstream = upstreams.next(query.tried, nowNs);
        }
        giveUp(query);
    }

    private boolean send(DnsQuery query, DnsUpstream upstream, long nowNs) {
        closeSocket(query);
        int socket = host.openDatagram(IpAddress.isV4(upstream.high, upstream.low), 0);
        if (socket < 0) {
            counters.count(StackDrop.LIMIT);
            return false;
        }
        query.opened(socket);
        query.upstream = upstream;
        query.sentNs = nowNs;
        query.id = (int) random.of(drawn++) & 0xffff;
        Dns.id(query.message, query.id);
        datagram.address = query.message;
        datagram.length = query.length;
        datagram.peerHigh = upstream.high;
        datagram.peerLow = upstream.low;
        datagram.peerPort = upstream.port;
        datagram.hopLimit = 0;
        datagram.trafficClass = 0;
        int result = host.send(socket, datagram);
        if (result < 0 && result != -Errno.EAGAIN.number()) {
            upstream.failed(nowNs);
            return false;
        }
        if (host.watch(socket, HostNetwork.READABLE, query.token()) < 0) {
            counters.count(StackDrop.LIMIT);
            return false;
        }
        return true;
    }

    /// Takes the answer, if it has come.
    ///
    /// @return whether the query has ended
    private boolean receive(DnsQuery query, long nowNs) {
        for (int i = 0; i < MOST_AT_ONCE; i++) {
            datagram.address = memory;
            datagram.length = ROOM;
            int length = host.receive(query.socket, datagram);
            if (length < 0) {
                return false;
            }
            if (isAnswer(query, length)) {
                query.upstream.answered(nowNs);
                replies.answer(query, memory, length);
                end(query);
                return true;
            }
            counters.count(StackDrop.NO_ANSWER);
        }
        return false;
    }

    /// RFC 5452, 9.1: the address and port that were asked, the ID and the question.
    private boolean isAnswer(DnsQuery query, int length) {
        return datagram.peerLow == query.upstream.low && datagram.peerHigh == query.upstream.high
                && datagram.peerPort == query.upstream.port
                && Dns.isValid(memory, length) && Dns.isResponse(memory) && Dns.id(memory) == query.id
                && Dns.opcode(memory) == Dns.opcode(query.message)
                && Dns.isSameQuestion(query.message, query.length, memory, length);
    }

    /// Whether the network has reported that the server is not there.
    private boolean isRefused(DnsQuery query) {
        boolean refused = false;
        for (int i = 0; i < MOST_AT_ONCE; i++) {
            report.quoteAddress = memory;
            report.quoteLength = ROOM;
            if (host.receiveError(query.socket, report) < 0) {
                return refused;
            }
            refused |= report.destinationLow == query.upstream.low && report.destinationHigh == query.upstream.high
                    && report.destinationPort == query.upstream.port;
        }
        return refused;
    }

    private void end(DnsQuery query) {
        closeSocket(query);
        shares.end(query.place);
        queries.end(query);
    }

    private void closeSocket(DnsQuery query) {
        if (query.socket >= 0) {
            host.close(query.socket);
            query.socket = -1;
        }
    }
}
