package org.vswitch.slirp.icmp;

import java.security.SecureRandom;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.host.HostDatagram;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.host.HostToken;
import org.vswitch.slirp.ip.IcmpError;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.policy.HostPolicy;
import org.vswitch.slirp.policy.HostTarget;
import org.vswitch.wire.Icmp;

/// Pings of guests to the world, through ping sockets of the host, one for each guest and identifier (RFC 5508, 3.1).
///
/// Theory of operation. The kernel sends each request under the socket's identifier and hands over what answers it;
/// the guest's own identifier is put back, all else stays. So a guest sees an answer only if there was one, from
/// whoever gave it, with its hop limit less one. What the network reports in place of an answer quotes the guest's
/// request, which makes traceroute work. A flow ends 60 s after its guest's last request (RFC 5508, REQ-2), or when a
/// younger one needs its place: the guest's own oldest at a guest's limit, the oldest of all at the total's.
///
/// Where the kernel allows no ping sockets, the guest is told that it is prohibited.
public final class PingFlows implements AutoCloseable {
    /// The most identifiers of one guest, where the host has sockets enough.
    public static final int MOST_PER_GUEST = 256;
    /// The most identifiers of all guests.
    public static final int MOST = 2_048;
    /// How long a flow lasts without a request.
    public static final long TIMEOUT_NS = 60_000_000_000L;

    /// No more than one socket of so many is for pings, and no more of these than one in so many for one guest's.
    private static final int SHARE = 8;
    /// How long the policy's decision about a destination is kept; it costs system calls.
    private static final long DECISION_NS = 1_000_000_000L;
    /// Reports and answers taken from one socket before others have their turn.
    private static final int BUDGET = 16;

    private final HostNetwork host;
    private final IcmpErrors errors;
    private final HostPolicy policy;
    private final StackCounters counters;
    private final PingReplies replies;
    private final PingTable table;
    private final int most;
    private final HostTarget target = new HostTarget();
    private final HostDatagram datagram = new HostDatagram();

    /// No flows yet.
    ///
    /// @param host the host's sockets
    /// @param output where answers go
    /// @param errors what tells guests of failures
    /// @param policy decides where guests may go
    /// @param counters where drops are counted
    public PingFlows(HostNetwork host, IpOutput output, IcmpErrors errors, HostPolicy policy,
            StackCounters counters) {
        this.host = host;
        this.errors = errors;
        this.policy = policy;
        this.counters = counters;
        replies = new PingReplies(host, output, errors, counters);
        most = Math.clamp(host.mostSockets() / SHARE, 1, MOST);
        table = new PingTable(most, new SecureRandom().nextLong());
    }

    /// Takes a guest's echo request to somebody else than the router.
    ///
    /// @param request an intact echo request whose hop limit is above 1
    /// @param nowNs the time
    void receive(Packet request, long nowNs) {
        PingFlow flow = table.find(request);
        if (!isAllowed(flow, request, nowNs)) {
            counters.count(StackDrop.POLICY);
            errors.send(request, IcmpError.PROHIBITED, 0, nowNs);
            return;
        }
        if (flow == null) {
            flow = open(request, nowNs);
            if (flow == null) {
                return;
            }
        }
        flow.guestMac = request.sourceMac; // a guest may get another station (T7)
        flow.usedNs = nowNs;
        table.touch(flow);
        send(flow, request, nowNs);
    }

    /// A socket is ready.
    ///
    /// @param token as given to [HostNetwork#watch]
    /// @param readiness as told by [HostNetwork#poll]
    /// @param nowNs the time
    public void ready(long token, int readiness, long nowNs) {
        PingFlow flow = table.at(HostToken.index(token));
        if (flow == null || flow.socket < 0 || flow.token() != token) {
            return; // it has ended meanwhile
        }
        boolean reported = (readiness & HostNetwork.WRITABLE) != 0; // nobody waits for that, so it stands for errors
        int taken = 0;
        while (reported && taken < BUDGET && replies.relayError(flow, nowNs)) {
            taken++;
        }
        while (taken < BUDGET && replies.relay(flow)) {
            taken++;
        }
    }

    /// Ends the flows that were not used for long enough.
    ///
    /// @param nowNs the time
    public void expire(long nowNs) {
        while (table.oldest() != null && nowNs - table.oldest().usedNs >= TIMEOUT_NS) {
            end(table.oldest());
        }
    }

    /// When [#expire] is to be called at the latest.
    ///
    /// @return the time, [Long#MAX_VALUE] without flows
    public long nextDeadlineNs() {
        return table.oldest() == null ? Long.MAX_VALUE : table.oldest().usedNs + TIMEOUT_NS;
    }

    /// How many identifiers may have a socket.
    ///
    /// @return [#MOST], or fewer where the host has few sockets
    public int most() {
        return most;
    }

    /// How many identifiers have a socket.
    ///
    /// @return a gauge, at most [#most]
    public int size() {
        return table.size();
    }

    /// Ends all flows and unmaps the memory.
    @Override
    public void close() {
        while (table.oldest() != null) {
            end(table.oldest());
        }
        replies.close();
    }

    private boolean isAllowed(PingFlow flow, Packet request, long nowNs) {
        if (flow != null && flow.isAllowed(request, nowNs - DECISION_NS)) {
            return true;
        }
        boolean allowed = policy.choose(request.destinationHigh, request.destinationLow, 0, target);
        if (allowed && flow != null) {
            flow.allow(request, nowNs);
        }
        return allowed;
    }

    private PingFlow open(Packet request, long nowNs) {
        PingFlow beyond = table.oldestBeyond(request.sourceMac, Math.clamp(most / SHARE, 1, MOST_PER_GUEST));
        if (beyond == null && table.isFull()) {
            beyond = table.oldest();
        }
        if (beyond != null) {
            counters.count(StackDrop.LIMIT);
            end(beyond);
        }
        int socket = openSocket(request);
        if (socket < 0) {
            counters.count(socket == -Errno.EACCES.number() ? StackDrop.NO_PING_SOCKET : StackDrop.LIMIT);
            errors.send(request, IcmpError.ofErrno(-socket), 0, nowNs);
            return null;
        }
        PingFlow flow = table.add(request);
        flow.socket = socket;
        flow.allow(request, nowNs);
        if (host.watch(socket, HostNetwork.READABLE, flow.token()) < 0) {
            end(flow);
            counters.count(StackDrop.LIMIT);
            errors.send(request, IcmpError.PROHIBITED, 0, nowNs);
            return null;
        }
        return flow;
    }

    /// The guest's identifier is as good as any, unless somebody on the host has it.
    private int openSocket(Packet request) {
        int socket = host.openPing(request.v4, Icmp.identifier(request.payload));
        return socket == -Errno.EADDRINUSE.number() ? host.openPing(request.v4, 0) : socket;
    }

    /// The identifier and the checksum in the message are the kernel's business. The destination is what the guest
    /// says: the policy maps the router's own address only, at which the router answers itself.
    private void send(PingFlow flow, Packet request, long nowNs) {
        flow.remember(request);
        datagram.address = request.payload;
        datagram.length = request.payloadLength;
        datagram.peerHigh = request.destinationHigh;
        datagram.peerLow = request.destinationLow;
        datagram.peerPort = 0;
        datagram.hopLimit = request.hopLimit - 1;
        datagram.trafficClass = request.trafficClass;
        datagram.dontFragment = request.dontFragment;
        int result = host.send(flow.socket, datagram);
        if (result == -Errno.EAGAIN.number() || result == -Errno.ENOBUFS.number()) {
            counters.count(StackDrop.OUTPUT_FULL);
        } else if (result == -Errno.EMSGSIZE.number()) {
            counters.count(StackDrop.LIMIT); // the error queue has the MTU
        } else if (result < 0) {
            counters.count(StackDrop.BAD_DESTINATION);
            errors.send(request, IcmpError.ofErrno(-result), 0, nowNs);
        }
    }

    private void end(PingFlow flow) {
        host.close(flow.socket);
        flow.socket = -1;
        table.remove(flow);
    }
}
