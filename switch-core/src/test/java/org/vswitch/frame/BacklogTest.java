package org.vswitch.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.wire.VirtioNetHeader;

class BacklogTest {
    private static final int BLOCK = 2_032;
    private final FrameBatch batch = FrameBatch.forReceiving();
    private final FrameBatch waiting = FrameBatch.forSending();

    @Test
    void shouldGiveBackWhatItTook() {
        Backlog backlog = new Backlog(new BacklogPool(16 << 20), 1 << 20);
        byte[] frame = Frames.plain(Frames.B, Frames.A, FrameSlab.MAX_FRAME);
        Frames.receive(batch, frame);
        assertTrue(backlog.add(batch, 0, true));
        assertEquals(1, backlog.describe(waiting));
        assertArrayEquals(frame, Frames.bytes(waiting, 0));
        assertEquals(Frames.B, waiting.destination(0));
        assertEquals(frame.length, backlog.oldestLength());
        assertTrue(backlog.remove());
        assertTrue(backlog.isEmpty());
    }

    @Test
    void shouldKeepTheOffloadHeaderInFrontOfTheFrame() {
        SuperFrame frame = SuperFrame.random(new Random(5), 30_000);
        Frames.receiveOffloaded(batch, frame.bytes(), frame.word(), frame.csumOffset());
        Backlog backlog = new Backlog(new BacklogPool(16 << 20), 1 << 20);
        backlog.add(batch, 0, true);
        backlog.describe(waiting);
        assertEquals(batch.offload(0), waiting.offload(0));
        assertEquals(batch.offload(0), VirtioNetHeader.word(FrameSlab.header(waiting.head(0))));
        assertEquals(frame.csumOffset(), VirtioNetHeader.csumOffset(FrameSlab.header(waiting.head(0))));
        assertTrue(waiting.hasOffloads());
    }

    @Test
    void shouldRefuseWhatIsBeyondItsRows() {
        Backlog backlog = new Backlog(new BacklogPool(16 << 20), 1 << 20);
        Frames.receive(batch, Frames.plain(Frames.B, Frames.A, 60));
        for (int i = 0; i < Backlog.MAX_FRAMES; i++) {
            assertTrue(backlog.add(batch, 0, true));
        }
        assertFalse(backlog.add(batch, 0, true));
        assertEquals(Backlog.MAX_FRAMES, backlog.count());
        backlog.remove();
        assertTrue(backlog.add(batch, 0, true));
    }

    @Test
    void shouldRefuseWhatIsBeyondItsBytes() {
        Backlog backlog = new Backlog(new BacklogPool(16 << 20), 3_000);
        Frames.receive(batch, Frames.plain(Frames.B, Frames.A, 1_500), Frames.plain(Frames.B, Frames.A, 1_501));
        assertTrue(backlog.add(batch, 0, true));
        assertFalse(backlog.add(batch, 1, true));
        assertTrue(backlog.add(batch, 0, true));
        assertEquals(3_000, backlog.bytes());
    }

    @Test
    void shouldLeaveRoomInThePoolHoweverManyDoNotRead() {
        BacklogPool pool = new BacklogPool(16 << 20);
        Frames.receive(batch, Frames.plain(Frames.B, Frames.A, 60));
        int taken = 0;
        for (int endpoint = 0; endpoint <= 64; endpoint++) {
            Backlog backlog = new Backlog(pool, 1 << 20);
            for (taken = 0; backlog.add(batch, 0, true); taken++) {
                assertTrue(backlog.count() <= Backlog.MAX_FRAMES);
            }
        }
        assertTrue(taken >= 12, "the 65th got room for " + taken);
    }

    @Test
    void shouldBehaveAsANaiveQueue() {
        Seeds.check(20, random -> {
            try (ScatteredMemory guest = new ScatteredMemory(random)) {
                useAtRandom(random, guest);
            }
        });
    }

    private void useAtRandom(Random random, ScatteredMemory guest) {
        int poolBlocks = 1 + random.nextInt(4_000);
        BacklogPool pool = new BacklogPool(poolBlocks * 2_112);
        List<Modelled> backlogs = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            backlogs.add(new Modelled(pool, random.nextBoolean() ? 1 << 20 : random.nextInt(100_000)));
        }
        for (int step = 0; step < 400; step++) {
            Modelled backlog = backlogs.get(random.nextInt(backlogs.size()));
            if (random.nextInt(3) > 0) {
                int taken = backlogs.stream().mapToInt(Modelled::blocks).sum();
                backlog.add(random, guest, poolBlocks - taken);
            } else {
                backlog.drain(random);
            }
        }
        for (Modelled backlog : backlogs) {
            while (!backlog.model.isEmpty()) {
                backlog.drain(random);
            }
        }
        assertEquals(poolBlocks, pool.freeBlocks());
    }

    /// What a backlog is to hold.
    private record Row(byte[] bytes, boolean last) {
        int blocks() {
            return (bytes.length + BLOCK - 1) / BLOCK;
        }
    }

    /// A backlog beside a queue of arrays.
    private final class Modelled {
        private final Deque<Row> model = new ArrayDeque<>();
        private final Backlog backlog;
        private final int maxBytes;

        Modelled(BacklogPool pool, int maxBytes) {
            backlog = new Backlog(pool, maxBytes);
            this.maxBytes = maxBytes;
        }

        int blocks() {
            return model.stream().mapToInt(Row::blocks).sum();
        }

        int bytes() {
            return model.stream().mapToInt(row -> row.bytes().length).sum();
        }

        void add(Random random, ScatteredMemory guest, int freeBlocks) {
            byte[] frame = new byte[14 + random.nextInt(random.nextInt(9) == 0 ? 60_000 : 2_100)];
            random.nextBytes(frame);
            Row row = new Row(frame, random.nextBoolean());
            boolean fits = model.size() < 256 && bytes() + frame.length <= maxBytes
                    && (blocks() + row.blocks()) * 16 <= freeBlocks;
            batch.clear();
            guest.append(batch, frame, 0, 0);
            assertEquals(fits, backlog.add(batch, 0, row.last()));
            if (fits) {
                model.add(row);
            }
            check();
        }

        void drain(Random random) {
            List<Row> rows = List.copyOf(model);
            int described = backlog.describe(waiting);
            assertEquals(Math.min(rows.size(), FrameBatch.CAPACITY), described);
            for (int row = 0; row < described; row++) {
                assertArrayEquals(rows.get(row).bytes(), Frames.bytes(waiting, row));
            }
            for (int i = random.nextInt(described + 1); i > 0; i--) {
                assertEquals(model.element().bytes().length, backlog.oldestLength());
                assertEquals(model.remove().last(), backlog.remove());
            }
            check();
        }

        private void check() {
            assertEquals(model.size(), backlog.count());
            assertEquals(model.isEmpty(), backlog.isEmpty());
            assertEquals(bytes(), backlog.bytes());
        }
    }
}
