package org.vswitch.link;

/// How many passes without work a polled link lets go by before it asks to be woken, so that a peer in full flow never
/// has to wake it. A pass without work takes about a tenth of a microsecond.
///
/// Used by the data-plane thread.
public final class Patience {
    /// After a batch of [#LONG_BATCH] frames or more; some tens of microseconds.
    private static final int MOST_PASSES = 512;
    private static final int LONG_BATCH = 16;

    private int passes;

    /// Frames came or went.
    ///
    /// @param frames how many, 1 or more
    public void begin(int frames) {
        passes = Math.min(frames, LONG_BATCH) * (MOST_PASSES / LONG_BATCH);
    }

    /// A pass without work.
    ///
    /// @return whether it is one more than there may be
    public boolean isOver() {
        if (passes == 0) {
            return true;
        }
        passes--;
        return false;
    }
}
