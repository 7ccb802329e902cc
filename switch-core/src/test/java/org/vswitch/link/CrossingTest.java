package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;

/// Channels that share a pair of rings; the test is both data planes.
class CrossingTest {
    private static final int CHANNELS = 8;
    private static final int LONG = 60_000;

    private final Egress here = new Egress(new Variants(FrameBatch.forReceiving()));
    private final Egress there = new Egress(new Variants(FrameBatch.forReceiving()));
    private final Crossing.Pair pair = Crossing.pair(here, there);
    private final List<CrossingLink> near = new ArrayList<>();
    private final List<CrossingLink> far = new ArrayList<>();
    private final FrameTray tray = new FrameTray();
    private final FrameBatch lent = FrameBatch.forReceiving();
    private int closed;

    CrossingTest() {
        for (int tag = 0; tag < CHANNELS; tag++) {
            near.add(new CrossingLink(tag, pair.first(), new Worker()));
            far.add(new CrossingLink(tag, pair.second(), null));
            CrossingLink.join(near.get(tag), far.get(tag));
            near.get(tag).endpoint(new Endpoint(tag, tag, near.get(tag), new LinkLabel("", ""), here));
            far.get(tag).endpoint(new Endpoint(tag, tag, far.get(tag), new LinkLabel("", ""), there));
            pair.first().add(near.get(tag));
            pair.second().add(far.get(tag));
            far.get(tag).receiver(new Endpoint(tag, tag, new NullLink(), new LinkLabel("", ""), there));
        }
    }

    @AfterEach
    void close() {
        pair.first().close();
        pair.second().close();
        here.free();
        there.free();
        tray.close();
    }

    @Test
    void shouldBringTheFramesOfOneChannelAtATimeInOrder() {
        tray.send(near.get(3), FrameTray.frames(0, 2, 60));
        tray.send(near.get(5), FrameTray.frames(2, 3, 61));
        tray.send(near.get(3), FrameTray.frames(3, 4, 62));
        assertEquals(2, receive(pair.second()));
        assertSame(far.get(3), pair.second().origin());
        assertArrayEquals(FrameTray.frame(1, 60), FrameTray.bytes(lent, 1));
        pair.second().release(lent);
        assertEquals(1, receive(pair.second()));
        assertSame(far.get(5), pair.second().origin());
        pair.second().release(lent);
        assertEquals(1, receive(pair.second()));
        assertSame(far.get(3), pair.second().origin());
        pair.second().release(lent);
        assertEquals(0, receive(pair.second()));
    }

    @Test
    void shouldTakeNoMoreThanAShareOfEachChannel() {
        assertEquals(64, tray.send(near.get(0), FrameTray.frames(0, 64, 60)));
        assertEquals(64, tray.send(near.get(0), FrameTray.frames(0, 64, 60)));
        assertEquals(0, tray.send(near.get(0), FrameTray.frames(0, 1, 60)));
        assertEquals(1, tray.send(near.get(1), FrameTray.frames(0, 1, 60)));
        receive(pair.second());
        assertEquals(0, tray.send(near.get(0), FrameTray.frames(0, 1, 60)), "lent is not released");
        pair.second().release(lent);
        assertEquals(64, tray.send(near.get(0), FrameTray.frames(0, 64, 60)));
        int large = tray.send(near.get(2), FrameTray.frames(0, 20, LONG));
        assertEquals(CrossingLink.MAX_BYTES / LONG + 1, large);
    }

    @Test
    void shouldCountWhatFindsTheRingFullAndSendWhatWaitsOnceThereIsRoom() {
        for (int tag = 0; tag < CHANNELS; tag++) {
            offer(near.get(tag), 60);
        }
        long lost = 0;
        for (CrossingLink link : near) {
            lost += link.endpoint().lost(Drop.RING_FULL);
            assertEquals(0, link.endpoint().lost(Drop.EGRESS_FULL));
            assertTrue(link.endpoint().isBacklogged());
        }
        assertTrue(lost > 0);
        for (int i = 0; i < 200; i++) {
            while (receive(pair.second()) > 0) {
                pair.second().release(lent);
            }
            receive(pair.first()); // those who wait go on
        }
        for (CrossingLink link : near) {
            assertFalse(link.endpoint().isBacklogged());
        }
    }

    @Test
    void shouldWakeOnlyWhoeverSleepsAndForRoomOnlyWhoWaits() {
        AtomicInteger wakeUps = new AtomicInteger();
        AtomicInteger roomForWhom = new AtomicInteger();
        pair.second().wakeBy(wakeUps::incrementAndGet);
        pair.first().wakeBy(roomForWhom::incrementAndGet);
        tray.send(near.get(0), FrameTray.frames(0, 1, 60));
        assertEquals(0, wakeUps.get());
        assertFalse(pair.second().arm(), "work came before");
        pair.second().disarm();
        receive(pair.second());
        pair.second().release(lent);
        assertTrue(pair.second().arm());
        assertTrue(pair.first().arm());
        offer(near.get(0), 1);
        offer(near.get(0), 1);
        assertEquals(1, wakeUps.get());
        receive(pair.second());
        pair.second().release(lent);
        assertEquals(0, roomForWhom.get(), "nobody waits");
        for (int i = 0; i < 3; i++) {
            offer(near.get(0), 64);
        }
        receive(pair.second());
        pair.second().release(lent);
        assertEquals(1, roomForWhom.get());
        assertFalse(pair.first().arm(), "who waits may go on");
    }

    @Test
    void shouldTellTheOtherSideOfWhatWasLostBeforeItCrossed() {
        lent.clear();
        lent.discard(Drop.TOO_SHORT, 3);
        far.get(4).carry(lent, new int[1]);
        assertFalse(pair.first().arm());
        assertEquals(3, receive(pair.first()));
        assertSame(near.get(4), pair.first().origin());
        assertEquals(3, lent.discarded(Drop.TOO_SHORT));
        pair.first().release(lent);
        assertEquals(0, receive(pair.first()));
        assertEquals(0, receive(pair.first()));
        assertTrue(pair.first().arm());
    }

    @Test
    void shouldForgetWhatComesForALinkThatIsThereNoMore() {
        tray.send(near.get(0), FrameTray.frames(0, 1, 60));
        tray.send(near.get(1), FrameTray.frames(1, 2, 61));
        far.get(0).end();
        assertEquals(1, receive(pair.second()));
        assertSame(far.get(1), pair.second().origin());
        pair.second().release(lent);
        near.get(0).close();
        near.get(0).close();
        assertEquals(1, closed);
        assertEquals(1, tray.send(near.get(1), FrameTray.frames(0, 1, 60)), "beside it");
    }

    @Test
    void shouldDoWhatIsBehindAnEndWhenTheFramesBeforeItHaveCome() {
        tray.send(far.get(0), FrameTray.frames(0, 1, 60));
        int[] done = {0};
        pair.first().behind(far.get(0).end(), () -> done[0]++);
        assertEquals(0, done[0]);
        receive(pair.first());
        assertEquals(0, done[0]);
        pair.first().release(lent);
        assertEquals(1, done[0]);
        pair.first().behind(pair.second().offered(), () -> done[0]++);
        assertEquals(2, done[0], "nothing is under way");
    }

    @Test
    void shouldHearOfWhatALinkThatEndsCouldNotSend() {
        for (int i = 0; i < CrossingLink.MAX_FRAMES + 3; i++) {
            lent.clear();
            lent.addFrame(lent.slot(0), 60);
            far.get(0).carry(lent, new int[1]);
        }
        int[] done = {0};
        pair.first().behind(far.get(0).end(), () -> done[0]++);
        int received = 0;
        int lost = 0;
        while (done[0] == 0) {
            received += receive(pair.first());
            lost += (int) lent.discarded(Drop.LINK_DOWN);
            pair.first().release(lent);
        }
        assertEquals(3, lost);
        assertEquals(CrossingLink.MAX_FRAMES + 3, received);
    }

    private int receive(Crossing end) {
        lent.clear();
        return end.receive(lent);
    }

    /// By the endpoint, which keeps what the channel does not take.
    private void offer(CrossingLink link, int frames) {
        for (int i = 0; i < frames; i++) {
            lent.clear();
            FrameBatch batch = FrameBatch.forReceiving();
            batch.addFrame(batch.slot(0), frames == 60 ? LONG : 60);
            link.endpoint().transmit(batch, new int[1], 1);
            batch.free();
        }
    }

    private final class Worker implements CrossingLink.FarSide {
        @Override
        public void close() {
            closed++;
        }

        @Override
        public long leave() {
            return 0;
        }

        @Override
        public CompletableFuture<Void> measure(MeasuredLink.Measures into) {
            return CompletableFuture.completedFuture(null);
        }
    }
}
