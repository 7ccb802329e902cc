package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;

class MemoryLinkTest {
    private final LinkFeatures features = LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED);
    private final MemoryLink.Pair pair = MemoryLink.pair(features, features);
    private final FrameTray tray = new FrameTray();

    @AfterEach
    void close() {
        pair.first().close();
        pair.second().close();
        tray.close();
    }

    @Test
    void shouldHoldAsManyFramesAsItSays() {
        for (int i = 0; i < MemoryLink.QUEUE_FRAMES / 64; i++) {
            assertEquals(64, tray.send(pair.first(), FrameTray.frames(0, 64, 60)));
        }
        assertEquals(0, tray.send(pair.first(), FrameTray.frames(0, 64, 60)));
        assertEquals(MemoryLink.QUEUE_FRAMES, pair.second().waiting());
        assertEquals(64, tray.receive(pair.second()).size());
        assertEquals(MemoryLink.QUEUE_FRAMES - 64, pair.second().waiting());
        assertEquals(10, tray.send(pair.first(), FrameTray.frames(0, 10, 60)));
    }

    @Test
    void shouldKeepSlotsThatAreLent() {
        FrameBatch lent = FrameBatch.forReceiving();
        tray.send(pair.first(), FrameTray.frames(0, 64, 60));
        assertEquals(64, pair.second().receive(lent));
        for (int i = 0; i < 3; i++) {
            assertEquals(64, tray.send(pair.first(), FrameTray.frames(64, 128, 60)));
        }
        assertEquals(0, tray.send(pair.first(), FrameTray.frames(0, 1, 60)), "64 slots are lent");
        assertArrayEquals(FrameTray.frame(63, 60), FrameTray.bytes(lent, 63));
        pair.second().release(lent);
        assertEquals(1, tray.send(pair.first(), FrameTray.frames(0, 1, 60)));
    }

    @Test
    void shouldWakeOnlyWhoeverIsArmed() {
        AtomicInteger wakeUps = new AtomicInteger();
        pair.second().wakeBy(wakeUps::incrementAndGet);
        tray.send(pair.first(), FrameTray.frames(0, 1, 60));
        assertEquals(0, wakeUps.get());
        assertFalse(pair.second().arm(), "work came before");
        pair.second().disarm();
        tray.receive(pair.second());
        assertTrue(pair.second().arm());
        tray.send(pair.first(), FrameTray.frames(0, 1, 60));
        tray.send(pair.first(), FrameTray.frames(0, 1, 60));
        assertEquals(1, wakeUps.get());
        pair.second().disarm();
    }

    @Test
    void shouldWakeASenderOnceThereIsRoom() {
        AtomicInteger wakeUps = new AtomicInteger();
        pair.first().wakeBy(wakeUps::incrementAndGet);
        for (int i = 0; i <= MemoryLink.QUEUE_FRAMES / 64; i++) {
            tray.send(pair.first(), FrameTray.frames(0, 64, 60));
        }
        assertTrue(pair.first().arm());
        tray.receive(pair.second());
        assertEquals(1, wakeUps.get());
        assertFalse(pair.first().arm(), "there is room for what was refused");
    }

    @Test
    void shouldWakeAPeerToSeeTheEnd() {
        MemoryLink.Pair other = MemoryLink.pair(features, features);
        AtomicInteger wakeUps = new AtomicInteger();
        other.second().wakeBy(wakeUps::incrementAndGet);
        assertTrue(other.second().arm());
        other.first().close();
        assertEquals(1, wakeUps.get());
        assertFalse(other.second().arm());
        other.second().close();
    }

    @Test
    void shouldCarryFramesBetweenThreadsWithoutLosingAnyOrItsOrder() throws InterruptedException {
        int total = 200_000;
        int[] errors = {0};
        Thread receiver = Thread.ofPlatform().start(() -> {
            FrameTray theirs = new FrameTray();
            int next = 0;
            while (next < total) {
                for (byte[] frame : theirs.receive(pair.second())) {
                    errors[0] += frame.length == 14 + next % 1000 ? 0 : 1;
                    next++;
                }
            }
            theirs.close();
        });
        int sent = 0;
        while (sent < total) {
            int first = sent;
            int count = Math.min(32, total - sent);
            List<byte[]> frames = java.util.stream.IntStream.range(first, first + count)
                    .mapToObj(number -> new byte[14 + number % 1000]).toList();
            sent += tray.send(pair.first(), frames);
        }
        receiver.join(60_000);
        assertFalse(receiver.isAlive());
        assertEquals(0, errors[0]);
        Sandbox.await("all were taken", () -> pair.second().waiting() == 0);
    }
}
