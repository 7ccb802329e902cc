package org.vswitch.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Crossover;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.MeasuredLink;
import org.vswitch.link.MemoryLink;
import org.vswitch.link.TimedLink;

/// A link that works on a thread of its own, as the data plane that it is plugged into sees it.
///
/// Theory of operation. The thread is a second data plane with two links and no bridge: the one that works, and the far
/// end of a [MemoryLink], whose near end is all there is on this side. So there is one loop for all, with its alarm,
/// backlogs and pauses: where the link is slower than what comes, the ring fills, then the near endpoint's backlog, and
/// then the sources wait; in the other direction the link waits. A frame costs one copy more, and a wake-up where the
/// other side sleeps.
///
/// The thread ends in [#leave] or [#close], which wait for it; it waits for nobody. What the link says at its end lies
/// in the ring by then. If the link ends by itself, its thread closes the far end of the ring, and the data plane of
/// this side detaches what has gone. An error of the program on that thread is thrown on this one, whatever became of
/// the ring: it ends the switch, as it would without a thread.
public final class ThreadedLink implements TimedLink, MeasuredLink {
    private static final LinkFeatures EVERYTHING =
            new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, true, LinkFeatures.MAX_BUFFERED);
    private static final int RING = 0;
    private static final int WORK = 1;

    private final LinkFeatures features;
    private final MemoryLink near;
    private final MemoryLink far;
    private final DataPlane plane;
    private final Crossover crossover;
    private final Endpoint ring;
    private final Endpoint work;
    private final DataPlaneThread thread;
    private volatile Runnable wake = () -> { };
    private volatile Throwable failure;

    private ThreadedLink(Link link, DataPlane plane, MemoryLink.Pair ends) {
        this.plane = plane;
        LinkFeatures takes = link.features();
        features = new LinkFeatures(takes.maxFrame(), takes.checksum(), takes.tso4(), takes.tso6(),
                takes.uso(), LinkFeatures.MAX_BUFFERED);
        near = ends.first();
        far = ends.second();
        crossover = new Crossover(plane.egress(), plane);
        plane.forwarder(crossover);
        LinkLabel label = new LinkLabel(plane.roleName(), "");
        // the last one is detached first at the end: its last words are to find the ring
        ring = plane.attach(new Plug(RING, RING, far, label, () -> { }));
        work = plane.attach(new Plug(WORK, WORK, link, label, this::closeRing));
        thread = new DataPlaneThread(plane, this::ended);
    }

    /// Moves a link to a thread.
    ///
    /// @param link not in use; closed with the result
    /// @param name what the thread is called
    /// @return to be attached instead of the link
    /// @throws IOException if the kernel refuses; the link is then still the caller's
    public static ThreadedLink start(Link link, String name) throws IOException {
        DataPlane plane = new DataPlane(name);
        MemoryLink.Pair ends = MemoryLink.pair(EVERYTHING, EVERYTHING);
        try {
            ThreadedLink threaded = new ThreadedLink(link, plane, ends);
            threaded.thread.start();
            return threaded;
        } catch (UncheckedIOException refused) {
            plane.onClose();
            ends.first().close();
            throw refused.getCause();
        }
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
        return heard(near.receive(batch));
    }

    @Override
    public void release(FrameBatch batch) {
        near.release(batch);
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        return heard(near.transmit(batch, rows, from, to));
    }

    @Override
    public Drop whenFull() {
        return near.whenFull();
    }

    @Override
    public void wakeBy(Runnable wakeUp) {
        wake = wakeUp;
        near.wakeBy(wakeUp);
    }

    @Override
    public boolean arm() {
        return near.arm() && failure == null;
    }

    @Override
    public void disarm() {
        near.disarm();
    }

    /// The link that works is told the time on its own thread.
    @Override
    public void now(long nowNs) {
        // nothing on this side depends on the time
    }

    @Override
    public long deadlineNs() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean isReady() {
        return near.waiting() > 0;
    }

    @Override
    public boolean awaitsRoom() {
        return false;
    }

    @Override
    public void leave() {
        thread.close();
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        return plane.ask(() -> {
            into.gauge("ring-out", far.waiting(), MemoryLink.RING_BYTES);
            into.gauge("ring-in", far.unread(), MemoryLink.RING_BYTES);
            for (Drop reason : Drop.ALL) {
                into.counter("ring-out-lost-" + reason.key(), crossover.discarded(RING, reason) + work.lost(reason));
                into.counter("ring-in-lost-" + reason.key(), crossover.discarded(WORK, reason) + ring.lost(reason));
            }
            return work.link() instanceof MeasuredLink measured && !work.isGone() ? measured.measure(into)
                    : CompletableFuture.<Void>completedFuture(null);
        }).thenCompose(told -> told);
    }

    @Override
    public void close() {
        thread.close();
        near.close();
    }

    /// On the thread, behind the pass in which the link ended.
    private void closeRing() {
        plane.ask(() -> {
            plane.detach(ring);
            return null;
        });
    }

    /// On the thread, as its last deed.
    private void ended(Throwable bug) {
        if (bug != null) {
            failure = bug;
            wake.run();
        }
    }

    /// What the thread said before it failed comes first.
    private int heard(int result) {
        if (result == GONE || result == 0 && failure != null) {
            thread.close();
            switch (failure) {
                case Error bug -> throw bug;
                case RuntimeException bug -> throw bug;
                case null, default -> { }
            }
        }
        return result;
    }
}
