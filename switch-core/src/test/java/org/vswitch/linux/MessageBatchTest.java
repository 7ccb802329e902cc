package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MessageBatchTest {
    private static final int ROOM = 1 << 20;
    private final MessageBatch messages = new MessageBatch();
    private Sockets.Pair pair;
    private long memory;

    @BeforeEach
    void open() throws IOException {
        pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
        memory = NativeMemory.map(ROOM);
    }

    @AfterEach
    void close() {
        pair.first().close();
        pair.second().close();
        NativeMemory.unmap(memory, ROOM);
    }

    @Test
    void shouldSendDatagramsOfSeveralPiecesAsOneEach() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] content = new byte[ROOM];
        random.nextBytes(content);
        NativeMemory.copyIn(content, 0, memory, ROOM);
        messages.begin(null);
        byte[][] expected = new byte[20][];
        for (int i = 0; i < expected.length; i++) {
            int pieces = 1 + random.nextInt(20);
            messages.startMessage(pieces);
            byte[] whole = new byte[0];
            for (int piece = 0; piece < pieces; piece++) {
                int offset = random.nextInt(ROOM - 200);
                int length = random.nextInt(200);
                messages.addPiece(memory + offset, length);
                int before = whole.length;
                whole = Arrays.copyOf(whole, before + length);
                System.arraycopy(content, offset, whole, before, length);
            }
            expected[i] = whole;
        }
        assertEquals(20, messages.count());
        assertEquals(20, messages.send(pair.first().number(), 0));
        for (byte[] whole : expected) {
            byte[] room = new byte[8192];
            int length = Sockets.receive(pair.second(), room);
            assertArrayEquals(whole, Arrays.copyOf(room, length), "seed=" + seed);
        }
    }

    @Test
    void shouldHaveRoomForAsManyMessagesAndPiecesAsItSays() {
        messages.begin(null);
        for (int i = 0; i < MessageBatch.CAPACITY; i++) {
            assertTrue(messages.hasRoom(MessageBatch.PIECES / MessageBatch.CAPACITY));
            messages.startMessage(1);
            messages.addPiece(memory, 14);
        }
        assertFalse(messages.hasRoom(1));
        messages.begin(null);
        messages.startMessage(MessageBatch.PIECES);
        for (int i = 0; i < MessageBatch.PIECES; i++) {
            messages.addPiece(memory, 1);
        }
        assertFalse(messages.hasRoom(1));
    }

    @Test
    void shouldReceiveEachDatagramIntoItsOwnBuffer() {
        for (int i = 0; i < MessageBatch.CAPACITY; i++) {
            messages.receiveInto(i, memory + i * 1000L, 1000);
        }
        Sockets.send(pair.first(), new byte[] {1});
        Sockets.send(pair.first(), new byte[0]);
        Sockets.send(pair.first(), new byte[] {3, 4});
        assertEquals(3, messages.receive(pair.second().number(), MessageBatch.CAPACITY));
        assertEquals(1, messages.length(0));
        assertEquals(0, messages.length(1));
        assertEquals(2, messages.length(2));
        assertEquals(4, NativeMemory.getByte(memory + 2001));
    }
}
