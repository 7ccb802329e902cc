package org.vswitch.link;

import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;

/// One end of a channel of a [Crossing]: the frames of one link that works on another data plane.
///
/// On the side that decides it stands on the bridge in the link's place, and its endpoint tells the link's ledger
/// ([#beyond]). On the side where the link works, the worker's, its endpoint takes what the link received. Everything
/// passes as it is: segments and checksums are made where the link is.
///
/// Used by the data-plane thread of its side, but for what is volatile.
public class CrossingLink implements MeasuredLink {
    /// The most frames of a channel in the ring: two batches, so that one is filled while the other is emptied. With
    /// what may wait in front of it before its source is told to wait, no more than a backlog holds.
    static final int MAX_FRAMES = 2 * FrameBatch.CAPACITY;
    /// The most bytes of a channel in the ring, before the last frame.
    static final int MAX_BYTES = Crossing.RING_BYTES / 4;

    private static final LinkFeatures EVERYTHING =
            new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, true, LinkFeatures.MAX_BUFFERED);

    private final int tag;
    private final Crossing crossing;
    private final FarSide farSide;
    /// Frames lost before they crossed: those discarded here, and those that the other side was told of.
    private final long[] discarded = new long[Drop.COUNT];
    private final long[] told = new long[Drop.COUNT];
    private CrossingLink peer;
    private Endpoint endpoint;
    private long sentFrames;
    private long sentBytes;
    private boolean isWaiting;
    private boolean isOpen = true;
    private boolean isSevered;
    private boolean hasLost;
    private long lossesTold;
    private long heldUntilNs;
    private long heldAtRelief;
    /// The link's endpoint, on the worker's side.
    private volatile Endpoint receiver;
    private volatile long tookFrames;
    private volatile long tookBytes;
    /// Whether the other side is to wait.
    private volatile boolean holds;
    /// How often frames were lost before they crossed; changes behind the counters.
    private volatile long losses;

    /// One end of a channel; [#join] makes two of them a channel.
    ///
    /// @param tag of its frames, not used before on this crossing
    /// @param crossing the end on this side
    /// @param farSide where the link works; null for the end over there
    public CrossingLink(int tag, Crossing crossing, FarSide farSide) {
        this.tag = tag;
        this.crossing = crossing;
        this.farSide = farSide;
    }

    /// What the side that decides wants of the other.
    public interface FarSide {
        /// Asks for the end of the link; does not wait.
        void close();

        /// Ends the link, and returns when it has said all it had to say.
        ///
        /// @return what [Crossing#offered] is then
        long leave();

        /// Has the numbers of the link told.
        ///
        /// @param into takes them, on the thread of the link
        /// @return completed when all are told
        CompletableFuture<Void> measure(Measures into);
    }

    /// Makes a channel. What is sent to the worker waits until [#receiver] is there.
    ///
    /// @param deciding the end on the side that decides
    /// @param working the end on the side of the link
    public static void join(CrossingLink deciding, CrossingLink working) {
        deciding.peer = working;
        working.peer = deciding;
        working.holds = true;
    }

    /// Sets what sends by this end.
    ///
    /// @param user of this link
    public void endpoint(Endpoint user) {
        endpoint = user;
    }

    /// What sends by this end: on the side that decides the endpoint on the bridge.
    ///
    /// @return as set
    public Endpoint endpoint() {
        return endpoint;
    }

    /// The link is there: what comes goes to it. On the worker's side.
    ///
    /// @param attached the link's endpoint
    public void receiver(Endpoint attached) {
        receiver = attached;
        letGo();
        crossing.ring();
    }

    /// Where the frames that come go. On the worker's side.
    ///
    /// @return the link's endpoint
    public Endpoint receiver() {
        return receiver;
    }

    /// The endpoint over there that has the last word on what became of frames that this end took.
    ///
    /// @return null on the worker's side, and before the link is there
    Endpoint beyond() {
        return peer.receiver;
    }

    /// Whether the link over there has ended, and frames that it was not offered are lost.
    boolean isSevered() {
        return isSevered;
    }

    /// The link over there has ended.
    public void sever() {
        isSevered = true;
    }

    /// Sends what the link received. On the worker's side.
    ///
    /// @param batch as received
    /// @param rows its rows in order
    public void carry(FrameBatch batch, int[] rows) {
        for (int i = 0; batch.discards() > 0 && i < Drop.COUNT; i++) {
            discarded[i] += batch.discarded(Drop.ALL.get(i));
        }
        if (batch.size() > 0) {
            endpoint.transmit(batch, rows, batch.size());
        }
        if (batch.discards() > 0 || hasLost) {
            hasLost = false;
            losses++;
            crossing.tellNews();
        }
    }

    /// The link has ended, everything it received has been carried. On the worker's side.
    ///
    /// @return what [Crossing#offered] is behind its last frame
    public long end() {
        endpoint.flush();
        boolean isLeft = endpoint.isBacklogged();
        endpoint.fail();
        if (isLeft) {
            losses++;
            crossing.tellNews();
        }
        crossing.remove(this);
        return crossing.offered();
    }

    @Override
    public LinkFeatures features() {
        return EVERYTHING;
    }

    @Override
    public int descriptor() {
        return NO_DESCRIPTOR;
    }

    /// What comes by this channel the [Crossing] receives.
    @Override
    public boolean isPolled() {
        return false;
    }

    @Override
    public int receive(FrameBatch batch) {
        return 0;
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        int most = from + (int) Math.min(to - from, room());
        int next = from;
        while (next < most && sentBytes - peer.tookBytes < MAX_BYTES && crossing.offer(batch, rows[next], tag)) {
            sentBytes += batch.length(rows[next++]);
        }
        sentFrames += next - from;
        if (next > from) {
            crossing.ring();
        }
        if (next < to) {
            if (!isWaiting) {
                isWaiting = true;
                crossing.await(this);
            }
        }
        return next - from;
    }

    /// Asked once for each frame that is lost.
    @Override
    public Drop whenFull() {
        hasLost = true;
        return farSide != null && peer.holds ? Drop.EGRESS_FULL : Drop.RING_FULL;
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        return farSide.measure(into);
    }

    @Override
    public void close() {
        if (isOpen) {
            isOpen = false;
            crossing.remove(this);
            farSide.close();
        }
    }

    /// Whether this end is in use.
    ///
    /// @return false once closed
    public boolean isOpen() {
        return isOpen;
    }

    /// The tag of its frames.
    ///
    /// @return as constructed
    public int tag() {
        return tag;
    }

    /// What it is a channel of.
    ///
    /// @return the end on this side
    public Crossing crossing() {
        return crossing;
    }

    FarSide farSide() {
        return farSide;
    }

    /// How many more frames the other side takes now.
    long room() {
        return peer.holds || sentBytes - peer.tookBytes >= MAX_BYTES ? 0 : MAX_FRAMES - (sentFrames - peer.tookFrames);
    }

    /// Frames of this channel have left the ring.
    void took(int frames, FrameBatch batch) {
        tookBytes += batch.bytes();
        tookFrames += frames;
    }

    /// There is room again.
    void goOn() {
        isWaiting = false;
        endpoint.flush();
    }

    boolean holds() {
        return holds;
    }

    /// Whether the sender of what came by this channel and was forwarded now should wait.
    boolean isToWait(Congestion congestion) {
        Endpoint behind = receiver;
        return behind == null ? congestion.isSourceToWait() : behind.isBacklogged();
    }

    void hold(long nowNs, long relief) {
        heldUntilNs = receiver == null ? nowNs + Congestion.PATIENCE_NS : Long.MAX_VALUE;
        heldAtRelief = relief;
        holds = true;
    }

    long heldUntilNs() {
        return heldUntilNs;
    }

    /// Whether the reason for a hold is gone: over there its receiver has nothing waiting, here any has taken some.
    boolean mayBeLetGo(long nowNs, long relief) {
        Endpoint behind = receiver;
        return behind == null ? relief != heldAtRelief || nowNs >= heldUntilNs : !behind.isBacklogged();
    }

    void letGo() {
        holds = false;
    }

    /// Counts what was lost over there since this was asked last as discarded here.
    int tellLosses(FrameBatch batch) {
        long now = peer.losses;
        if (now == lossesTold) {
            return 0;
        }
        lossesTold = now;
        int count = 0;
        for (int i = 0; i < Drop.COUNT; i++) {
            Drop reason = Drop.ALL.get(i);
            long sum = peer.discarded[i] + peer.endpoint.lost(reason);
            int added = (int) (sum - told[i]);
            if (added > 0) {
                told[i] = sum;
                batch.discard(reason, added);
                count += added;
            }
        }
        return count;
    }
}
