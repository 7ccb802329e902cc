package org.vswitch.link;

import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.MessageBatch;
import org.vswitch.linux.Sockets;

/// One datagram, one frame: a VDE client's Unix socket, a VDE network seen from its client, a UDP tunnel.
///
/// Theory of operation. Up to 64 frames a system call each way, through arrays that all datagram links of a data plane
/// share ([DatagramArrays]): a batch lives for one pass, so no two links use them at once. Errors of the kind "nobody
/// is there" are not the end of the link: VDE decides that by the control connection (facts of VDE 1.7), UDP never. A
/// frame that meets one is lost, and counted by the endpoint.
public final class DatagramLink implements PeerLink {
    private static final int SEND_BUFFER = LinkFeatures.MAX_BUFFERED * 3 / 4;
    private static final int ACCOUNTED_PER_ASKED = 2;
    // the kernel refuses datagrams that fill the send buffer to the last bytes
    private static final int SEND_BUFFER_RESERVE = 32;

    private final Fd socket;
    private final LinkFeatures features;
    private DatagramArrays arrays;
    private final MessageBatch.Destination destination;

    /// A link over a socket.
    ///
    /// @param socket non-blocking; closed with the link
    /// @param features what may be sent
    /// @param destination where frames go, closed with the link; or null if the socket is connected
    public DatagramLink(Fd socket, LinkFeatures features, MessageBatch.Destination destination) {
        this.socket = socket;
        this.features = features;
        this.destination = destination;
    }

    /// A link whose socket is given its share of what an endpoint may have waiting ([#buffer]).
    ///
    /// @param socket non-blocking; closed with the link, and the caller's if this fails
    /// @param maxFrame the longest frame the receiver can take
    /// @param destination where frames go, closed with the link; or null if the socket is connected
    /// @return a link without offloads
    /// @throws LinuxException if the kernel refuses
    public static DatagramLink buffered(Fd socket, int maxFrame, MessageBatch.Destination destination)
            throws LinuxException {
        return new DatagramLink(socket, buffer(socket, maxFrame), destination);
    }

    /// Lets a socket hold three quarters of what may wait for a receiver ([LinkFeatures#MAX_BUFFERED]); the rest waits
    /// in the endpoint's backlog. In the kernel a frame needs no second copy, and a receiver that wakes finds more to
    /// do. Where the kernel grants less (`net.core.wmem_max`), the backlog is the larger.
    ///
    /// @param socket to be a link's
    /// @param maxFrame the longest frame the receiver can take
    /// @return features of the link, without offloads
    /// @throws LinuxException if the kernel refuses
    public static LinkFeatures buffer(Fd socket, int maxFrame) throws LinuxException {
        int accounted = Sockets.sendBuffer(socket, SEND_BUFFER);
        int longest = Math.min(maxFrame, accounted - SEND_BUFFER_RESERVE);
        return LinkFeatures.plain(longest, LinkFeatures.MAX_BUFFERED - accounted / ACCOUNTED_PER_ASKED);
    }

    @Override
    public LinkFeatures features() {
        return features;
    }

    @Override
    public int descriptor() {
        return socket.number();
    }

    @Override
    public int receive(FrameBatch batch) {
        MessageBatch messages = arrays().incoming(batch);
        int count = messages.receive(socket.number(), batch.wanted());
        int empty = 0;
        for (int i = 0; i < count; i++) {
            int length = messages.length(i);
            if (length == 0) {
                empty++;
            } else {
                batch.addFrame(batch.slot(i), length);
            }
        }
        // what libvdeplug 2.3.2 sends at its end is no frame; an error is about a frame sent before
        return Math.max(0, count - empty);
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        MessageBatch messages = arrays().outgoing();
        int taken = 0;
        int next = from;
        while (next < to) {
            next = append(batch, rows, next, to);
            int sent = messages.send(socket.number(), 0);
            if (sent < 0) {
                return taken > 0 || sent == -Errno.EAGAIN.number() ? taken : Link.refused(-sent);
            }
            taken += sent;
            if (sent < messages.count()) {
                return taken;
            }
        }
        return taken;
    }

    @Override
    public void close() {
        socket.close();
        if (destination != null) {
            destination.close();
        }
    }

    /// The link is made on one thread and used by another: the arrays are those of the one that uses it.
    private DatagramArrays arrays() {
        if (arrays == null) {
            arrays = DatagramArrays.ofThisThread();
        }
        return arrays;
    }

    private int append(FrameBatch batch, int[] rows, int from, int to) {
        MessageBatch messages = arrays().outgoing();
        messages.begin(destination);
        int next = from;
        while (next < to && messages.hasRoom(batch.pieces(rows[next]))) {
            int row = rows[next++];
            int pieces = batch.pieces(row);
            messages.startMessage(pieces);
            for (int piece = 0; piece < pieces; piece++) {
                messages.addPiece(batch.pieceAddress(row, piece), batch.pieceLength(row, piece));
            }
        }
        return next;
    }
}
