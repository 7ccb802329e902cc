package org.vswitch.link;

import java.util.Optional;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.NetworkOrder;

/// Frames on a byte stream, each behind its length in four bytes, the highest first: QEMU's `-netdev stream` and
/// `socket` (QEMU net/stream.c, net/net.c `net_fill_rstate`), passt, socket_vmnet, libkrun's unixstream.
///
/// Theory of operation. One read takes all that waits, up to 256 KiB, and frames are copied from there to the slots of
/// the batch, 64 at a time. What is left is delivered in the next passes, before anything more is read; the descriptor
/// does not tell of it, so the link says so itself ([TimedLink#isReady]). A frame of which a part is missing stays
/// where it is until the rest has come.
///
/// One write gathers lengths and frames of a whole order. Where the kernel cuts it, the frame at the cut counts as
/// taken, and what of it has not gone is copied: nothing else is sent before that, whoever comes. It goes with the next
/// transmission, or in [#now] once there is room.
///
/// A length of 0, or above what a slot holds, cannot be skipped, as nobody knows where the next frame begins: it ends
/// the link, and no other. What a peer has sent before it left is received first: a write that finds nobody makes the
/// frames lost, not the link.
public final class StreamLink implements TimedLink, PeerLink {
    /// Bytes of the length in front of each frame.
    static final int PREFIX = 4;
    private static final int READ_BYTES = 256 * 1024;
    private static final int REST_BYTES = PREFIX + FrameSlab.MAX_FRAME;

    private final Fd socket;
    private final LinkFeatures features;
    /// What was read, and is not delivered from `next` on.
    private final long incoming = NativeMemory.map(READ_BYTES);
    private int next;
    private int end;
    /// The frame at the cut of the last write, with its length; not sent from `restNext` on.
    private final long rest = NativeMemory.map(REST_BYTES);
    private int restNext;
    private int restEnd;
    private StreamArrays arrays;
    private String complaint;
    private boolean unread;
    private boolean ended;

    /// A link over a connection.
    ///
    /// @param socket a connected stream socket; closed with the link
    /// @param features what may be sent
    StreamLink(Fd socket, LinkFeatures features) {
        this.socket = socket;
        this.features = features;
    }

    /// A link whose socket is given its share of what an endpoint may have waiting.
    ///
    /// @param socket a connected stream socket; closed with the link, and the caller's if this fails
    /// @return a link without offloads
    /// @throws LinuxException if the kernel refuses
    public static StreamLink buffered(Fd socket) throws LinuxException {
        return new StreamLink(socket, DatagramLink.buffer(socket, FrameSlab.MAX_FRAME));
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
    public Optional<String> complaint() {
        return Optional.ofNullable(complaint);
    }

    @Override
    public int receive(FrameBatch batch) {
        if (ended) {
            return GONE;
        }
        int count = deliver(batch);
        return count > 0 ? count : read(batch);
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        int at = from;
        while (at < to && sendRest()) {
            int until = gather(batch, rows, at, to);
            int sent = arrays().transfer().send(socket.number());
            if (sent < 0) {
                if (sent == -Errno.EAGAIN.number()) {
                    return at - from;
                }
                unread |= isEnd(-sent);
                return at > from ? at - from : unread ? DOWN : Link.refused(-sent);
            }
            at += settle(batch, rows, at, sent);
            if (at < until) {
                return at - from;
            }
        }
        return at == from && at < to && unread ? DOWN : at - from;
    }

    @Override
    public void now(long nowNs) {
        sendRest();
    }

    @Override
    public long deadlineNs() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean isReady() {
        return ended || hasFrame();
    }

    @Override
    public boolean awaitsRoom() {
        return restNext < restEnd && !unread;
    }

    @Override
    public void close() {
        socket.close();
        NativeMemory.unmap(incoming, READ_BYTES);
        NativeMemory.unmap(rest, REST_BYTES);
    }

    /// Whether a frame has come as a whole, or what cannot be one.
    private boolean hasFrame() {
        if (end - next < PREFIX) {
            return false;
        }
        int length = NetworkOrder.u32(incoming + next);
        return isBad(length) || length <= end - next - PREFIX;
    }

    private int deliver(FrameBatch batch) {
        int count = 0;
        while (count < FrameBatch.CAPACITY && hasFrame()) {
            int length = NetworkOrder.u32(incoming + next);
            if (isBad(length)) {
                complaint = "said that a frame has " + Integer.toUnsignedString(length) + " bytes";
                return count + breakOff(batch);
            }
            long slot = batch.slot(count++);
            NativeMemory.copy(incoming + next + PREFIX, slot, length);
            batch.addFrame(slot, length);
            next += PREFIX + length;
        }
        return count;
    }

    private int read(FrameBatch batch) {
        if (next > 0) {
            NativeMemory.move(incoming + next, incoming, end - next);
            end -= next;
            next = 0;
        }
        int count = arrays().transfer().receive(socket.number(), incoming + end, READ_BYTES - end);
        if (count > 0) {
            end += count;
            return deliver(batch);
        }
        if (count < 0 && !isEnd(-count)) {
            return 0;
        }
        if (end > next) {
            return breakOff(batch);
        }
        ended = true;
        return GONE;
    }

    /// Ends the link at what is no whole frame, which is counted.
    private int breakOff(FrameBatch batch) {
        batch.discard(Drop.BAD_STREAM);
        next = end;
        ended = true;
        return 1;
    }

    /// Appends frames to the next write.
    ///
    /// @return index in `rows` behind the last
    private int gather(FrameBatch batch, int[] rows, int from, int to) {
        StreamArrays write = arrays();
        write.begin();
        int at = from;
        while (at < to && write.hasRoom(batch.pieces(rows[at]))) {
            int row = rows[at++];
            write.addLength(batch.length(row));
            for (int piece = 0; piece < batch.pieces(row); piece++) {
                write.transfer().add(batch.pieceAddress(row, piece), batch.pieceLength(row, piece));
            }
        }
        return at;
    }

    /// Finds out what has gone of a write, and keeps the rest of a frame that was cut.
    ///
    /// @param bytes how many went
    /// @return how many frames are taken by that
    private int settle(FrameBatch batch, int[] rows, int from, int bytes) {
        int at = from;
        int left = bytes;
        while (left > 0) {
            int row = rows[at++];
            int size = PREFIX + batch.length(row);
            if (left < size) {
                NetworkOrder.u32(rest, batch.length(row));
                batch.copyTo(row, rest + PREFIX);
                restNext = left;
                restEnd = size;
            }
            left = Math.max(0, left - size);
        }
        return at - from;
    }

    /// Sends what was kept of a frame.
    ///
    /// @return whether other frames may follow
    private boolean sendRest() {
        if (unread) {
            return false;
        }
        if (restNext == restEnd) {
            return true;
        }
        StreamArrays write = arrays();
        write.begin();
        write.transfer().add(rest + restNext, restEnd - restNext);
        int sent = write.transfer().send(socket.number());
        restNext += Math.max(0, sent);
        unread = sent < 0 && isEnd(-sent);
        return restNext == restEnd;
    }

    /// The link is made on one thread and used by another: the arrays are those of the one that uses it.
    private StreamArrays arrays() {
        if (arrays == null) {
            arrays = StreamArrays.ofThisThread();
        }
        return arrays;
    }

    /// A length is unsigned: those of 2 GiB and more are negative here.
    private static boolean isBad(int length) {
        return length <= 0 || length > FrameSlab.MAX_FRAME;
    }

    private static boolean isEnd(int errno) {
        return errno == Errno.EPIPE.number() || errno == Errno.ECONNRESET.number() || errno == Errno.ENOTCONN.number()
                || errno == Errno.ETIMEDOUT.number() || errno == Errno.EHOSTUNREACH.number();
    }
}
