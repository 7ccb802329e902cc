package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.control.DataPlaneGate.ANY_THREAD;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vswitch.bridge.BridgeTree;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.ProbeLink;
import org.vswitch.fixture.SuperFrameLink;
import org.vswitch.fixture.ToldMeasures;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.guard.GuardSettings;
import org.vswitch.link.Congestion;
import org.vswitch.link.CrossingLink;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.TimedLink;

/// Links on other threads than the one that decides: everything is as with one. The test runs all of them.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThreadsTest {
    private static final long ONE = ThreadsRig.STATION + 1;
    private static final long TWO = ThreadsRig.STATION + 2;
    private static final LinkFeatures PLAIN = LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED);

    private ThreadsRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new ThreadsRig(3, 6);
    }

    @AfterEach
    void end() {
        assertEquals("", rig.imbalance());
        rig.close();
        assertEquals(rig.all.size(), rig.detached, "each end of a link is told once");
    }

    @Test
    void shouldGiveLinksWithDescriptorsToTheThreadWithTheFewest() throws IOException {
        for (int port = 1; port <= 4; port++) {
            rig.plug(port, ANY_THREAD);
        }
        ProbeLink polled = new ProbeLink(PLAIN);
        rig.plug(5, ANY_THREAD, polled);
        assertTrue(rig.endpoints[5].link() == polled, "polled by the thread that decides");
        assertEquals("2 1 0 2", thread(1) + " " + thread(2) + " " + thread(3) + " " + thread(4));
        rig.unplug(1);
        rig.unplug(4);
        rig.passes(3);
        rig.plug(6, ANY_THREAD);
        assertEquals(2, thread(6));
    }

    @Test
    void shouldDiscardWhatAGuardRefusesBeforeItIsLearned() throws IOException {
        pair();
        rig.settings.guard(rig.bridge.ports().port(1), GuardSettings.parse("mac=02:00:00:00:00:01"));
        rig.send(1, Frames.plain(Frames.BROADCAST, TWO + 100, 60));
        rig.send(1, Frames.plain(Frames.BROADCAST, ONE, 61));
        rig.passes(3);
        assertEquals(61, rig.receive(2).length);
        assertNull(rig.receive(2));
        assertEquals(1, rig.bridge.ports().port(1).discarded(Drop.GUARD_MAC));
        assertEquals(1, rig.bridge.addresses().count());
    }

    @Test
    void shouldTagAndUntag() throws IOException {
        pair();
        rig.plug(3, 0);
        rig.settings.createVlan(7);
        rig.settings.untaggedVlan(rig.bridge.ports().port(1), 7, rig.bridge.events());
        rig.settings.addTagged(rig.bridge.ports().port(2), 7);
        byte[] frame = Frames.plain(Frames.BROADCAST, ONE, 60);
        rig.send(1, frame);
        rig.send(2, Frames.tagged(Frames.plain(Frames.BROADCAST, TWO, 60), 7));
        rig.passes(3);
        assertArrayEquals(Frames.tagged(frame, 7), rig.receive(2));
        assertArrayEquals(Frames.plain(Frames.BROADCAST, TWO, 60), rig.receive(1));
        assertNull(rig.receive(3), "not in that VLAN");
    }

    @Test
    void shouldFindLoopsByTheSpanningTree() throws IOException {
        pair();
        BridgeTree tree = new BridgeTree(rig.bridge, 0x00ff_0000_0001L, 0x8000, rig.nowNs);
        tree.tree().enable(true);
        rig.passes(2);
        rig.nowNs += 2_000_000_000L;
        for (int i = 0; i < 6; i++) {
            rig.passes(3);
            for (byte[] frame = rig.receive(1); frame != null; frame = rig.receive(1)) {
                rig.send(2, frame); // port 2 hears what port 1 says
            }
            rig.drain(2);
            rig.nowNs += 2_000_000_000L;
        }
        assertTrue(rig.bridge.ports().port(2).consumed() > 0);
        assertFalse(rig.bridge.vlans().vlan(0).forwards(2), "the far end of a loop");
    }

    @Test
    void shouldSegmentSuperFramesWhereTheLinkIs() throws IOException {
        SuperFrameLink guest = new SuperFrameLink(TWO, ONE);
        rig.plug(1, 2, guest);
        rig.plug(2, 1);
        guest.ready();
        rig.passes(3);
        assertEquals(45, rig.drain(2), "segments of 1,448 bytes");
        assertEquals(1, rig.endpoints[2].offered(), "counted before");
        assertEquals(1, rig.endpoints[2].sent());
    }

    @Test
    void shouldCountWhatALinkDiscards() throws IOException {
        pair();
        rig.send(1, new byte[13]);
        rig.passes(2);
        assertEquals(1, rig.bridge.ports().port(1).discarded(Drop.TOO_SHORT));
        assertEquals(1, rig.bridge.ports().port(1).received());
    }

    @Test
    void shouldLoseNothingWhenTheReceiverGoesOnReading() throws IOException {
        pair();
        learn();
        int sent = 0;
        int received = 0;
        while (sent < 20_000) {
            int before = sent;
            for (int i = 0; i < 64; i++) {
                sent += rig.send(1, Frames.plain(TWO, ONE, 60)) ? 1 : 0;
            }
            int moved = rig.pass(1) + rig.pass(0) + rig.pass(2);
            if (moved == 0 || sent == before) {
                received += rig.drain(2);
                rig.passes(2);
            }
        }
        for (int i = 0; i < 40; i++) {
            rig.passes(2);
            received += rig.drain(2);
        }
        assertEquals(sent, received);
        assertEquals(sent, rig.endpoints[2].sent() - 1, "and what was learned from");
    }

    @Test
    void shouldPauseTheSourceAndNobodyElse() throws IOException {
        pair();
        rig.plug(3, 1);
        learn();
        for (int i = 0; i < 100; i++) {
            burst(1, TWO);
            rig.passes(1);
        }
        long taken = rig.bridge.ports().port(1).received();
        burst(1, TWO);
        rig.send(3, Frames.plain(Frames.BROADCAST, TWO + 1, 60));
        rig.passes(4);
        assertEquals(taken, rig.bridge.ports().port(1).received(), "of the source that waits");
        assertEquals(1, rig.bridge.ports().port(3).received(), "of another on its thread");
        assertEquals(0, rig.endpoints[2].lost(Drop.EGRESS_FULL));
        rig.nowNs += 2 * Congestion.PATIENCE_NS;
        for (int i = 0; i < 100; i++) {
            burst(1, TWO);
            rig.passes(1);
        }
        assertTrue(rig.endpoints[2].lost(Drop.EGRESS_FULL) > 0, "its receiver is stuck, and is not waited for");
    }

    /// A receiver that does not read fills its own part of the ring, and not the ring.
    @Test
    void shouldServeOthersBesideAReceiverThatIsStuck() throws IOException {
        pair();
        rig.plug(3, 2);
        rig.plug(4, 0);
        for (int i = 0; i < 200; i++) {
            burst(1, Frames.BROADCAST);
            rig.passes(1);
            rig.nowNs += 1_000_000;
            rig.drain(3);
            rig.drain(4);
        }
        assertTrue(rig.endpoints[2].lost(Drop.EGRESS_FULL) > 5_000);
        assertEquals(0, rig.endpoints[2].lost(Drop.RING_FULL));
        rig.passes(3);
        assertEquals(rig.endpoints[3].offered(), rig.endpoints[3].sent(), "beside it on its thread");
        assertEquals(rig.endpoints[4].offered(), rig.endpoints[4].sent());
    }

    @Test
    void shouldCountWhatFindsTheRingFullAtItsPort() throws IOException {
        pair();
        learn();
        for (int i = 0; i < 200; i++) {
            burst(1, TWO);
            rig.pass(1); // the thread that decides has no processor
            rig.nowNs += 2 * Congestion.PATIENCE_NS;
        }
        rig.passes(20);
        assertTrue(rig.bridge.ports().port(1).discarded(Drop.RING_FULL) > 1_000);
    }

    @Test
    void shouldHearTheLastFramesOfALinkThatEnds() throws IOException {
        rig.plug(2, 1);
        Speaker speaker = new Speaker(rig);
        rig.plug(1, 2, speaker);
        rig.passes(1);
        speaker.ends = true;
        speaker.frames = 3;
        for (int i = 0; i < 5; i++) {
            rig.pass(2);
        }
        rig.passes(3);
        assertEquals(3, rig.drain(2));
        assertTrue(speaker.isClosed);
        assertFalse(rig.bridge.ports().port(1).isActive());
        assertEquals(1, rig.detached);
    }

    @Test
    void shouldHearTheLastWordsOfALinkThatIsWithdrawn() throws IOException {
        rig.plug(2, 0);
        Speaker speaker = new Speaker(rig);
        rig.plug(1, 2, speaker);
        rig.passes(1);
        CompletableFuture<Void> withdrawn = CompletableFuture.runAsync(() -> rig.planes.detach(rig.endpoints[1]));
        while (!withdrawn.isDone()) {
            rig.pass(2);
        }
        assertTrue(speaker.isClosed);
        assertEquals(1, rig.drain(2));
        rig.passes(3);
        assertEquals(1, rig.detached);
    }

    @Test
    void shouldCountWhatWasUnderWayToALinkThatEnds() throws IOException {
        rig.plug(2, 1);
        Speaker speaker = new Speaker(rig);
        rig.plug(1, 2, speaker);
        rig.passes(2);
        rig.send(2, Frames.plain(Frames.BROADCAST, TWO, 60));
        rig.pass(1);
        rig.pass(0);
        assertEquals(1, rig.endpoints[1].queued(), "in the ring");
        speaker.ends = true;
        rig.passes(6);
        assertEquals(0, rig.endpoints[1].queued());
        assertEquals(1, rig.endpoints[1].sent() + rig.endpoints[1].lost(Drop.LINK_DOWN));
    }

    /// Port 1 on thread 1, port 2 on thread 2.
    private void pair() throws IOException {
        rig.plug(1, 1);
        rig.plug(2, 2);
        rig.passes(1);
    }

    private void learn() {
        rig.send(2, Frames.plain(Frames.BROADCAST, TWO, 60));
        rig.send(1, Frames.plain(TWO, ONE, 60));
        rig.passes(3);
        for (int port = 1; port <= 2; port++) {
            rig.drain(port);
        }
    }

    private void burst(int port, long to) {
        byte[] frame = Frames.plain(to, ThreadsRig.STATION + port, 60);
        for (int i = 0; i < 64; i++) {
            rig.send(port, frame);
        }
    }

    /// As the link itself tells, on its thread.
    private long thread(int port) {
        if (!(rig.endpoints[port].link() instanceof CrossingLink link)) {
            return 0;
        }
        CompletableFuture<Map<String, Long>> told = CompletableFuture.supplyAsync(() -> ToldMeasures.of(link));
        while (!told.isDone()) {
            rig.passes(1);
        }
        assertEquals(0, told.join().get("crossing-out"));
        return told.join().get("thread");
    }

    /// Says so many frames, and then ends if it is told to; a word more when it has to leave.
    private static final class Speaker implements TimedLink {
        private final ThreadsRig rig;
        private int frames;
        private boolean ends;
        private boolean isClosed;

        Speaker(ThreadsRig rig) {
            this.rig = rig;
        }

        @Override
        public LinkFeatures features() {
            return PLAIN;
        }

        @Override
        public int descriptor() {
            return NO_DESCRIPTOR;
        }

        @Override
        public void now(long nowNs) {
            assertEquals(rig.nowNs, nowNs);
        }

        @Override
        public long deadlineNs() {
            return Long.MAX_VALUE;
        }

        @Override
        public boolean isReady() {
            return frames > 0;
        }

        @Override
        public boolean awaitsRoom() {
            return false;
        }

        @Override
        public int receive(FrameBatch batch) {
            if (frames == 0) {
                return ends ? GONE : 0;
            }
            frames--;
            Frames.receive(batch, Frames.plain(Frames.BROADCAST, ONE, 60));
            return 1;
        }

        @Override
        public int transmit(FrameBatch batch, int[] rows, int from, int to) {
            return to - from;
        }

        @Override
        public void leave() {
            frames++;
        }

        @Override
        public void close() {
            isClosed = true;
        }
    }
}
