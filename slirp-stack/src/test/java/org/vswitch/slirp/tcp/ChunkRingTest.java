package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.IoVector;

/// The memory of connections: rings against a byte array, limits, and what lies behind gaps.
class ChunkRingTest {
    private static final int ROOM = 1 << 20;
    private final ChunkPool pool = new ChunkPool(20);
    private final long memory = NativeMemory.map(ROOM);
    private final IoVector vector = new IoVector();

    @AfterEach
    void close() {
        assertEquals(20, pool.free());
        pool.close();
        NativeMemory.unmap(memory, ROOM);
    }

    @Test
    void shouldBeAQueueOfBytes() {
        Seeds.check(10, random -> {
            ChunkRing ring = new ChunkRing(pool);
            ring.segmentSize(1 + random.nextInt(9_000));
            byte[] model = {};
            for (int step = 0; step < 300; step++) {
                byte[] more = new byte[1 + random.nextInt(80_000)];
                random.nextBytes(more);
                int added = random.nextBoolean() ? append(ring, more) : read(ring, more);
                int size = model.length;
                model = Arrays.copyOf(model, size + added);
                System.arraycopy(more, 0, model, size, added);
                int gone = random.nextInt(model.length + 1);
                ring.drop(gone);
                model = Arrays.copyOfRange(model, gone, model.length);
                assertArrayEquals(model, contents(ring));
                assertTrue(pool.inUse() <= ring.size() / 30_000 + 2, "chunks " + pool.inUse());
            }
            ring.clear();
        });
    }

    @Test
    void shouldTakeWhatThePoolHas() {
        ChunkRing ring = new ChunkRing(pool);
        int all = 20 * ChunkRing.MAX_PAYLOAD;
        int taken = 0;
        for (int i = 0; i < 30; i++) {
            taken += ring.append(memory, ChunkRing.MAX_PAYLOAD);
        }
        assertEquals(all, taken);
        assertEquals(0, ring.prepare(vector, 100));
        ring.drop(all);
    }

    /// A segment of a full chunk's payload lies in one piece.
    @Test
    void shouldKeepSegmentsInOnePiece() {
        ChunkRing ring = new ChunkRing(pool);
        ring.segmentSize(1_460);
        assertEquals(200_000, ring.append(memory, 200_000));
        for (int offset = 0; offset + 1_460 < 200_000; offset += 1_460) {
            assertTrue(ring.contiguous(offset) >= 1_460);
        }
        ring.clear();
    }

    @Test
    void shouldDeliverWhatLaysBehindGapsOnce() {
        Seeds.check(30, random -> {
            OutOfOrder kept = new OutOfOrder(pool);
            byte[] stream = new byte[20_000];
            random.nextBytes(stream);
            NativeMemory.copyIn(stream, 0, memory, stream.length);
            int first = random.nextInt();
            for (int i = 0; i < 200; i++) {
                int from = 1 + random.nextInt(stream.length - 1);
                int length = Math.min(stream.length - from, 1 + random.nextInt(1_500));
                kept.add(first + from, memory + from, length);
            }
            int rcvNxt = first + 1;
            while (!kept.isEmpty()) {
                int ready = kept.firstInOrder(rcvNxt);
                byte[] bytes = new byte[ready];
                if (ready > 0) {
                    NativeMemory.copyOut(kept.firstAddress(rcvNxt), bytes, 0, ready);
                }
                int offset = rcvNxt - first;
                assertArrayEquals(Arrays.copyOfRange(stream, offset, offset + ready), bytes);
                rcvNxt += Math.max(1, ready);
            }
        });
    }

    /// RFC 2018, 4: the latest first.
    @Test
    void shouldReportTheLatestBlockFirst() {
        OutOfOrder kept = new OutOfOrder(pool);
        kept.add(100, memory, 10);
        kept.add(300, memory, 10);
        kept.add(200, memory, 10);
        kept.add(210, memory, 5);
        kept.add(400, memory, 10);
        kept.add(205, memory, 3);
        int[] edges = new int[6];
        assertEquals(3, kept.blocks(edges, 3));
        assertEquals("[200, 215]", Arrays.toString(Arrays.copyOf(edges, 2)));
        kept.clear();
    }

    private int append(ChunkRing ring, byte[] bytes) {
        NativeMemory.copyIn(bytes, 0, memory, bytes.length);
        return ring.append(memory, bytes.length);
    }

    private int read(ChunkRing ring, byte[] bytes) {
        int room = ring.prepare(vector, bytes.length);
        int length = room - room / 3;
        int done = 0;
        for (int i = 0; done < length; i++) {
            int piece = Math.min(vector.pieceLength(i), length - done);
            NativeMemory.copyIn(bytes, done, vector.pieceAddress(i), piece);
            done += piece;
        }
        ring.commit(length);
        return length;
    }

    private static byte[] contents(ChunkRing ring) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int offset = 0; offset < ring.size();) {
            byte[] piece = new byte[ring.contiguous(offset)];
            NativeMemory.copyOut(ring.address(offset), piece, 0, piece.length);
            all.writeBytes(piece);
            offset += piece.length;
        }
        return all.toByteArray();
    }
}
