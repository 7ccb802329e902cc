package org.vswitch.slirp.service;

import java.util.List;

/// The name servers that queries are passed on to, in the order in which they are to be asked.
///
/// A server that failed is asked last for 30 s, or until it answers; when all have failed, the one that failed first is
/// the first again. What is known of a server outlives a change of the list that it stays in.
final class DnsUpstreams {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long PATIENCE_NS = 1_500_000_000L;
    private static final long MOST_NS = 10_000_000_000L;
    /// Clients ask again after whole seconds: an answer that says that it went wrong is to reach them before.
    private static final long EARLIER_NS = SECOND_NS / 2;

    private final DnsServers source;
    private ResolvConf conf = ResolvConf.NONE;
    private DnsUpstream[] upstreams = {};
    private int version;
    private int turn;

    /// Begins without servers.
    ///
    /// @param source asked for them by [#refresh]
    DnsUpstreams(DnsServers source) {
        this.source = source;
    }

    /// Looks whether the list has changed.
    void refresh(long nowNs) {
        ResolvConf now = source.current(nowNs);
        if (now == conf) {
            return;
        }
        List<ResolvConf.Server> servers = now.servers();
        DnsUpstream[] next = new DnsUpstream[servers.size()];
        for (int i = 0; i < next.length; i++) {
            next[i] = upstream(servers.get(i));
            next[i].index = i;
        }
        conf = now;
        upstreams = next;
        version++;
    }

    /// Changes with the list.
    ///
    /// @return what the bits of [#next] belong to
    int version() {
        return version;
    }

    /// Which server to ask first; they take turns if they are to.
    ///
    /// @return null if there is none
    DnsUpstream first(long nowNs) {
        if (conf.rotate() && upstreams.length > 0) {
            turn = (turn + 1) % upstreams.length;
        }
        return next(0, nowNs);
    }

    /// Which server to ask next.
    ///
    /// @param tried those that were asked already, as bits by [DnsUpstream#index]
    /// @return null if all were
    DnsUpstream next(int tried, long nowNs) {
        DnsUpstream best = null;
        for (int i = 0; i < upstreams.length; i++) {
            DnsUpstream upstream = upstreams[conf.rotate() ? (turn + i) % upstreams.length : i];
            if ((tried & 1 << upstream.index) != 0) {
                continue;
            }
            if (!upstream.isBad(nowNs)) {
                return upstream;
            }
            if (best == null || upstream.failedBefore(best)) {
                best = upstream;
            }
        }
        return best;
    }

    /// How long to wait for a server's answer while there are others to ask.
    ///
    /// @return at most 1.5 s
    long patienceNs() {
        return Math.min(PATIENCE_NS, conf.timeoutSeconds() * SECOND_NS);
    }

    /// How long a query may take in all: half a second less than the configured time, so that clients that wait as long
    /// hear of a failure; but time enough to ask every server.
    ///
    /// @return at most 10 s
    long totalNs() {
        long wantedNs = conf.timeoutSeconds() * SECOND_NS - EARLIER_NS;
        return Math.min(MOST_NS, Math.max(wantedNs, upstreams.length * patienceNs()));
    }

    private DnsUpstream upstream(ResolvConf.Server server) {
        for (DnsUpstream known : upstreams) {
            if (known.server.equals(server)) {
                return known;
            }
        }
        return new DnsUpstream(server);
    }
}
