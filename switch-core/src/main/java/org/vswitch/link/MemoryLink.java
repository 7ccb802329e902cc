package org.vswitch.link;

import java.util.concurrent.atomic.AtomicInteger;
import org.vswitch.frame.FrameBatch;

/// One end of a pair of links within a process: what one end transmits, the other receives. For tests, and for programs
/// that embed a switch.
///
/// Theory of operation. Each direction is a [FrameQueue] of [#QUEUE_FRAMES] slots with one producer and one consumer,
/// so that the ends may belong to the same data plane or to different ones. A frame is copied once, with its offload
/// header; the receiver is lent the slot. There is no descriptor: the data plane polls, and a sleeping one is woken by
/// what it gave to [#wakeBy], when the other end sends to it or makes room for it.
public final class MemoryLink implements Link {
    /// How many frames wait in one direction.
    public static final int QUEUE_FRAMES = 256;

    private final LinkFeatures features;
    private final FrameQueue incoming;
    private final FrameQueue outgoing;
    private final AtomicInteger openEnds;
    private MemoryLink peer;
    private int lent;
    private volatile Runnable wake = () -> { };
    private volatile boolean armed;
    private volatile boolean refused;

    private MemoryLink(LinkFeatures features, FrameQueue incoming, FrameQueue outgoing, AtomicInteger openEnds) {
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
        FrameQueue there = new FrameQueue(QUEUE_FRAMES);
        FrameQueue back = new FrameQueue(QUEUE_FRAMES);
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
        lent = incoming.lend(batch, FrameBatch.CAPACITY);
        return lent == 0 && ended ? GONE : lent;
    }

    @Override
    public void release(FrameBatch batch) {
        if (lent > 0) {
            incoming.release(lent);
            lent = 0;
            if (peer.refused) {
                peer.wakeIfArmed();
            }
        }
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        if (openEnds.get() < 2) {
            return GONE;
        }
        int next = from;
        while (next < to && outgoing.offer(batch, rows[next])) {
            next++;
        }
        if (next > from) {
            outgoing.publish();
            peer.wakeIfArmed();
        }
        refused = next < to;
        return next - from;
    }

    @Override
    public void wakeBy(Runnable wakeUp) {
        wake = wakeUp;
    }

    @Override
    public boolean arm() {
        armed = true;
        // a volatile store and then volatile loads: either we see what came, or the peer sees that we are armed
        return incoming.isEmpty() && openEnds.get() == 2 && !(refused && outgoing.hasRoom());
    }

    @Override
    public void disarm() {
        armed = false;
    }

    /// How many frames wait to be received.
    ///
    /// @return 0 to [#QUEUE_FRAMES]
    public int waiting() {
        return incoming.count();
    }

    /// Ends the link: the other end receives what waits, and then is told that this one has gone.
    @Override
    public void close() {
        if (openEnds.decrementAndGet() == 0) {
            incoming.free();
            outgoing.free();
        } else {
            peer.wakeIfArmed();
        }
    }

    private void wakeIfArmed() {
        if (armed) {
            armed = false;
            wake.run();
        }
    }
}
