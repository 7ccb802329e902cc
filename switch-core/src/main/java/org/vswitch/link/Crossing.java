package org.vswitch.link;

import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.collections.Int2ObjectHashMap;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameRing;

/// One end of what joins two data planes: a pair of frame rings that the frames of many links share (invariant 6).
///
/// Theory of operation. Each link that works on the other side has a channel, with a [CrossingLink] at either end; a
/// record's tag names its channel, so that the side that gets it need not decide again. [#receive] brings frames of one
/// channel at a time, and [#origin] says of which.
///
/// Nobody waits for anybody else's link. A channel may have so many frames and bytes in the ring, and no more, so that
/// the ring has room for the others; and who receives what came by a channel may hold that channel ([#judge]): its
/// frames then wait in the backlog on their own side, as in front of any full link. Where the link works, a channel is
/// held while anything waits for the link, so that nothing is lost behind the ring. Where frames are decided upon, it
/// is held as a source is paused ([Congestion]): if a whole batch went to endpoints that are full and not stuck, until
/// one takes some, or for [Congestion#PATIENCE_NS]; the link's data plane then pauses the link. What finds no room at
/// all is lost before it crosses: egress frames count at their endpoint, ingress frames at their port, which hears of
/// it with the frames that follow, or else soon.
///
/// It is a link itself, polled, so that its data plane arms it before it sleeps; nothing is transmitted to it. No
/// wake-up is lost ([Doorbell]). Used by one data-plane thread, but for what is volatile.
public final class Crossing implements Link {
    /// Bytes of frames and their records that wait in one direction.
    public static final int RING_BYTES = 1 << 20;

    private static final LinkFeatures NOTHING = LinkFeatures.plain(0, 0);

    private final FrameRing incoming;
    private final FrameRing outgoing;
    private final Congestion congestion;
    private final AtomicInteger openEnds;
    private final Doorbell bell = new Doorbell();
    private final Int2ObjectHashMap<CrossingLink> channels = new Int2ObjectHashMap<>();
    private final List<CrossingLink> inOrder = new ArrayList<>();
    private final ArrayDeque<CrossingLink> waiting = new ArrayDeque<>();
    private final ArrayDeque<CrossingLink> held = new ArrayDeque<>();
    private final List<Ending> endings = new ArrayList<>();
    private Crossing peer;
    private CrossingLink origin;
    private int lent;
    private long nowNs;
    private boolean ringFull;
    /// Whether anybody here waits for room over there.
    private volatile boolean waits;
    /// Whether frames were lost here on their way over there.
    private volatile boolean news;

    private Crossing(FrameRing incoming, FrameRing outgoing, Congestion congestion, AtomicInteger openEnds) {
        this.incoming = incoming;
        this.outgoing = outgoing;
        this.congestion = congestion;
        this.openEnds = openEnds;
    }

    /// Both ends.
    ///
    /// @param first one end
    /// @param second the other end
    public record Pair(Crossing first, Crossing second) {
    }

    /// What is done when the frames before an end have been received.
    private record Ending(long position, Runnable deed) {
    }

    /// Makes a pair.
    ///
    /// @param first of the data plane that gets the first end
    /// @param second of the data plane that gets the second end
    /// @return both ends, each to be closed
    public static Pair pair(Egress first, Egress second) {
        FrameRing there = new FrameRing(RING_BYTES);
        FrameRing back = new FrameRing(RING_BYTES);
        AtomicInteger openEnds = new AtomicInteger(2);
        Crossing one = new Crossing(back, there, first.congestion(), openEnds);
        Crossing other = new Crossing(there, back, second.congestion(), openEnds);
        one.peer = other;
        other.peer = one;
        return new Pair(one, other);
    }

    @Override
    public LinkFeatures features() {
        return NOTHING;
    }

    @Override
    public int descriptor() {
        return NO_DESCRIPTOR;
    }

    /// Brings the oldest frames as far as they came by one channel, and what was lost on that channel.
    @Override
    public int receive(FrameBatch batch) {
        goOn();
        letGo();
        return next(batch);
    }

    /// Brings what follows, behind a [#release].
    ///
    /// @param batch empty
    /// @return how many frames, those lost on their way included
    public int next(FrameBatch batch) {
        for (lent = incoming.lend(batch); lent > 0; lent = incoming.lend(batch)) {
            origin = channels.get(incoming.tag());
            if (origin != null) {
                return lent + origin.tellLosses(batch);
            }
            release(batch); // of a link that is there no more
            batch.clear();
        }
        int lost = peer.news ? losses(batch) : 0;
        if (lost == 0) {
            endWhatHasCome();
        }
        return lost;
    }

    /// What was lost on channels by which nothing comes.
    private int losses(FrameBatch batch) {
        peer.news = false;
        for (int i = 0; i < inOrder.size(); i++) {
            int count = inOrder.get(i).tellLosses(batch);
            if (count > 0) {
                origin = inOrder.get(i);
                peer.news = true; // others may have lost some as well
                return count;
            }
        }
        return 0;
    }

    /// The channel that the frames received last came by.
    ///
    /// @return this side's end of it
    public CrossingLink origin() {
        return origin;
    }

    /// How many channels there are.
    ///
    /// @return 0 or more
    public int channels() {
        return inOrder.size();
    }

    /// Has the sender of the frames received last, now forwarded, wait where they went nowhere but to who is full.
    public void judge() {
        if (!origin.holds() && origin.isToWait(congestion)) {
            origin.hold(nowNs, congestion.reliefs());
            held.add(origin);
        }
        congestion.beginBatch();
    }

    @Override
    public void release(FrameBatch batch) {
        if (lent > 0) {
            incoming.release();
            if (origin != null) {
                origin.took(lent, batch);
            }
            lent = 0;
            VarHandle.fullFence();
            if (peer.waits) {
                peer.bell.ring();
            }
        }
        endWhatHasCome();
    }

    /// Nothing is sent to the crossing itself.
    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        return DOWN;
    }

    @Override
    public void wakeBy(Runnable wakeUp) {
        bell.wakeBy(wakeUp);
    }

    @Override
    public boolean arm() {
        bell.arm();
        return incoming.isEmpty() && !peer.news && !mayAnyGoOn() && !mayAnyBeLetGo();
    }

    @Override
    public void disarm() {
        bell.disarm();
    }

    /// Tells the time of a pass.
    ///
    /// @param timeNs the time
    public void now(long timeNs) {
        nowNs = timeNs;
    }

    /// When a hold ends by itself.
    ///
    /// @return a time, or [Long#MAX_VALUE]
    public long deadlineNs() {
        return held.isEmpty() ? Long.MAX_VALUE : held.peekFirst().heldUntilNs();
    }

    /// Begins to carry the frames of a channel.
    ///
    /// @param channel this side's end of it
    public void add(CrossingLink channel) {
        channels.put(channel.tag(), channel);
        inOrder.add(channel);
    }

    /// Stops carrying the frames of a channel; those that still come are forgotten.
    ///
    /// @param channel this side's end of it
    void remove(CrossingLink channel) {
        channels.remove(channel.tag());
        inOrder.remove(channel);
        waiting.remove(channel);
        held.remove(channel);
        waits = !waiting.isEmpty();
    }

    /// How far the frames from this side have come.
    ///
    /// @return for [#behind] on the other side
    public long offered() {
        return outgoing.offered();
    }

    /// Whether everything was received that was sent before.
    ///
    /// @param position what [#offered] of the other side was
    /// @return true if nothing of it waits
    boolean hasCome(long position) {
        return incoming.released() >= position;
    }

    /// Does something once all that was sent before was received, or heard of as lost: at once or in a later pass.
    ///
    /// @param position what [#offered] of the other side was
    /// @param deed run within a pass: not to change what is attached
    public void behind(long position, Runnable deed) {
        if (hasCome(position) && !peer.news) {
            deed.run();
        } else {
            endings.add(new Ending(position, deed));
        }
    }

    /// Bytes of frames that wait to be received here. Callable from any thread while this end is open.
    ///
    /// @return up to [#RING_BYTES]
    public int waiting() {
        return incoming.used();
    }

    /// Ends this side; the memory goes with the second end.
    @Override
    public void close() {
        bell.remove();
        endings.forEach(ending -> ending.deed.run());
        endings.clear();
        if (openEnds.decrementAndGet() == 0) {
            incoming.free();
            outgoing.free();
        }
    }

    /// Puts a frame of a channel into the ring.
    boolean offer(FrameBatch batch, int row, int tag) {
        boolean taken = outgoing.offer(batch, row, tag);
        ringFull |= !taken;
        return taken;
    }

    /// A channel has sent.
    void ring() {
        VarHandle.fullFence();
        peer.bell.ring();
    }

    /// Frames have been lost on this side.
    void tellNews() {
        if (!news) {
            news = true;
            peer.bell.ring();
        }
    }

    /// A channel waits for room.
    void await(CrossingLink channel) {
        waiting.add(channel);
        waits = true;
    }

    /// Flushes those who wait and need not.
    private void goOn() {
        if (waiting.isEmpty() || ringFull && !outgoing.hasMoved()) {
            return;
        }
        ringFull = false;
        for (int i = waiting.size(); i > 0; i--) {
            CrossingLink channel = waiting.removeFirst();
            if (channel.room() > 0) {
                channel.goOn();
            } else {
                waiting.add(channel);
            }
        }
        waits = !waiting.isEmpty();
    }

    private boolean mayAnyGoOn() {
        if (ringFull && !outgoing.hasMoved()) {
            return false;
        }
        for (CrossingLink channel : waiting) {
            if (channel.room() > 0) {
                return true;
            }
        }
        return false;
    }

    /// Ends holds whose reason is gone.
    private void letGo() {
        boolean any = false;
        for (int i = held.size(); i > 0; i--) {
            CrossingLink channel = held.removeFirst();
            if (channel.mayBeLetGo(nowNs, congestion.reliefs())) {
                channel.letGo();
                any = true;
            } else {
                held.add(channel);
            }
        }
        if (any) {
            peer.bell.ring();
        }
    }

    private boolean mayAnyBeLetGo() {
        for (CrossingLink channel : held) {
            if (channel.mayBeLetGo(nowNs, congestion.reliefs())) {
                return true;
            }
        }
        return false;
    }

    private void endWhatHasCome() {
        for (int i = endings.size() - 1; i >= 0; i--) {
            if (hasCome(endings.get(i).position) && !peer.news) {
                endings.remove(i).deed.run();
            }
        }
    }
}
