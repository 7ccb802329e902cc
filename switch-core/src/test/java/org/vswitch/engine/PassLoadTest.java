package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.vswitch.frame.FrameBatch;

/// What tells single frames from a stream.
class PassLoadTest {
    private final PassLoad load = new PassLoad();

    @Test
    void shouldAddUpWhatOnePassMoves() {
        load.begin();
        assertTrue(load.isLight());
        load.add(batchOf(PassLoad.LIGHT_BYTES / 2));
        load.add(batchOf(PassLoad.LIGHT_BYTES / 2));
        assertTrue(load.isLight());
        load.add(batchOf(60));
        assertFalse(load.isLight());
        load.begin();
        assertTrue(load.isLight());
    }

    @Test
    void shouldCountAllFramesOfABatch() {
        load.begin();
        load.add(batchOf(1514, 1514, 1514));
        assertFalse(load.isLight());
    }

    private static FrameBatch batchOf(int... lengths) {
        FrameBatch batch = FrameBatch.forReceiving();
        for (int i = 0; i < lengths.length; i++) {
            batch.addFrame(batch.slot(i), lengths[i]);
        }
        return batch;
    }
}
