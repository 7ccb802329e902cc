package org.vswitch.link;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.TunTap;
import org.vswitch.wire.FlowHash;

/// A tap interface with several queues, so that processors that send over it do not wait for each other.
///
/// Theory of operation. Each queue is a [TapLink]; they share what is known of the interface. An epoll instance of
/// their own is the descriptor of this link. A receive asks it which queues have frames, and lets those divide the
/// batch and its bytes evenly, beginning with the queue behind the one that was served last.
///
/// A frame is transmitted on a queue that its flow chooses, so that the order within a flow is kept. The kernel sends
/// the flow's other direction to the same queue from then on. A queue that takes no more ends the transmission as if
/// the link were full: what is behind it waits, whatever its queue. An epoll instance is never writable, so it becomes
/// readable when there is room ([#tellsOfRoomByReading]), which the data plane answers by offering what waits. If it
/// offers nothing, nothing waits, and room is news no longer.
final class TapQueues implements TapPort {
    /// The most queues: one thread serves them all.
    static final int MAX = 8;

    private final TapLink[] queues;
    private final Epoll ready;
    private int full;
    private int next;
    private boolean offered;
    private boolean ended;

    /// A link over the queues of an interface.
    ///
    /// @param tap the first of several queues, opened with a header of 12 bytes; closed with the link, and the caller's
    ///     if this fails
    /// @param offload what is left undone, either way
    /// @throws LinuxException if the kernel refuses the offloads or another descriptor
    TapQueues(TunTap tap, Offload offload) throws LinuxException {
        this(tap.queues(), new TapLink(tap, offload));
    }

    /// The same with the offloads decided.
    ///
    /// @param taps the queues, at most [#MAX]
    /// @param first a link over the first of them
    /// @throws LinuxException if the kernel refuses another descriptor
    TapQueues(List<TunTap> taps, TapLink first) throws LinuxException {
        queues = new TapLink[taps.size()];
        ready = new Epoll(queues.length);
        queues[0] = first;
        for (int i = 1; i < queues.length; i++) {
            queues[i] = new TapLink(taps.get(i), first);
        }
        try {
            for (int i = 0; i < queues.length; i++) {
                ready.add(queues[i].descriptor(), Epoll.READABLE, i);
            }
        } catch (LinuxException refusal) {
            close();
            throw refusal;
        }
    }

    @Override
    public String name() {
        return queues[0].name();
    }

    @Override
    public boolean hasEnded() {
        return ended;
    }

    @Override
    public LinkFeatures features() {
        return queues[0].features();
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
        int waiting = waiting();
        int left = Integer.bitCount(waiting);
        int bytes = batch.wantedBytes() / Math.max(1, left);
        int count = 0;
        int first = next;
        for (int i = 0; i < queues.length && count < batch.wanted(); i++) {
            int queue = (first + i) % queues.length;
            if ((waiting >>> queue & 1) != 0) {
                int share = (batch.wanted() - count + left - 1) / left--;
                int taken = queues[queue].receive(batch, count, count + share, bytes);
                if (taken == GONE) {
                    ended = true;
                    return count > 0 ? count : GONE;
                }
                count += taken;
                next = queue + 1;
            }
        }
        return count;
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        offered = true;
        for (int i = from; i < to; i++) {
            int queue = FlowHash.share(batch.head(rows[i]), batch.headLength(rows[i]), queues.length);
            int taken = queues[queue].transmit(batch, rows, i, i + 1);
            watch(queue, taken == 0 || taken < 0 && i > from);
            if (taken != 1) {
                ended |= taken == GONE;
                return i > from ? i - from : taken;
            }
        }
        return to - from;
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        into.gauge("queues", queues.length, queues.length);
        return queues[0].measure(into);
    }

    @Override
    public void close() {
        ready.close();
        for (TapLink queue : queues) {
            queue.close();
        }
    }

    /// The queues that have frames, or an end, to tell of: a bit each.
    private int waiting() {
        int waiting = 0;
        for (int i = ready.await(0) - 1; i >= 0; i--) {
            int queue = (int) ready.token(i);
            if ((ready.ready(i) & (Epoll.READABLE | Epoll.FAILED)) != 0) {
                waiting |= 1 << queue;
            }
            if ((ready.ready(i) & Epoll.WRITABLE) != 0 && !offered) {
                watch(queue, false);
            }
        }
        offered = false;
        return waiting;
    }

    /// Asks to be told of room, or no longer.
    private void watch(int queue, boolean isFull) {
        int bit = 1 << queue;
        if (isFull != ((full & bit) != 0)) {
            full ^= bit;
            ready.modify(queues[queue].descriptor(), Epoll.READABLE | (isFull ? Epoll.WRITABLE : 0), queue);
        }
    }
}
