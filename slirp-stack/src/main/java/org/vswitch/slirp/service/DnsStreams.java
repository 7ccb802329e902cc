package org.vswitch.slirp.service;

import org.vswitch.slirp.policy.HostTarget;
import org.vswitch.slirp.tcp.FlowPath;
import org.vswitch.slirp.tcp.HostChoice;
import org.vswitch.slirp.wire.Dns;

/// DNS over TCP: a guest's connection to the name server's port 53 is spliced to a server of the host, even one on its
/// loopback, and its bytes are left alone. Other ports of that address lead nowhere: they are left to the policy, which
/// lets nobody through to the router's own addresses but its alias of the host.
///
/// What connections were begun last is remembered, so that the right server is blamed when one fails; the client's next
/// attempt goes to another one.
public final class DnsStreams implements HostChoice {
    private static final int REMEMBERED = 64;

    private final DnsAddresses addresses;
    private final DnsUpstreams upstreams;
    private final HostChoice otherwise;
    private final long[] guestHigh = new long[REMEMBERED];
    private final long[] guestLow = new long[REMEMBERED];
    private final int[] guestPort = new int[REMEMBERED];
    private final DnsUpstream[] chosen = new DnsUpstream[REMEMBERED];
    private int count;

    DnsStreams(DnsAddresses addresses, DnsUpstreams upstreams, HostChoice otherwise) {
        this.addresses = addresses;
        this.upstreams = upstreams;
        this.otherwise = otherwise;
    }

    @Override
    public boolean choose(FlowPath path, HostTarget into, long nowNs) {
        if (!isDns(path)) {
            return otherwise.choose(path, into, nowNs);
        }
        upstreams.refresh(nowNs);
        DnsUpstream upstream = upstreams.first(nowNs);
        if (upstream == null) {
            return false;
        }
        into.set(upstream.high, upstream.low, upstream.port);
        int place = count++ & REMEMBERED - 1;
        guestHigh[place] = path.guestHigh;
        guestLow[place] = path.guestLow;
        guestPort[place] = path.guestPort;
        chosen[place] = upstream;
        return true;
    }

    @Override
    public void failed(FlowPath path, long nowNs) {
        for (int i = 0; i < REMEMBERED && isDns(path); i++) {
            boolean same = chosen[i] != null && guestPort[i] == path.guestPort && guestLow[i] == path.guestLow
                    && guestHigh[i] == path.guestHigh;
            if (same) {
                chosen[i].failed(nowNs);
                chosen[i] = null;
            }
        }
    }

    private boolean isDns(FlowPath path) {
        return path.remotePort == Dns.PORT && addresses.contains(path.remoteHigh, path.remoteLow);
    }
}
