package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.frame.Variants;

class MemoryLinkTest {
    private static final List<byte[]> FRAME = FrameTray.frames(0, 1, 60);

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
    void shouldKeepWhatIsLent() {
        FrameBatch lent = FrameBatch.forReceiving();
        tray.send(pair.first(), FrameTray.frames(0, 64, 60));
        assertEquals(64, pair.second().receive(lent));
        fill();
        for (int row = 0; row < 64; row++) {
            assertArrayEquals(FrameTray.frame(row, 60), FrameTray.bytes(lent, row));
        }
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
        fill();
        assertTrue(pair.first().arm());
        tray.receive(pair.second());
        assertEquals(1, wakeUps.get());
        assertFalse(pair.first().arm(), "there is room for what was refused");
        fill();
        assertTrue(pair.first().arm(), "refused again");
        assertEquals(1, wakeUps.get());
    }

    @Test
    void shouldCountWhatFindsItFull() {
        Egress egress = new Egress(new Variants(FrameBatch.forReceiving()));
        LinkFeatures unbuffered = LinkFeatures.plain(FrameSlab.MAX_FRAME, 0);
        MemoryLink.Pair other = MemoryLink.pair(unbuffered, unbuffered);
        Endpoint endpoint = new Endpoint(1, 1, other.first(), new LinkLabel("ring", ""), egress);
        int offered = 0;
        while (endpoint.lost(Drop.RING_FULL) == 0) {
            tray.batch().clear();
            FrameTray.frames(0, 64, 1514).forEach(tray::add);
            endpoint.transmit(tray.batch(), IntStream.range(0, 64).toArray(), 64);
            offered += 64;
        }
        assertEquals(offered, endpoint.sent() + endpoint.lost(Drop.RING_FULL));
        assertEquals(0, endpoint.lost(Drop.EGRESS_FULL));
        other.first().close();
        other.second().close();
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

    /// To be sent something is no reason to forget what the other end said before it closed.
    @Test
    void shouldReceiveWhatWaitsAlthoughItIsSentSomethingFirst() {
        MemoryLink.Pair other = MemoryLink.pair(features, features);
        tray.send(other.first(), FrameTray.frames(0, 2, 60));
        other.first().close();
        assertEquals(Link.DOWN, tray.send(other.second(), FRAME));
        assertEquals(2, tray.receive(other.second()).size());
        assertEquals(Link.GONE, tray.send(other.second(), FRAME));
        other.second().close();
    }

    /// Two that arm as soon as there is nothing, so that frames come while they do: one wake-up lost is the end.
    @Test
    void shouldLoseNoWakeUp() throws InterruptedException {
        int rounds = 100_000;
        Sleeper first = new Sleeper(pair.first());
        Sleeper second = new Sleeper(pair.second());
        Thread echo = Thread.ofPlatform().daemon().start(() -> second.play(rounds, false));
        first.play(rounds, true);
        echo.join();
        assertEquals(List.of(rounds, rounds), List.of(first.received, second.received));
    }

    /// A sender that finds no room sleeps; the receiver wakes it with every batch it gives back.
    @Test
    void shouldLoseNoWakeUpOfASenderThatFoundNoRoom() throws InterruptedException {
        int total = 400_000;
        Semaphore wakeUps = new Semaphore(0);
        pair.first().wakeBy(wakeUps::release);
        AtomicInteger received = new AtomicInteger();
        Thread receiver = Thread.ofPlatform().daemon().start(() -> {
            try (FrameTray theirs = new FrameTray()) {
                while (received.get() < total) {
                    received.addAndGet(theirs.receive(pair.second()).size());
                }
            }
        });
        FrameTray.frames(0, 40, 2000).forEach(tray::add);
        int[] rows = IntStream.range(0, 40).toArray();
        for (int sent = 0; sent < total;) {
            int taken = pair.first().transmit(tray.batch(), rows, 0, Math.min(40, total - sent));
            sent += taken;
            if (taken < 40 && sent < total && pair.first().arm()) {
                assertTrue(wakeUps.tryAcquire(20, TimeUnit.SECONDS), "asleep after " + received);
            }
            pair.first().disarm();
        }
        receiver.join();
        assertEquals(total, received.get());
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
            List<byte[]> frames = IntStream.range(first, first + count)
                    .mapToObj(number -> new byte[14 + number % 1000]).toList();
            sent += tray.send(pair.first(), frames);
        }
        receiver.join(60_000);
        assertFalse(receiver.isAlive());
        assertEquals(0, errors[0]);
        Sandbox.await("all were taken", () -> pair.second().waiting() == 0);
    }

    /// Fills the ring from the first end to the second.
    private void fill() {
        List<byte[]> frames = FrameTray.frames(0, 64, 60);
        int taken = 64;
        while (taken == 64) {
            taken = tray.send(pair.first(), frames);
        }
        int record = 88; // of 60 bytes, with headers and what aligns it
        int waiting = pair.second().waiting();
        assertTrue(waiting <= MemoryLink.RING_BYTES && waiting > MemoryLink.RING_BYTES - 2 * record, "" + waiting);
        assertEquals(0, tray.send(pair.first(), frames));
    }

    /// Sends a frame for each it is sent; sleeps as a data plane does, on a flag instead of a descriptor.
    private static final class Sleeper {
        private final Link link;
        private final Semaphore wakeUps = new Semaphore(0);
        private final FrameBatch lent = FrameBatch.forReceiving();
        private int received;

        Sleeper(Link link) {
            this.link = link;
            link.wakeBy(wakeUps::release);
        }

        void play(int rounds, boolean isFirst) {
            try (FrameTray tray = new FrameTray()) {
                tray.add(FrameTray.frame(0, 60));
                int[] row = {0};
                for (int sent = 0; sent < rounds; sent++) {
                    if (!isFirst && !receive()) {
                        return;
                    }
                    link.transmit(tray.batch(), row, 0, 1);
                    if (isFirst && !receive()) {
                        return;
                    }
                }
            }
        }

        private boolean receive() {
            lent.clear();
            while (link.receive(lent) == 0) {
                if (link.arm() && !isWoken()) {
                    return false;
                }
                wakeUps.drainPermits();
                link.disarm();
            }
            link.release(lent);
            received++;
            return true;
        }

        private boolean isWoken() {
            for (int spins = 0; spins < 500; spins++) { // so that the two meet often while one of them arms
                if (wakeUps.tryAcquire()) {
                    return true;
                }
                Thread.onSpinWait();
            }
            try {
                return wakeUps.tryAcquire(20, TimeUnit.SECONDS);
            } catch (InterruptedException stopped) {
                return false;
            }
        }
    }
}
