package org.vswitch.link;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;

/// One packet on a connection, one frame (SOCK_SEQPACKET): UML's `transport=bess`, gvproxy, slirp4netns, BESS.
///
/// Theory of operation. As [DatagramLink], but the connection ends. Its end looks like empty packets without end, since
/// that is what the kernel reports: a whole call full of them is taken for it. What a peer has sent before it left is
/// received first: a packet that finds nobody is lost, not the link.
final class SeqpacketLink implements PeerLink {
    private final Fd socket;
    private final DatagramLink datagrams;
    private DatagramArrays arrays;

    private SeqpacketLink(Fd socket, DatagramLink datagrams) {
        this.socket = socket;
        this.datagrams = datagrams;
    }

    /// A link whose socket is given its share of what an endpoint may have waiting.
    ///
    /// @param socket a connected seqpacket socket, non-blocking; closed with the link, and the caller's if this fails
    /// @return a link without offloads
    /// @throws LinuxException if the kernel refuses
    static SeqpacketLink buffered(Fd socket) throws LinuxException {
        return new SeqpacketLink(socket, DatagramLink.buffered(socket, FrameSlab.MAX_FRAME, null));
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
    public int receive(FrameBatch batch) {
        if (arrays == null) {
            arrays = DatagramArrays.ofThisThread();
        }
        MessageBatch messages = arrays.incoming(batch);
        int count = messages.receive(socket.number(), batch.wanted());
        if (count == 1 && messages.length(0) == 0) {
            count = messages.receive(socket.number(), MessageBatch.CAPACITY); // one more is empty, or the end
        }
        int empty = 0;
        for (int i = 0; i < count; i++) {
            if (messages.length(i) == 0) {
                empty++;
            } else {
                batch.addFrame(batch.slot(i), messages.length(i));
            }
        }
        return empty == MessageBatch.CAPACITY ? GONE : Math.max(0, count - empty);
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        int taken = datagrams.transmit(batch, rows, from, to);
        return isRefusal(taken, Errno.EPIPE) || isRefusal(taken, Errno.ECONNRESET)
                || isRefusal(taken, Errno.ENOTCONN) ? DOWN : taken;
    }

    @Override
    public void close() {
        datagrams.close();
    }

    private static boolean isRefusal(int result, Errno errno) {
        return result == Link.refused(errno.number());
    }
}
