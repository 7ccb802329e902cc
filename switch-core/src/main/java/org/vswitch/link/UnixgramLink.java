package org.vswitch.link;

import java.util.concurrent.atomic.AtomicLong;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameRing;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.LinuxException;

/// One guest of a datagram socket that has many ([UnixgramListener]). What it sends comes through a frame ring from the
/// thread that reads the socket; what it is sent goes to its socket directly, from one that has room of its own.
///
/// Theory of operation. The descriptor is an epoll instance over an eventfd, which is above zero while the ring may
/// have frames, and the sending socket, which is watched only while it is full ([#tellsOfRoomByReading]). The reading
/// side counts what it could not put into the ring, and this side tells the port. That nobody has the guest's name any
/// more is its end.
final class UnixgramLink implements PeerLink {
    private static final int FRAMES = 0;
    private static final int ROOM = 1;

    private final Link out;
    private final FrameRing ring = new FrameRing(MemoryLink.RING_BYTES);
    private final EventFd filled;
    private final Epoll ready;
    private final AtomicLong full = new AtomicLong();
    private final AtomicLong tooShort = new AtomicLong();
    private long fullTold;
    private long tooShortTold;
    private boolean awaitsRoom;
    private boolean ended;

    private UnixgramLink(Link out, EventFd filled, Epoll ready) {
        this.out = out;
        this.filled = filled;
        this.ready = ready;
    }

    /// A link to a guest.
    ///
    /// @param out sends to it; closed with the link, and the caller's if this fails
    /// @throws LinuxException if the kernel refuses another descriptor
    static UnixgramLink open(Link out) throws LinuxException {
        Epoll ready = new Epoll(2);
        EventFd filled = null;
        try {
            filled = new EventFd();
            ready.add(filled.fd(), Epoll.READABLE, FRAMES);
            ready.add(out.descriptor(), 0, ROOM);
            return new UnixgramLink(out, filled, ready);
        } catch (LinuxException refusal) {
            ready.close();
            if (filled != null) {
                filled.close();
            }
            throw refusal;
        }
    }

    /// Takes a frame of the guest's. For the reading thread.
    ///
    /// @param batch where it is
    /// @param row which
    void offer(FrameBatch batch, int row) {
        if (!ring.offer(batch, row)) {
            full.setOpaque(full.getPlain() + 1);
        }
    }

    /// Counts a datagram of the guest's that is no frame. For the reading thread.
    void offerTooShort() {
        tooShort.setOpaque(tooShort.getPlain() + 1);
    }

    /// Wakes the data plane for what was offered. For the reading thread.
    void wake() {
        filled.signal();
    }

    /// Gives back what the reading thread uses of a link that was closed, once that thread uses it no more.
    void dispose() {
        ring.free();
        filled.close();
    }

    @Override
    public LinkFeatures features() {
        return out.features();
    }

    @Override
    public int descriptor() {
        return ready.fd();
    }

    @Override
    public boolean tellsOfRoomByReading() {
        return true;
    }

    @Override
    public int receive(FrameBatch batch) {
        if (ended) {
            return GONE;
        }
        int count = ring.lend(batch);
        if (count == 0) {
            filled.drain();
            count = ring.lend(batch); // what has come between the two
            if (count > 0) {
                filled.signal();
            }
        }
        long lost = full.getOpaque();
        for (; fullTold < lost; fullTold++, count++) {
            batch.discard(Drop.RING_FULL);
        }
        long nothing = tooShort.getOpaque();
        for (; tooShortTold < nothing; tooShortTold++, count++) {
            batch.discard(Drop.TOO_SHORT);
        }
        return count;
    }

    @Override
    public void release(FrameBatch batch) {
        ring.release();
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        int taken = out.transmit(batch, rows, from, to);
        if (DgramLink.isAbsence(taken) || taken == DOWN) {
            ended = true;
            return GONE;
        }
        boolean isFull = taken >= 0 && taken < to - from;
        if (isFull != awaitsRoom) {
            awaitsRoom = isFull;
            ready.modify(out.descriptor(), isFull ? Epoll.WRITABLE : 0, ROOM);
        }
        return taken;
    }

    @Override
    public void close() {
        ready.close();
        out.close();
    }
}
