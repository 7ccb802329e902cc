package org.vswitch.link;

import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameRing;

/// One end of a pair of links within a process: what one end transmits, the other receives. Joins two data planes, or
/// a data plane and a test or a program that embeds a switch.
///
/// Theory of operation. Each direction is a [FrameRing], so that the ends may belong to the same data plane or to
/// different ones. A frame is copied once, with its offload header; the receiver is lent it in the ring. There is no
/// descriptor: the data plane polls, and one that sleeps is woken by what it gave to [#wakeBy], when the other end
/// sends to it or makes room for it.
///
/// No wake-up is lost ([Doorbell]): a sender commits, fences and rings; a sleeper arms and reads the ring.
public final class MemoryLink implements Link {
    /// Bytes of frames and their records that wait in one direction.
    public static final int RING_BYTES = 1 << 20;

    private final LinkFeatures features;
    private final FrameRing incoming;
    private final FrameRing outgoing;
    private final AtomicInteger openEnds;
    private final Doorbell bell = new Doorbell();
    private MemoryLink peer;
    private int lent;
    private volatile boolean refused;

    private MemoryLink(LinkFeatures features, FrameRing incoming, FrameRing outgoing, AtomicInteger openEnds) {
        this.features = features;
        this.incoming = incoming;
        this.outgoing = outgoing;
        this.openEnds = openEnds;
    }

    /// Two links, each the other's peer.
    ///
    /// @param first one end
    /// @param second the other end
    public record Pair(MemoryLink first, MemoryLink second) {
    }

    /// Makes a pair.
    ///
    /// @param first what may be transmitted by the first end
    /// @param second what may be transmitted by the second end
    /// @return both ends, each to be closed
    public static Pair pair(LinkFeatures first, LinkFeatures second) {
        FrameRing there = new FrameRing(RING_BYTES);
        FrameRing back = new FrameRing(RING_BYTES);
        AtomicInteger openEnds = new AtomicInteger(2);
        MemoryLink one = new MemoryLink(first, back, there, openEnds);
        MemoryLink other = new MemoryLink(second, there, back, openEnds);
        one.peer = other;
        other.peer = one;
        return new Pair(one, other);
    }

    @Override
    public LinkFeatures features() {
        return features;
    }

    @Override
    public int descriptor() {
        return NO_DESCRIPTOR;
    }

    @Override
    public int receive(FrameBatch batch) {
        boolean ended = openEnds.get() < 2;
        lent = incoming.lend(batch);
        return lent == 0 && ended ? GONE : lent;
    }

    @Override
    public void release(FrameBatch batch) {
        if (lent > 0) {
            incoming.release();
            lent = 0;
            VarHandle.fullFence();
            if (peer.refused) {
                peer.bell.ring();
            }
        }
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        if (openEnds.get() < 2) {
            return incoming.isEmpty() ? GONE : DOWN; // not gone before what it has sent is received
        }
        int next = from;
        while (next < to && outgoing.offer(batch, rows[next])) {
            next++;
        }
        if (next > from) {
            VarHandle.fullFence();
            peer.bell.ring();
        }
        refused = next < to;
        return next - from;
    }

    @Override
    public void wakeBy(Runnable wakeUp) {
        bell.wakeBy(wakeUp);
    }

    @Override
    public boolean arm() {
        bell.arm();
        return incoming.isEmpty() && openEnds.get() == 2 && !(refused && outgoing.hasMoved());
    }

    @Override
    public void disarm() {
        bell.disarm();
    }

    @Override
    public Drop whenFull() {
        return Drop.RING_FULL;
    }

    /// How much waits to be received. Callable from any thread while this end is open.
    ///
    /// @return bytes, up to [#RING_BYTES]
    public int waiting() {
        return incoming.used();
    }

    /// How much that was transmitted waits for the other end. Callable from any thread while this end is open.
    ///
    /// @return bytes, up to [#RING_BYTES]
    public int unread() {
        return outgoing.used();
    }

    /// Ends the link: the other end receives what waits, and then is told that this one has gone.
    @Override
    public void close() {
        if (openEnds.decrementAndGet() == 0) {
            incoming.free();
            outgoing.free();
        } else {
            peer.bell.ring();
        }
    }
}
