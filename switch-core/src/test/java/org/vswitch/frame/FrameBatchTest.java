package org.vswitch.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

class FrameBatchTest {
    private final FrameBatch batch = FrameBatch.forReceiving();

    @Test
    void shouldShowColumnsOfEachFrame() {
        Frames.receive(batch, Frames.plain(Frames.B, Frames.A, 60),
                Frames.tagged(Frames.plain(Frames.BROADCAST, Frames.C, 1_514), 0xe064));
        assertEquals(2, batch.size());
        assertEquals(Frames.B, batch.destination(0));
        assertEquals(Frames.A, batch.source(0));
        assertEquals(Frames.EXPERIMENTAL, batch.type(0));
        assertEquals(60, batch.length(0));
        assertEquals(60, batch.headLength(0));
        assertFalse(batch.isTagged(0));
        assertEquals(0, batch.tci(0));
        assertEquals(Frames.BROADCAST, batch.destination(1));
        assertTrue(batch.isTagged(1));
        assertEquals(0xe064, batch.tci(1));
        assertEquals(1_518, batch.longest());
        assertEquals(128, batch.headLength(1));
        assertFalse(batch.hasOffloads());
    }

    @Test
    void shouldDiscardFramesTooShortToDecideOn() {
        Frames.receive(batch, new byte[13], new byte[0], Frames.ethernet(Frames.B, Frames.A, Frames.VLAN, new byte[3]));
        assertEquals(0, batch.size());
        assertEquals(3, batch.discards());
        assertEquals(3, batch.discarded(Drop.TOO_SHORT));
        batch.addOffloadedFrame(batch.slot(0), -12);
        assertEquals(4, batch.discarded(Drop.TOO_SHORT));
    }

    @Test
    void shouldTakeFramesOfFourteenBytesUpToASlot() {
        Frames.receive(batch, new byte[14], Frames.ethernet(Frames.B, Frames.A, Frames.VLAN, new byte[4]),
                Frames.plain(Frames.B, Frames.A, FrameSlab.MAX_FRAME));
        assertEquals(3, batch.size());
        assertEquals(FrameSlab.MAX_FRAME, batch.longest());
    }

    @Test
    void shouldDiscardFramesLongerThanASlot() {
        batch.addFrame(batch.slot(0), FrameSlab.MAX_FRAME + 1);
        batch.addOffloadedFrame(batch.slot(0), FrameSlab.MAX_FRAME + 1);
        assertEquals(2, batch.discarded(Drop.TOO_LONG));
        assertEquals(0, batch.size());
    }

    @Test
    void shouldDiscardBadOffloads() {
        Frames.receiveOffloaded(batch, Frames.plain(Frames.B, Frames.A, 60), VirtioNetHeader.word(1, 0, 0, 0), 0);
        assertEquals(1, batch.discarded(Drop.BAD_OFFLOAD));
        assertEquals(0, batch.size());
    }

    @Test
    void shouldForgetDiscardsWhenCleared() {
        batch.discard(Drop.RING_FULL);
        batch.clear();
        assertEquals(0, batch.discards());
        assertEquals(0, batch.discarded(Drop.RING_FULL));
    }

    @Test
    void shouldPutTheCanonicalHeaderInFrontOfAFrame() {
        SuperFrame frame = SuperFrame.random(new Random(4), 3_000);
        Frames.receiveOffloaded(batch, frame.bytes(), frame.word() | 0xf0, frame.csumOffset());
        Frames.receive(batch, Frames.plain(Frames.B, Frames.A, 60));
        assertTrue(batch.hasOffloads());
        assertEquals(frame.csumOffset(), batch.csumOffset(0));
        for (int row = 0; row < 2; row++) {
            long header = FrameSlab.header(batch.head(row));
            assertEquals(batch.offload(row), VirtioNetHeader.word(header));
            assertEquals(batch.csumOffset(row), VirtioNetHeader.csumOffset(header));
        }
        assertEquals(frame.headers(), VirtioNetHeader.headerLength(batch.offload(0)));
        assertEquals(0, batch.offload(1));
    }

    @Test
    void shouldJoinPieces() {
        Seeds.check(100, random -> {
            try (ScatteredMemory guest = new ScatteredMemory(random)) {
                batch.clear();
                byte[] frame = Frames.plain(Frames.B, Frames.A, 14 + random.nextInt(20_000));
                guest.append(batch, frame, 0, 0);
                assertEquals(frame.length, batch.length(0));
                assertEquals(frame.length, batch.longest());
                assertArrayEquals(frame, Frames.bytes(batch, 0));
                byte[] copy = new byte[frame.length];
                batch.copyTo(0, batch.slot(1));
                NativeMemory.copyOut(batch.slot(1), copy, 0, copy.length);
                assertArrayEquals(frame, copy);
                int from = random.nextInt(frame.length);
                assertEquals(Frames.sum(frame, from, frame.length), batch.sum(0, from));
            }
        });
    }

    @Test
    void shouldNeverPlaceTwoSlotsHeadersInOneCacheSetOrder() {
        long[] frames = new long[FrameBatch.CAPACITY];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = batch.slot(i) % 4096;
            assertEquals(FrameSlab.HEADROOM, batch.slot(i) % 64);
        }
        assertEquals(frames.length, Arrays.stream(frames).distinct().count());
    }
}
