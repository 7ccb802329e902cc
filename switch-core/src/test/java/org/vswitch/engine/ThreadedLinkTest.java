package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameRing;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.MeasuredLink;
import org.vswitch.link.TimedLink;

/// A link on a thread of its own; the test is the data plane that it is plugged into.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThreadedLinkTest {
    private static final String NAME = Sandbox.unique("echo");
    private static final int LENGTH = 60;

    private final FrameSlab slab = FrameSlab.forFrames(1);
    private final FrameBatch sending = FrameBatch.forSending();
    private final FrameBatch lent = FrameBatch.forReceiving();
    private final Echo echo = new Echo();
    private ThreadedLink link;

    @BeforeEach
    void start() throws IOException {
        sending.append(slab.frame(0), LENGTH, 0, 0);
        link = ThreadedLink.start(echo, NAME);
    }

    @AfterEach
    void close() {
        link.close();
        assertTrue(echo.isClosed);
        assertFalse(isThreadAlive());
        slab.free();
    }

    @Test
    void shouldCarryFramesToItsThreadAndBackHoweverOftenBothSleep() {
        for (int i = 0; i < 1000; i++) {
            if (i % 10 == 0) {
                Sandbox.await("its thread sleeps", () -> echo.isArmed);
            }
            assertEquals(1, link.transmit(sending, new int[1], 0, 1));
            assertEquals(1, receive());
            link.release(lent);
        }
        assertEquals(NAME, echo.threadName);
    }

    @Test
    void shouldActByTheClockOfItsThread() {
        echo.dueNs = System.nanoTime() + 2_000_000;
        assertEquals(1, link.transmit(sending, new int[1], 0, 1)); // so that it asks for the deadline
        for (int received = 0; received < 2;) {
            received += receive(); // what was sent back, and what came by the clock
            link.release(lent);
        }
        assertEquals(Long.MAX_VALUE, link.deadlineNs(), "nobody else is to be told the time");
    }

    @Test
    void shouldHearItsLastWordsAndWaitForItsEnd() {
        Sandbox.await("its thread sleeps", () -> echo.isArmed);
        link.leave();
        assertTrue(echo.isClosed);
        assertFalse(isThreadAlive());
        assertTrue(link.isReady());
        assertEquals(1, receive());
        link.release(lent);
        assertFalse(link.isReady());
        assertEquals(Link.GONE, link.receive(lent));
    }

    @Test
    void shouldEndWithTheLinkThatWorks() {
        echo.isGone = true;
        link.transmit(sending, new int[1], 0, 1);
        assertEquals(Link.GONE, receive());
        assertEquals(Link.GONE, link.transmit(sending, new int[1], 0, 1));
    }

    @Test
    void shouldThrowHereWhatFailedThere() {
        echo.failure = new IllegalStateException("a bug");
        link.transmit(sending, new int[1], 0, 1);
        assertSame(echo.failure, assertThrows(IllegalStateException.class, () -> {
            assertEquals(1, receive(), "its last words");
            link.release(lent);
            receive();
        }));
    }

    /// What has failed may not be able to end as it should, either; nobody closes its end of the ring then.
    @Test
    void shouldThrowHereWhatFailedThereAndFailsAgainAtTheEnd() {
        echo.failure = new IllegalStateException("a bug");
        echo.failureAtEnd = new IllegalStateException("its consequence");
        Sandbox.await("its thread sleeps", () -> echo.isArmed);
        AtomicInteger wakeUps = new AtomicInteger();
        link.wakeBy(wakeUps::incrementAndGet);
        link.transmit(sending, new int[1], 0, 1);
        assertSame(echo.failure, assertThrows(IllegalStateException.class, this::receive));
        assertArrayEquals(new Throwable[] {echo.failureAtEnd}, echo.failure.getSuppressed());
        assertTrue(wakeUps.get() > 0, "whoever sleeps hears of it");
        assertFalse(link.arm());
        echo.close();
    }

    @Test
    void shouldTellWhatItHoldsOnItsThread() {
        Map<String, Long> told = new ConcurrentHashMap<>();
        MeasuredLink.Measures into = new MeasuredLink.Measures() {
            @Override
            public void gauge(String name, long value, long limit) {
                told.put(name + " of " + limit, value);
            }

            @Override
            public void counter(String name, long count) {
                told.put(name, count);
            }
        };
        link.transmit(sending, new int[1], 0, 1);
        assertEquals(1, receive());
        link.measure(into).join();
        assertEquals(1, told.get("echoed-on-" + NAME));
        assertEquals(0, told.get("ring-out of 1048576"));
        assertTrue(told.get("ring-in of 1048576") > 0, "lent and not released");
        assertEquals(0, told.get("ring-in-lost-ring-full"));
        link.release(lent);
        link.leave();
        assertThrows(CompletionException.class, () -> link.measure(into).join());
    }

    @Test
    void shouldLeaveNothingBehindWhetherItWorksOrSleeps() throws IOException {
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < 100; i++) {
            Echo another = new Echo();
            ThreadedLink second = ThreadedLink.start(another, NAME + "-2");
            if (i % 3 == 0) {
                Sandbox.await("its thread sleeps", () -> another.isArmed);
            } else if (i % 3 == 1) {
                second.transmit(sending, new int[1], 0, 1);
            }
            second.close();
            assertTrue(another.isClosed);
        }
        Sandbox.awaitDescriptors(before, 100);
    }

    /// Receives as soon as there is something.
    private int receive() {
        int[] taken = {0};
        Sandbox.await("something", () -> {
            lent.clear();
            taken[0] = link.receive(lent);
            return taken[0] != 0;
        });
        return taken[0];
    }

    private static boolean isThreadAlive() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals(NAME));
    }

    /// Sends back what it is sent, one frame by the clock if asked, and one at its end.
    private static final class Echo implements TimedLink, MeasuredLink {
        private final FrameRing frames = new FrameRing(1 << 20);
        private final FrameBatch own = FrameBatch.forReceiving();
        private final int ownRow = own.append(own.slot(0), LENGTH, 0, 0);
        private int echoed;
        private volatile String threadName;
        private volatile long dueNs = Long.MAX_VALUE;
        private volatile boolean isGone;
        private volatile boolean isArmed;
        private volatile boolean isClosed;
        private volatile RuntimeException failure;
        private volatile RuntimeException failureAtEnd;

        @Override
        public LinkFeatures features() {
            return LinkFeatures.plain(FrameSlab.MAX_FRAME, 0);
        }

        @Override
        public int descriptor() {
            return NO_DESCRIPTOR;
        }

        @Override
        public void now(long nowNs) {
            if (nowNs >= dueNs) {
                dueNs = Long.MAX_VALUE;
                frames.offer(own, ownRow);
            }
        }

        @Override
        public long deadlineNs() {
            return dueNs;
        }

        @Override
        public boolean isReady() {
            return !frames.isEmpty();
        }

        @Override
        public boolean awaitsRoom() {
            return false;
        }

        @Override
        public int receive(FrameBatch batch) {
            return isGone ? GONE : frames.lend(batch);
        }

        @Override
        public void release(FrameBatch batch) {
            frames.release();
        }

        @Override
        public int transmit(FrameBatch batch, int[] rows, int from, int to) {
            if (failure != null) {
                throw failure;
            }
            for (int i = from; i < to; i++) {
                assertTrue(frames.offer(batch, rows[i]));
                echoed++;
            }
            threadName = Thread.currentThread().getName();
            return to - from;
        }

        @Override
        public boolean arm() {
            isArmed = true;
            return frames.isEmpty();
        }

        @Override
        public void disarm() {
            isArmed = false;
        }

        @Override
        public void leave() {
            if (failureAtEnd != null) {
                throw failureAtEnd;
            }
            frames.offer(own, ownRow);
        }

        @Override
        public CompletableFuture<Void> measure(Measures into) {
            into.counter("echoed-on-" + Thread.currentThread().getName(), echoed);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void close() {
            assertFalse(isClosed);
            isClosed = true;
            frames.free();
        }
    }
}
