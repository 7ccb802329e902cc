package org.vswitch.plug.impair;

import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.MeasuredLink;
import org.vswitch.link.TimedLink;

/// A link round a link that loses, delays, duplicates and slows down what passes, in each direction as told.
///
/// Theory of operation. Each direction has a [DelayLine]. What is transmitted is taken at once and handed to the inner
/// link when it is due; if that one has no room, due frames wait in their order until it has. What the inner link
/// receives is copied, given back at once, and lent when it is due. A frame counts as received when it is lent, or when
/// it was lost: then under its reason, as if the link had discarded it. The endpoint counts as sent what this link
/// took; what happened to it then is told by [#outgoing]. When the inner link ends, frames on their way are lost, as
/// with a wire that is cut. When this one is taken out of use they arrive, all at once: who leaves has sent them.
///
/// To lose super-frames would be to lose bursts: none is taken while the outgoing direction is impaired, so that the
/// endpoint segments. One that the inner link receives is one frame here.
///
/// A direction without impairment is not touched. Links round links round links are possible.
public final class ImpairedLink implements TimedLink, MeasuredLink {
    private final Link inner;
    private final TimedLink timed;
    private final LinkFeatures features;
    private final boolean isOutgoingImpaired;
    private final boolean isIncomingImpaired;
    private final DelayLine outgoing;
    private final DelayLine incoming;
    private final FrameBatch due = FrameBatch.forSending();
    private final int[] inOrder = new int[FrameBatch.CAPACITY];
    private final long[] discarded = new long[Drop.COUNT];
    private long nowNs;
    private int lent;
    private boolean blocked;
    private boolean leaving;
    private boolean gone;

    /// Impairs a link.
    ///
    /// @param inner closed with this one, and used by nobody else
    /// @param outgoing what happens to frames that are transmitted
    /// @param incoming what happens to frames that are received
    public ImpairedLink(Link inner, Impairment outgoing, Impairment incoming) {
        this.inner = inner;
        this.timed = inner instanceof TimedLink link ? link : null;
        isOutgoingImpaired = !outgoing.isNone();
        isIncomingImpaired = !incoming.isNone();
        this.outgoing = line(outgoing);
        this.incoming = line(incoming);
        LinkFeatures all = inner.features();
        features = isOutgoingImpaired
                ? new LinkFeatures(all.maxFrame(), all.checksum(), false, false, false, all.backlogBytes()) : all;
        java.util.Arrays.setAll(inOrder, row -> row);
    }

    /// What became of the frames that were transmitted.
    ///
    /// @return lives as long as the link
    public LineLedger outgoing() {
        return outgoing;
    }

    /// What became of the frames that the inner link received.
    ///
    /// @return lives as long as the link
    public LineLedger incoming() {
        return incoming;
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        measure(into, "out-", outgoing);
        measure(into, "in-", incoming);
        return inner instanceof MeasuredLink measured ? measured.measure(into)
                : CompletableFuture.completedFuture(null);
    }

    @Override
    public LinkFeatures features() {
        return features;
    }

    @Override
    public int descriptor() {
        return inner.descriptor();
    }

    @Override
    public boolean isPolled() {
        return inner.isPolled();
    }

    @Override
    public void woken() {
        inner.woken();
    }

    @Override
    public boolean tellsOfRoomByReading() {
        return inner.tellsOfRoomByReading();
    }

    @Override
    public void now(long timeNs) {
        nowNs = timeNs;
        if (timed != null) {
            timed.now(timeNs);
        }
        advance();
    }

    @Override
    public long deadlineNs() {
        long ownNs = Math.min(incoming.deadlineNs(), outgoing.deadlineNs());
        return timed == null ? ownNs : Math.min(ownNs, timed.deadlineNs());
    }

    @Override
    public void leave() {
        if (timed != null) {
            timed.leave();
        }
        leaving = true;
        advance();
    }

    @Override
    public boolean isReady() {
        return gone || incoming.readyCount() > 0 || timed != null && timed.isReady();
    }

    @Override
    public boolean awaitsRoom() {
        return blocked && !isPolled() || timed != null && timed.awaitsRoom();
    }

    @Override
    public int receive(FrameBatch batch) {
        if (gone) {
            return GONE;
        }
        int taken = inner.receive(batch);
        if (taken == GONE) {
            end();
        } else if (isIncomingImpaired) {
            if (taken > 0) {
                takeIn(batch);
            }
            incoming.advance(dueNs());
            lent = incoming.describe(batch);
            taken = lent + batch.discards();
        }
        return taken;
    }

    @Override
    public void release(FrameBatch batch) {
        if (isIncomingImpaired) {
            incoming.pass(lent);
            lent = 0;
            if (gone) {
                incoming.cut();
            }
        } else {
            inner.release(batch);
        }
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        if (gone) {
            return GONE;
        }
        if (!isOutgoingImpaired) {
            int taken = inner.transmit(batch, rows, from, to);
            if (taken == GONE) {
                end();
            }
            return taken;
        }
        for (int i = from; i < to; i++) {
            outgoing.offer(batch, rows[i], nowNs);
        }
        advance();
        return to - from;
    }

    @Override
    public Drop whenFull() {
        return inner.whenFull();
    }

    @Override
    public void wakeBy(Runnable wakeUp) {
        inner.wakeBy(wakeUp);
    }

    @Override
    public boolean arm() {
        return inner.arm() && !isReady();
    }

    @Override
    public void disarm() {
        inner.disarm();
    }

    @Override
    public void close() {
        abandon();
        inner.close();
    }

    /// Releases what is this link's own, and leaves the inner link open, which nobody has used yet.
    void abandon() {
        outgoing.close();
        incoming.close();
    }

    /// Copies what the inner link lent, ends its loan, and leaves in the batch only what was lost.
    private void takeIn(FrameBatch batch) {
        for (int reason = 0; reason < discarded.length; reason++) {
            discarded[reason] = batch.discarded(Drop.ALL.get(reason));
        }
        for (int row = 0; row < batch.size(); row++) {
            Drop lost = incoming.offer(batch, row, nowNs);
            if (lost != null) {
                discarded[lost.ordinal()]++;
            }
        }
        inner.release(batch);
        batch.clear();
        for (int reason = 0; reason < discarded.length; reason++) {
            for (long i = discarded[reason]; i > 0; i--) {
                batch.discard(Drop.ALL.get(reason));
            }
        }
    }

    private void advance() {
        incoming.advance(dueNs());
        outgoing.advance(dueNs());
        push();
    }

    /// Up to when frames are due now.
    private long dueNs() {
        return leaving ? Long.MAX_VALUE - 1 : nowNs;
    }

    /// Hands due frames to the inner link until it has no room.
    private void push() {
        blocked = false;
        while (!blocked && !gone && outgoing.readyCount() > 0) {
            due.clear();
            int count = outgoing.describe(due);
            int taken = inner.transmit(due, inOrder, 0, count);
            if (taken == GONE) {
                end();
            } else if (taken < GONE) {
                outgoing.fail(Link.loss(taken));
            } else {
                outgoing.pass(taken);
                blocked = taken < count;
            }
        }
    }

    private void end() {
        gone = true;
        outgoing.cut();
        if (lent == 0) { // what is on loan stays until it is released
            incoming.cut();
        }
    }

    private static DelayLine line(Impairment impairment) {
        return new DelayLine(impairment.isNone() ? Impairment.NONE.withQueueFrames(1) : impairment);
    }

    private static void measure(Measures into, String way, LineLedger line) {
        into.counter(way + "offered", line.offered());
        into.counter(way + "passed", line.passed());
        into.counter(way + "delayed", line.delayed());
        into.counter(way + "duplicated", line.duplicated());
        into.counter(way + "in-flight", line.inFlight());
        for (Drop reason : Drop.ALL) {
            into.counter(way + "lost-" + reason.key(), line.lost(reason));
        }
    }
}
