package org.vswitch.link;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.Sockets;

/// One datagram, one frame, between two Unix sockets that each have a name: QEMU's `-netdev dgram`.
///
/// Theory of operation. The socket is connected to the other one's name: then the kernel refuses strangers, does not
/// count what waits in it by `net.unix.max_dgram_qlen`, and tells when there is room again (facts on af_unix.c). A
/// connection is to a socket, not to its name: when the other side ends and somebody binds the name again, that one is
/// refused like a stranger. So the socket is connected again now and then, which changes nothing while the name leads
/// to the same socket: half a second after a guest has restarted its frames pass, or at once if one is sent to it.
/// Frames for somebody who is not there are lost as those to a link that is down.
final class DgramLink implements TimedLink {
    private static final long CONNECTED_NS = 500_000_000;
    private static final long ALONE_NS = 100_000_000;

    private final Fd socket;
    private final DatagramLink datagrams;
    private final MessageBatch.Destination peer;
    private boolean connected;
    private boolean told;
    private long againNs;

    private DgramLink(Fd socket, DatagramLink datagrams, MessageBatch.Destination peer, boolean connected) {
        this.socket = socket;
        this.datagrams = datagrams;
        this.peer = peer;
        this.connected = connected;
    }

    /// A link whose socket is given its share of what an endpoint may have waiting.
    ///
    /// @param socket a bound datagram socket, non-blocking; closed with the link, and the caller's if this fails
    /// @param peer the other side's name, closed likewise
    /// @param connected whether the socket is connected to it already
    /// @return a link without offloads
    /// @throws LinuxException if the kernel refuses
    static DgramLink buffered(Fd socket, MessageBatch.Destination peer, boolean connected) throws LinuxException {
        return new DgramLink(socket, DatagramLink.buffered(socket, FrameSlab.MAX_FRAME, null), peer, connected);
    }

    @Override
    public LinkFeatures features() {
        return datagrams.features();
    }

    @Override
    public int descriptor() {
        return socket.number();
    }

    @Override
    public void now(long nowNs) {
        if (!told || nowNs - againNs >= 0) {
            told = true;
            connected |= connect();
            againNs = nowNs + (connected ? CONNECTED_NS : ALONE_NS);
        }
    }

    @Override
    public long deadlineNs() {
        return told ? againNs : Long.MAX_VALUE;
    }

    @Override
    public boolean isReady() {
        return false;
    }

    @Override
    public boolean awaitsRoom() {
        return false;
    }

    @Override
    public int receive(FrameBatch batch) {
        int count = datagrams.receive(batch);
        if (count > 0 && !connected) {
            connected = connect();
        }
        return count;
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        int taken = connected || from == to ? datagrams.transmit(batch, rows, from, to) : DOWN;
        if (connected && isAbsence(taken)) {
            connected = connect();
            taken = connected ? datagrams.transmit(batch, rows, from, to) : DOWN;
        }
        return isAbsence(taken) ? DOWN : taken;
    }

    @Override
    public void close() {
        datagrams.close();
        peer.close();
    }

    private boolean connect() {
        return Sockets.connect(socket, peer);
    }

    /// Whether the result of a transmission says that nobody is there, or somebody else.
    static boolean isAbsence(int result) {
        return isRefusal(result, Errno.ECONNREFUSED) || isRefusal(result, Errno.ENOTCONN)
                || isRefusal(result, Errno.ECONNRESET) || isRefusal(result, Errno.EPERM)
                || isRefusal(result, Errno.ENOENT);
    }

    private static boolean isRefusal(int result, Errno errno) {
        return result == Link.refused(errno.number());
    }
}
