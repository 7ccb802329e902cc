package org.vswitch.engine;

import org.vswitch.frame.FrameBatch;

/// How much a pass has moved, as far as that tells a question and its answer from a stream. Used by one thread.
final class PassLoad {
    /// A few small frames, or one large datagram.
    static final int LIGHT_BYTES = 4_096;

    private long bytes;

    /// A pass begins.
    void begin() {
        bytes = 0;
    }

    /// A batch was received.
    ///
    /// @param batch counted no further than it takes to see that it is not light
    void add(FrameBatch batch) {
        for (int row = 0; row < batch.size() && bytes <= LIGHT_BYTES; row++) {
            bytes += batch.length(row);
        }
    }

    /// Whether the pass has moved no more than [#LIGHT_BYTES].
    ///
    /// @return true also if it has moved nothing
    boolean isLight() {
        return bytes <= LIGHT_BYTES;
    }
}
