package org.vswitch.slirp.service;

/// A name server that queries are passed on to, and what is known of it.
final class DnsUpstream {
    /// How long a server that failed is asked last.
    static final long BAD_NS = 30_000_000_000L;

    final ResolvConf.Server server;
    final long high;
    final long low;
    final int port;
    /// Its place in the list that it was last found in.
    int index;
    private boolean failed;
    private long failedNs;
    private boolean answered;
    private long answeredNs;

    DnsUpstream(ResolvConf.Server server) {
        this.server = server;
        high = server.high();
        low = server.low();
        port = server.port();
    }

    boolean isBad(long nowNs) {
        return failed && nowNs - failedNs < BAD_NS;
    }

    /// Whether it failed before another one that failed, too.
    boolean failedBefore(DnsUpstream other) {
        return failedNs - other.failedNs < 0;
    }

    /// It cannot be reached.
    void failed(long nowNs) {
        failed = true;
        failedNs = nowNs;
    }

    /// It has not answered a query in time. If it has answered others meanwhile that was the query's fault.
    void silent(long sentNs, long nowNs) {
        if (!answered || answeredNs - sentNs < 0) {
            failed(nowNs);
        }
    }

    /// It has answered, or has taken a connection.
    void answered(long nowNs) {
        failed = false;
        answered = true;
        answeredNs = nowNs;
    }
}
