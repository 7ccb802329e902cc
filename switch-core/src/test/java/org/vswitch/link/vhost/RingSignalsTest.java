package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Epoll;

/// Who wakes whom, and when nobody does.
class RingSignalsTest {
    private static final long FLAGS = VirtioFeatures.VERSION_1;
    private static final long EVENTS = VirtioFeatures.VERSION_1 | VirtioFeatures.EVENT_IDX;
    private static final int TX = 1;
    private static final int RX = 0;
    private static final byte[] FRAME = Frames.plain(Frames.B, Frames.A, 60);

    private DeviceRig rig;

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    private void plug(long features) throws IOException {
        rig = new DeviceRig(features, 1, 64);
    }

    @ParameterizedTest
    @ValueSource(longs = {FLAGS, EVENTS})
    void shouldWantNoKicksWhileItIsPolled(long features) throws IOException {
        plug(features);
        for (int i = 0; i < 200; i++) {
            rig.guest.send(TX, FRAME);
            assertFalse(rig.guest.ring(TX).wantsKick(), "frame " + i);
            rig.receive();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {FLAGS, EVENTS})
    void shouldWantOneKickForEachSleep(long features) throws IOException {
        plug(features);
        for (int i = 0; i < 200; i++) {
            assertTrue(rig.sleeps());
            rig.guest.send(TX, FRAME);
            assertTrue(rig.guest.ring(TX).wantsKick(), "sleep " + i);
            rig.link.disarm();
            rig.guest.send(TX, FRAME);
            assertFalse(rig.guest.ring(TX).wantsKick(), "sleep " + i);
            assertEquals(2, rig.receive().size());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {FLAGS, EVENTS})
    void shouldNotSleepWhileFramesWait(long features) throws IOException {
        plug(features);
        rig.guest.send(TX, FRAME);
        assertFalse(rig.sleeps());
        rig.receive();
        assertTrue(rig.sleeps());
    }

    @Test
    void shouldStayAwakeForAWhileAfterABatch() throws IOException {
        plug(EVENTS);
        assertTrue(rig.link.arm());
        rig.link.disarm();
        for (int i = 0; i < 32; i++) {
            rig.guest.send(TX, FRAME);
        }
        rig.receive();
        assertFalse(rig.link.arm());
        rig.link.disarm();
        assertTrue(rig.sleeps());
    }

    @ParameterizedTest
    @ValueSource(longs = {FLAGS, EVENTS})
    void shouldWaitForBuffersOnlyWhenFramesDo(long features) throws IOException {
        plug(features);
        assertTrue(rig.sleeps());
        rig.guest.give(RX, 1, TestGuest.BUFFER);
        assertFalse(rig.guest.ring(RX).wantsKick(), "nobody waits for it");
        rig.link.disarm();
        assertEquals(1, rig.transmit(FRAME, FRAME));
        assertEquals(0, rig.transmit(FRAME));
        assertTrue(rig.sleeps());
        rig.guest.give(RX, 1, TestGuest.BUFFER);
        assertTrue(rig.guest.ring(RX).wantsKick());
        rig.link.disarm();
        assertFalse(rig.link.arm(), "there is room");
        assertEquals(1, rig.transmit(FRAME));
    }

    @Test
    void shouldBeReadableFromAKickUntilItIsNoted() throws IOException {
        plug(EVENTS);
        try (Epoll outer = new Epoll(1)) {
            outer.add(rig.link.descriptor(), Epoll.READABLE, 0);
            rig.link.woken();
            for (int i = 0; i < 3; i++) {
                assertEquals(0, outer.await(0));
                rig.guest.kick(TX).ring();
                assertEquals(1, outer.await(0));
                rig.link.woken();
            }
            rig.link.stop(TX);
            rig.guest.kick(TX).ring();
            assertEquals(0, outer.await(0), "a ring that is stopped");
        }
    }

    /// used.idx before, after; used_event; the last three are the cases of fast paths that went wrong elsewhere.
    @ParameterizedTest
    @CsvSource({"10, 13, 12, true", "10, 13, 13, false", "10, 13, 9, false", "10, 13, 10, true",
        "65534, 1, 65535, true", "65534, 1, 1, false", "65534, 1, 65533, false"})
    void shouldInterruptWhereTheDriverAskedFor(int before, int after, int event, boolean expected) throws IOException {
        plug(EVENTS);
        rig.link.stop(RX);
        SplitRingDriver ring = rig.guest.ring(RX);
        ring.begin(before - 1);
        rig.guest.start(rig.link, RX);
        rig.guest.give(RX, 8, TestGuest.BUFFER);
        rig.transmit(FRAME);
        assertTrue(rig.guest.call(RX).hasRung(), "the first time in any case");
        ring.interruptAt(event);
        byte[][] frames = new byte[after - before & 0xffff][];
        java.util.Arrays.fill(frames, FRAME);
        assertEquals(frames.length, rig.transmit(frames));
        assertEquals(after, ring.usedIndex());
        assertEquals(expected, rig.guest.call(RX).hasRung());
    }

    @Test
    void shouldInterruptUnlessTheDriverIsSilent() throws IOException {
        plug(FLAGS);
        rig.guest.give(RX, 8, TestGuest.BUFFER);
        rig.transmit(FRAME, FRAME);
        assertTrue(rig.guest.call(RX).hasRung());
        rig.guest.ring(RX).silence(true);
        rig.transmit(FRAME);
        assertFalse(rig.guest.call(RX).hasRung());
        rig.guest.ring(RX).silence(false);
        rig.transmit(FRAME);
        assertTrue(rig.guest.call(RX).hasRung());
        rig.guest.send(TX, FRAME);
        rig.receive();
        assertTrue(rig.guest.call(TX).hasRung(), "for buffers that come back, too");
    }

    @Test
    void shouldSignalANewCallOnceAndUseIt() throws IOException {
        plug(FLAGS);
        rig.guest.give(RX, 8, TestGuest.BUFFER);
        try (Bell another = new Bell()) {
            rig.link.call(RX, another.copy());
            assertTrue(another.hasRung());
            rig.transmit(FRAME);
            assertTrue(another.hasRung());
            assertFalse(rig.guest.call(RX).hasRung());
            rig.link.call(RX, null);
            rig.transmit(FRAME);
            assertFalse(another.hasRung());
        }
    }

    @Test
    void shouldNotSleepWhereTheGuestCannotKick() throws IOException {
        plug(EVENTS);
        rig.link.stop(TX);
        rig.link.start(TX, rig.guest.ring(TX).setup(null, null, null));
        assertFalse(rig.sleeps());
        rig.guest.send(TX, FRAME);
        assertEquals(1, rig.receive().size());
    }

    @Test
    void shouldDoWhatTheControlThreadAsksBetweenBatches() throws Exception {
        plug(EVENTS);
        rig.guest.send(TX, FRAME);
        CompletableFuture<Void> woken = new CompletableFuture<>();
        rig.link.wakeBy(() -> woken.complete(null));
        var stopped = CompletableFuture.supplyAsync(() -> {
            try {
                return rig.link.stop(TX);
            } catch (IOException refusal) {
                throw new IllegalStateException(refusal);
            }
        });
        woken.get();
        assertFalse(stopped.isDone());
        assertFalse(rig.link.arm());
        rig.link.disarm();
        assertEquals(List.of(), rig.receive());
        assertEquals(0, stopped.get());
    }

    @Test
    void shouldRefuseWhatComesTooLate() throws Exception {
        plug(EVENTS);
        CompletableFuture<Void> woken = new CompletableFuture<>();
        rig.link.wakeBy(() -> woken.complete(null));
        Bell bell = new Bell();
        var waiting = CompletableFuture.runAsync(() -> {
            try {
                rig.link.call(RX, bell.copy());
            } catch (IOException refusal) {
                throw new IllegalStateException(refusal.getMessage());
            }
        });
        woken.get();
        rig.link.close();
        Sandbox.await("an answer", waiting::isDone);
        assertTrue(waiting.isCompletedExceptionally());
        String message = assertThrows(IOException.class, () -> rig.link.enable(RX, true)).getMessage();
        assertEquals("the link has ended", message);
        rig.guest.close();
        rig = null;
        bell.close();
    }
}
