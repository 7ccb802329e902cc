package org.vswitch.slirp.tcp;

import org.vswitch.linux.Errno;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.host.IoVector;
import org.vswitch.slirp.policy.HostTarget;

/// What flows do with their host sockets: gathered writes, reads into the ring, ends and resets.
///
/// Failures come back as false: the connection is to be reset towards the guest. Sockets are watched for exactly what
/// can be used, since readiness is level-triggered: reading stops when the ring holds what the guest can take in two
/// round trips, writing is waited for while something is stashed.
///
/// A server that refuses a request says why and closes; what it has not read of the request makes its kernel send a
/// reset behind the answer, which programs on the host read all the same. So a guest gets everything that came before
/// a reset, and hears of the reset when it has acknowledged that.
final class HostSide {
    private static final long MEMORY_RETRY_NS = 10_000_000L;

    private final HostNetwork host;
    private final IoVector vector;
    private final UpwardBatch batch;

    HostSide(HostNetwork host, IoVector vector, UpwardBatch batch) {
        this.host = host;
        this.vector = vector;
        this.batch = batch;
    }

    /// Writes what is stashed and what the batch has for the host, stashes what the socket does not take, and passes
    /// the guest's end on once everything is written.
    ///
    /// @param flow with an open socket, or nothing to write, or lost
    /// @return false if the connection is broken
    boolean flush(TcpFlow flow) {
        if (flow.hostLost) {
            return forget(flow);
        }
        boolean accepted = true;
        while (accepted && (flow.firstPiece >= 0 || flow.stash.size() > 0)) {
            vector.clear();
            flow.stash.list(vector);
            int stashed = vector.length();
            if (stashed == flow.stash.size()) {
                batch.list(flow, vector);
            }
            int offered = vector.length();
            int written = host.write(flow.socket, vector);
            if (written < 0 && written != -Errno.EAGAIN.number()) {
                flow.hostLost = true;
                return forget(flow);
            }
            written = Math.max(0, written);
            flow.stash.drop(Math.min(stashed, written));
            batch.drop(flow, Math.max(0, written - stashed));
            accepted = written == offered;
        }
        if (flow.firstPiece >= 0) {
            flow.rcvNxt -= batch.stash(flow);
        }
        boolean whole = flow.stash.size() > 0 || !flow.guestEnded || flow.outputEnded || endOutput(flow);
        return whole && adapt(flow);
    }

    /// Reads what the ring has room for.
    ///
    /// @param flow with an open socket
    /// @param nowNs the time
    /// @return false if the connection is broken
    boolean read(TcpFlow flow, long nowNs) {
        int wanted = flow.ringLimit() - flow.ring.size();
        int room = wanted <= 0 || flow.hostEnded ? 0 : flow.ring.prepare(vector, wanted);
        if (room == 0) {
            flow.resumeNs = wanted > 0 && !flow.hostEnded ? nowNs + MEMORY_RETRY_NS : flow.resumeNs;
            return adapt(flow);
        }
        int count = host.read(flow.socket, vector);
        flow.ring.commit(Math.max(0, count));
        flow.hostLost |= count < 0 && count != -Errno.EAGAIN.number();
        if (flow.hostLost && count <= 0) {
            reset(flow);
            return flow.ring.size() > 0;
        }
        flow.hostEnded = count == 0;
        return adapt(flow);
    }

    /// Watches the socket for what can be used now, and closes it when both sides have ended.
    ///
    /// @param flow any
    /// @return false if there is no memory to watch it, which only the first time can be
    boolean adapt(TcpFlow flow) {
        if (flow.socket < 0 || !flow.state.hasHandshakeDone()) {
            return true;
        }
        if (flow.hostEnded && flow.outputEnded) {
            host.close(flow.socket);
            flow.socket = -1;
            return true;
        }
        int limit = flow.ringLimit();
        boolean reading = (flow.interest & HostNetwork.READABLE) != 0;
        boolean room = flow.ring.size() < (reading ? limit : limit - limit / 4);
        boolean readable = room && !flow.hostEnded && flow.resumeNs == TcpFlow.NEVER;
        int writable = flow.stash.size() > 0 ? HostNetwork.WRITABLE : 0;
        return watch(flow, (readable ? HostNetwork.READABLE : 0) | writable) == 0;
    }

    /// Begins to connect; the router is one of the hops of a flow that traces the way.
    ///
    /// @param flow in CONNECTING
    /// @param target where to
    /// @return 0 or a negative errno
    int connect(TcpFlow flow, HostTarget target) {
        int hopLimit = flow.tracing ? Math.max(1, flow.hopLimit - 1) : 0;
        int socket = host.connect(target.high, target.low, target.port, hopLimit);
        if (socket >= 0) {
            flow.socket = socket;
        }
        return Math.min(0, socket);
    }

    /// Asks how the connection attempt went, and waits for its end if that is not decided.
    ///
    /// @param flow in CONNECTING
    /// @return 0 if connected, or a negative errno
    int connectResult(TcpFlow flow) {
        int result = host.connectResult(flow.socket);
        if (result == 0 && flow.tracing) {
            flow.tracing = false;
            result = host.liftHopLimit(flow.socket, flow.path.isV4());
        }
        if (result == 0) {
            return watch(flow, 0);
        }
        int watched = result == -Errno.EINPROGRESS.number() ? watch(flow, HostNetwork.WRITABLE) : 0;
        return watched < 0 ? watched : result;
    }

    /// Takes what the network has reported about the connection attempt.
    ///
    /// @param flow in CONNECTING, with a socket
    /// @param error filled, without a quote: that would be of the host's segment
    /// @return false if there is nothing, as in all flows but those that trace the way
    boolean receiveError(TcpFlow flow, HostError error) {
        error.quoteLength = 0;
        return flow.tracing && host.receiveError(flow.socket, error) == 0;
    }

    /// Closes the socket so that the host's peer sees a reset.
    ///
    /// @param flow with a socket or without
    void reset(TcpFlow flow) {
        if (flow.socket >= 0) {
            host.reset(flow.socket);
            flow.socket = -1;
        }
    }

    /// What the guest says goes nowhere any more; what the host has said is still read.
    private boolean forget(TcpFlow flow) {
        batch.drop(flow, Integer.MAX_VALUE);
        flow.stash.clear();
        if (flow.hostEnded) {
            reset(flow);
        }
        return flow.socket >= 0 ? adapt(flow) : flow.ring.size() > 0;
    }

    private boolean endOutput(TcpFlow flow) {
        int result = host.endOutput(flow.socket);
        flow.outputEnded = true;
        return result == 0 || result == -Errno.ENOTCONN.number();
    }

    private int watch(TcpFlow flow, int interest) {
        if (flow.interest == interest) {
            return 0;
        }
        flow.interest = interest;
        return host.watch(flow.socket, interest, flow.token());
    }
}
