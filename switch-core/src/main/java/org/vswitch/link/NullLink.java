package org.vswitch.link;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;

/// Takes every frame and never has one (`null://`).
public final class NullLink implements Link {
    /// A link to nowhere.
    public NullLink() {
    }

    @Override
    public LinkFeatures features() {
        return new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, true, 0);
    }

    @Override
    public int descriptor() {
        return NO_DESCRIPTOR;
    }

    @Override
    public int receive(FrameBatch batch) {
        return 0;
    }

    @Override
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        return to - from;
    }

    @Override
    public void close() {
        // nothing is held
    }
}
