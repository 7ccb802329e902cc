package org.vswitch.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

class FrameRingTest {
    private static final int CAPACITY = 1 << 20;
    private static final int MIN = 18;
    private static final int NUMBER = 14;
    /// A checksum of what lies behind the Ethernet header, at its bytes 2 and 3: fits every frame that is long enough.
    private static final long OFFLOAD =
            VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0), NUMBER);

    private final FrameSlab slab = FrameSlab.forFrames(2);
    private final FrameBatch sending = FrameBatch.forSending();
    private final FrameBatch lent = FrameBatch.forReceiving();
    private final FrameRing ring = new FrameRing(CAPACITY);

    @AfterEach
    void free() {
        ring.free();
        slab.free();
    }

    @Test
    void shouldGiveNoRoomBackBeforeTheRelease() {
        int held = 0;
        while (offer(held, 9000)) {
            held++;
        }
        assertTrue(held * 9000 > CAPACITY - 2 * 9100 && ring.used() <= CAPACITY, held + " frames, " + ring.used());
        assertFalse(ring.hasMoved());
        lent.clear();
        assertEquals(64, ring.lend(lent));
        assertFalse(ring.hasMoved());
        assertFalse(offer(held, 9000));
        ring.release();
        assertTrue(ring.hasMoved());
        assertTrue(offer(held, 9000));
        expect(64, held + 1);
        assertTrue(ring.isEmpty());
        assertEquals(0, ring.used());
    }

    @Test
    void shouldLendTheSameAgainUnlessItIsReleased() {
        for (int i = 0; i < 3; i++) {
            assertTrue(offer(i, 100));
        }
        for (int i = 0; i < 2; i++) {
            lent.clear();
            assertEquals(3, ring.lend(lent));
            assertEquals(0, number(lent, 0));
        }
        ring.release();
        lent.clear();
        assertEquals(0, ring.lend(lent));
    }

    @Test
    void shouldTakeTheLongestFrameWhereverItsEndMeetsTheRingsEnd() {
        for (int number = 0; number < 400; number++) {
            int length = FrameSlab.MAX_FRAME - number * 61 % 1000;
            assertTrue(offer(number, length), "an empty ring takes any frame");
            lent.clear();
            assertEquals(1, ring.lend(lent));
            assertEquals(number, number(lent, 0));
            assertEquals(length, lent.length(0));
            ring.release();
            assertTrue(ring.isEmpty());
        }
    }

    /// For a frame of full length there is room enough, but neither at the ring's end nor at its start. That the end is
    /// skipped is nothing that waits, be it that nobody offers the frame again.
    @Test
    void shouldBeEmptyThoughItsEndWasSkipped() {
        assertTrue(offer(0, 60_000));
        expect(0, 1);
        int held = 0;
        while (ring.used() < CAPACITY - 2 * 60_100) {
            assertTrue(offer(held++, 60_000));
        }
        lent.clear();
        assertEquals(held, ring.lend(lent));
        assertFalse(offer(held, FrameSlab.MAX_FRAME));
        ring.release();
        lent.clear();
        assertEquals(0, ring.lend(lent));
        assertTrue(ring.isEmpty());
        assertEquals(0, ring.used());
        assertTrue(offer(held, FrameSlab.MAX_FRAME));
        expect(held, held + 1);
    }

    /// What one thread offers, the other is lent: in order, whole, with its offload header, however full the ring is.
    @Test
    void shouldCarryEverythingInOrderBetweenTwoThreads() {
        Seeds.check(4, random -> {
            int total = 30_000;
            long content = random.nextLong();
            boolean isPatient = random.nextBoolean();
            CompletableFuture<Void> producer = CompletableFuture.runAsync(() -> {
                Random lengths = new Random(content);
                for (int number = 0; number < total; number++) {
                    describe(number, length(lengths));
                    while (!ring.offer(sending, 0)) {
                        while (isPatient && !ring.hasMoved()) {
                            Thread.onSpinWait();
                        }
                    }
                }
            }, task -> Thread.ofPlatform().daemon().start(task));
            Random lengths = new Random(content);
            for (int number = 0; number < total;) {
                lent.clear();
                int count = ring.lend(lent);
                for (int row = 0; row < count; row++) {
                    verify(row, number++, length(lengths));
                }
                ring.release();
                assertFalse(producer.isCompletedExceptionally());
            }
            producer.get(20, TimeUnit.SECONDS);
            assertTrue(ring.isEmpty());
        });
    }

    @Test
    void shouldAllocateNothing() {
        describe(1, 1514);
        assertEquals(0, Allocations.bytesOf(20_000, 100_000, () -> {
            ring.offer(sending, 0);
            ring.offer(sending, 0);
            lent.clear();
            ring.lend(lent);
            ring.release();
        }));
    }

    private boolean offer(int number, int length) {
        describe(number, length);
        return ring.offer(sending, 0);
    }

    /// A frame that can be told apart by its number, in two pieces if it is long; every third one with an offload.
    private void describe(int number, int length) {
        long frame = slab.frame(0);
        long word = number % 3 == 0 ? OFFLOAD : 0;
        NativeMemory.putInt(frame + 12, 0xb588);
        NativeMemory.putInt(frame + NUMBER, number);
        NativeMemory.putInt(frame + length - Integer.BYTES, number);
        VirtioNetHeader.write(FrameSlab.header(frame), word, 2);
        sending.clear();
        int first = length < 2 * FrameBatch.MAX_HEAD ? length : FrameBatch.MAX_HEAD;
        sending.append(frame, first, word, word == 0 ? 0 : 2);
        if (first < length) {
            sending.addPiece(frame + first, length - first);
        }
    }

    private void verify(int row, int number, int length) {
        assertEquals(length, lent.length(row), () -> "frame " + number);
        assertEquals(number, number(lent, row));
        assertEquals(number, NativeMemory.getInt(lent.head(row) + length - Integer.BYTES), () -> "end of " + number);
        assertEquals(number % 3 == 0 ? OFFLOAD : 0, lent.offload(row), () -> "frame " + number);
    }

    private void expect(int from, int to) {
        int next = from;
        while (next < to) {
            lent.clear();
            int count = ring.lend(lent);
            assertTrue(count > 0, "frame " + next);
            for (int row = 0; row < count; row++) {
                assertEquals(next++, number(lent, row));
            }
            ring.release();
        }
    }

    private static int number(FrameBatch batch, int row) {
        return NativeMemory.getInt(batch.head(row) + NUMBER);
    }

    /// Mostly short, some as long as can be; at least room for the number twice.
    private static int length(Random random) {
        return random.nextInt(8) == 0 ? MIN + 4 + random.nextInt(FrameSlab.MAX_FRAME - MIN - 4)
                : MIN + 4 + random.nextInt(1500);
    }
}
