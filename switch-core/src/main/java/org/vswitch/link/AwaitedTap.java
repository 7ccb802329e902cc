package org.vswitch.link;

import java.util.concurrent.CompletableFuture;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.LinkEvents;

/// Stands on a port for a tap whose interface has gone, and ends when there is one of that name again.
///
/// Frames to it are lost as those to a link that is down. It sleeps until the kernel tells of the interface. One that
/// is there already but in use, as by the program that has just made it, is waited for by the clock: that it becomes
/// free is not told.
final class AwaitedTap implements TimedLink, MeasuredLink {
    private static final long RETRY_NS = 100_000_000;

    private final String name;
    private final LinkEvents events;
    private final boolean busy;
    private long retryNs = Long.MAX_VALUE;
    private boolean due;
    private boolean ended;

    /// Waits for an interface.
    ///
    /// @param name of the interface
    /// @param events opened before it was looked for last; closed with the link
    /// @param busy whether it is there and in use
    AwaitedTap(String name, LinkEvents events, boolean busy) {
        this.name = name;
        this.events = events;
        this.busy = busy;
    }

    /// Whether it is time to look for the interface; to be asked once the link was detached.
    boolean hasEnded() {
        return ended;
    }

    @Override
    public LinkFeatures features() {
        return new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, true, 0);
    }

    @Override
    public int descriptor() {
        return events.fd();
    }

    @Override
    public void now(long nowNs) {
        if (busy && retryNs == Long.MAX_VALUE) {
            retryNs = nowNs + RETRY_NS;
        }
        due = nowNs - retryNs >= 0;
    }

    @Override
    public long deadlineNs() {
        return retryNs;
    }

    @Override
    public boolean isReady() {
        return due;
    }

    @Override
    public boolean awaitsRoom() {
        return false;
    }

    @Override
    public int receive(FrameBatch batch) {
        ended = events.tellOf(name) || due;
        return ended ? GONE : 0;
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        return DOWN;
    }

    @Override
    public CompletableFuture<Void> measure(Measures into) {
        into.gauge("up", 0, 1);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        events.close();
    }
}
