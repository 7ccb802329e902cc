package org.vswitch.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Frames;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

class FrameAllocationTest {
    private static final int WARM_UP_CYCLES = 10_000;
    private static final int CYCLES = 100_000;

    private final FrameBatch batch = FrameBatch.forReceiving();
    private final FrameBatch waiting = FrameBatch.forSending();
    private final Variants variants = new Variants(batch);
    private final Backlog backlog = new Backlog(new BacklogPool(16 << 20), 1 << 20);
    private final byte[] untagged = Frames.plain(Frames.B, Frames.A, 60);
    private final byte[] tagged = Frames.tagged(Frames.plain(Frames.BROADCAST, Frames.C, 300), 7);
    private final SuperFrame superFrame = new SuperFrame(Frames.ethernet(Frames.B, Frames.A, Frames.IPV4,
            Frames.ipv4(Frames.TCP, Frames.tcp(0, Frames.counting(500)))), 14, 34, 54, 200, false);
    private final long partialWord =
            VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0), 34);

    @Test
    void shouldAllocateNothingInAPass() {
        assertEquals(0, Allocations.bytesOf(WARM_UP_CYCLES, CYCLES, this::pass));
        assertTrue(backlog.count() > 0);
    }

    private void pass() {
        receive();
        deriveAndQueue();
        backlog.describe(waiting);
        while (backlog.count() > 100) {
            backlog.remove();
        }
    }

    private void receive() {
        batch.clear();
        add(untagged, 0, 0);
        add(tagged, 0, 0);
        add(superFrame.bytes(), superFrame.word(), superFrame.csumOffset());
        add(untagged, partialWord, 6);
        add(untagged, partialWord, 60_000);
        variants.begin();
    }

    private void add(byte[] frame, long word, int csumOffset) {
        long slot = batch.slot(batch.size());
        NativeMemory.copyIn(frame, 0, slot, frame.length);
        VirtioNetHeader.write(FrameSlab.header(slot), word, csumOffset);
        batch.addOffloadedFrame(slot, frame.length);
    }

    private void deriveAndQueue() {
        backlog.add(batch, variants.tagged(0, 5), true);
        backlog.add(batch, variants.untagged(1), true);
        int first = variants.segmented(2);
        for (int i = 0; i < variants.segmentCount(2); i++) {
            backlog.add(batch, first + i, false);
        }
        backlog.add(batch, variants.checksummed(3), true);
        variants.checksummed(variants.tagged(3, 5));
    }
}
