package org.vswitch.link;

import org.vswitch.frame.FrameBatch;

/// A [CrossingLink] in the place of a link that acts by the clock, which is told the time on its own thread: here it
/// has something to say at its end only.
public final class TimedCrossingLink extends CrossingLink implements TimedLink {
    private boolean isLeaving;
    private long lastWords;

    /// The end of a channel on the side that decides.
    ///
    /// @param tag as there
    /// @param crossing as there
    /// @param farSide as there
    public TimedCrossingLink(int tag, Crossing crossing, FarSide farSide) {
        super(tag, crossing, farSide);
    }

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
        return isLeaving && !crossing().hasCome(lastWords);
    }

    @Override
    public boolean awaitsRoom() {
        return false;
    }

    /// Waits for the other thread, which waits for nobody.
    @Override
    public void leave() {
        lastWords = farSide().leave();
        isLeaving = true;
    }

    /// Last words lie among the frames of others, whose channel [Crossing#origin] tells.
    @Override
    public int receive(FrameBatch batch) {
        return isLeaving ? crossing().receive(batch) : 0;
    }

    @Override
    public void release(FrameBatch batch) {
        crossing().release(batch);
    }
}
