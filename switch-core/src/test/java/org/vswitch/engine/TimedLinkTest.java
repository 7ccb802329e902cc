package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.ProbeLink;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Congestion;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Forwarder;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.TimedLink;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;

/// How a data plane treats links that act by the clock. Time is a number; a pass that would block for ever fails.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TimedLinkTest {
    private static final LinkFeatures FEATURES = LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED);
    private static final long MS = 1_000_000;

    private final ProbeLink receiver = new ProbeLink(FEATURES);
    private final OneWay oneWay = new OneWay();
    private long nowNs = 5_000 * MS;
    private Sockets.Pair sockets;
    private DataPlane plane;

    @BeforeEach
    void plugInTheReceiver() throws LinuxException {
        sockets = Sockets.pair(Sockets.Type.DATAGRAM, true);
        plane = new DataPlane(() -> nowNs);
        plane.forwarder(oneWay);
        oneWay.receiver = plug(receiver);
    }

    @AfterEach
    void unplug() {
        plane.onClose();
        sockets.first().close();
        sockets.second().close();
    }

    @Test
    void shouldTellTheTimeBeforeAnythingElse() {
        Clockwork link = new Clockwork(sockets.first());
        plug(link);
        assertEquals(List.of("now 5000"), link.taken());
        link.readyAtNs = nowNs + 2 * MS;
        link.frames = 3;
        nowNs += MS;
        assertEquals(0, plane.doWork());
        assertEquals(List.of("now 5001"), link.taken(), "too early to receive");
        nowNs += MS;
        assertEquals(3, plane.doWork());
        assertEquals(List.of("now 5002", "receive", "release"), link.taken());
        assertEquals(3, receiver.sent().size());
    }

    @Test
    void shouldReceiveFromItWithoutDescriptorOnceAPass() {
        Clockwork link = new Clockwork(null);
        plug(link);
        link.taken();
        link.frames = 1;
        link.readyAtNs = nowNs;
        assertEquals(1, plane.doWork());
        assertEquals(List.of("now 5000", "receive", "release"), link.taken());
    }

    @Test
    void shouldSleepUntilTheFirstDeadlineAndNoLonger() {
        Clockwork late = new Clockwork(sockets.first());
        Clockwork soon = new Clockwork(null);
        plug(late);
        plug(soon);
        late.deadlineNs = nowNs + 3_600_000 * MS;
        soon.deadlineNs = nowNs + 5 * MS;
        long beganNs = System.nanoTime();
        assertEquals(0, plane.doWork());
        assertTrue(System.nanoTime() - beganNs >= 5 * MS, "it did not sleep");
        assertEquals(List.of("now 5000", "now 5000"), late.taken());
    }

    @Test
    void shouldNotSleepWhileItIsReady() {
        Clockwork link = new Clockwork(sockets.first());
        plug(link);
        link.frames = 100;
        link.readyAtNs = nowNs;
        assertEquals(FrameBatch.CAPACITY, plane.doWork());
        assertEquals(100 - FrameBatch.CAPACITY, plane.doWork());
    }

    @Test
    void shouldHearItsLastWords() {
        Clockwork link = new Clockwork(sockets.first());
        Endpoint endpoint = plug(link);
        link.taken();
        link.lastWords = 2;
        plane.detach(endpoint);
        assertEquals(List.of("leave", "receive", "release", "close"), link.taken());
        assertEquals(2, receiver.sent().size());
    }

    @Test
    void shouldHearAllOfItsLastWordsThoughAllEnds() {
        Clockwork link = new Clockwork(sockets.first());
        plane.detach(oneWay.receiver);
        Endpoint endpoint = plug(link);
        oneWay.receiver = plug(receiver);
        link.lastWords = 2 * FrameBatch.CAPACITY;
        plane.onClose();
        assertTrue(endpoint.isGone());
        assertEquals(2 * FrameBatch.CAPACITY, receiver.sent().size());
    }

    @Test
    void shouldStillBeThereForTheLastWordsOfAnother() {
        Clockwork listener = new Clockwork(null);
        Clockwork link = new Clockwork(sockets.first());
        oneWay.receiver = plug(listener);
        plug(link);
        link.lastWords = 2;
        listener.taken();
        plane.onClose();
        assertEquals(2, oneWay.receiver.sent());
        assertEquals(List.of("close"), listener.taken());
    }

    @Test
    void shouldNotAskALinkThatHasEnded() {
        Clockwork link = new Clockwork(sockets.first());
        plug(link);
        link.frames = 1;
        link.readyAtNs = nowNs;
        link.lastWords = 1;
        link.isBroken = true;
        plane.doWork();
        assertFalse(link.taken().contains("leave"));
        assertEquals(0, receiver.sent().size());
    }

    @Test
    void shouldWatchForRoomOnlyWhileFramesWaitInIt() {
        Clockwork link = new Clockwork(sockets.first());
        plug(link);
        link.awaitsRoom = true;
        link.readyAtNs = nowNs;
        link.frames = 1;
        plane.doWork();
        link.taken();
        plane.doWork(); // the socket is writable, or this would block for ever
        assertEquals(List.of("now 5000"), link.taken());
        link.awaitsRoom = false;
        plane.doWork();
        link.deadlineNs = nowNs + 5 * MS;
        long beganNs = System.nanoTime();
        plane.doWork();
        assertTrue(System.nanoTime() - beganNs >= 5 * MS, "it was still watched");
    }

    @Test
    void shouldNotReceiveWhileItsReceiverHasNoRoom() {
        Clockwork link = new Clockwork(sockets.first());
        plug(link);
        link.frames = 3;
        link.batch = 1;
        link.readyAtNs = nowNs;
        assertEquals(1, plane.doWork());
        receiver.room(0);
        assertEquals(1, plane.doWork());
        link.taken();
        assertEquals(0, plane.doWork(), "frames of the paused source");
        assertEquals(List.of("now 5000"), link.taken(), "it goes on by the clock");
        nowNs += Congestion.PATIENCE_NS;
        plane.doWork();
        assertEquals(1, plane.doWork());
    }

    @Test
    void shouldDetachALinkWhoseMemoryVanished() {
        Clockwork link = new Clockwork(sockets.first());
        boolean[] detached = {false};
        plane.attach(new Plug(7, 7, link, new LinkLabel("test", "test"), () -> detached[0] = true));
        link.taken();
        link.isBroken = true;
        link.deadlineNs = nowNs;
        plane.doWork();
        assertTrue(detached[0]);
        assertEquals(List.of("close"), link.taken());
        plane.ask(() -> null);
        plane.doWork();
        assertEquals(List.of(), link.taken());
    }

    @Test
    void shouldAllocateNothing() {
        Clockwork link = new Clockwork(null);
        link.isSilent = true;
        plug(link);
        receiver.forget();
        long allocated = Allocations.bytesOf(300_000, 100_000, () -> {
            link.frames = 1;
            link.readyAtNs = nowNs;
            nowNs += 1_000;
            plane.doWork();
        });
        assertEquals(0, allocated);
        assertFalse(oneWay.receiver.isBacklogged());
    }

    private Endpoint plug(Link link) {
        return plane.attach(new Plug(1, 1, link, new LinkLabel("test", "test"), () -> { }));
    }

    /// Passes all frames on to one receiver.
    private final class OneWay implements Forwarder {
        private final int[] rows = new int[FrameBatch.CAPACITY];
        private Endpoint receiver;

        OneWay() {
            java.util.Arrays.setAll(rows, row -> row);
        }

        @Override
        public void forward(FrameBatch batch, Endpoint ingress, int taken) {
            receiver.transmit(batch, rows, batch.size());
        }

        @Override
        public void attached(Endpoint endpoint) {
            // who receives is fixed
        }

        @Override
        public void detached(Endpoint endpoint) {
            // who receives is fixed
        }

        @Override
        public long onDeadline(long timeNs) {
            return Long.MAX_VALUE;
        }

        @Override
        public void now(long timeNs) {
            assertEquals(nowNs, timeNs);
        }
    }

    /// A link that does as it is told and writes down what it is asked.
    private static final class Clockwork implements TimedLink {
        private final Fd socket;
        private final List<String> calls = new ArrayList<>();
        private long timeNs;
        private long readyAtNs = Long.MAX_VALUE;
        private long deadlineNs = Long.MAX_VALUE;
        private int frames;
        private int batch = FrameBatch.CAPACITY;
        private boolean awaitsRoom;
        private boolean isBroken;
        private boolean isSilent;
        private int lastWords;

        /// @param socket null for none
        Clockwork(Fd socket) {
            this.socket = socket;
        }

        List<String> taken() {
            List<String> taken = List.copyOf(calls);
            calls.clear();
            return taken;
        }

        @Override
        public void now(long passNs) {
            if (isBroken) {
                throw new InternalError("lost memory");
            }
            timeNs = passNs;
            if (!isSilent) {
                calls.add("now " + passNs / MS);
            }
        }

        @Override
        public long deadlineNs() {
            return frames > 0 && !isReady() ? Math.min(deadlineNs, readyAtNs) : deadlineNs;
        }

        @Override
        public boolean isReady() {
            return frames > 0 && timeNs >= readyAtNs;
        }

        @Override
        public boolean awaitsRoom() {
            return awaitsRoom;
        }

        @Override
        public void leave() {
            if (lastWords > 0) {
                calls.add("leave");
                frames = lastWords;
                readyAtNs = timeNs;
            }
        }

        @Override
        public LinkFeatures features() {
            return FEATURES;
        }

        @Override
        public int descriptor() {
            return socket == null ? NO_DESCRIPTOR : socket.number();
        }

        @Override
        public int receive(FrameBatch into) {
            int count = isReady() ? Math.min(frames, batch) : 0;
            for (int i = 0; i < count; i++) {
                into.addFrame(into.slot(i), 60);
            }
            note("receive");
            frames -= count;
            return isBroken ? GONE : count;
        }

        @Override
        public void release(FrameBatch into) {
            note("release");
        }

        @Override
        public int transmit(FrameBatch from, int[] rows, int first, int to) {
            return to - first;
        }

        @Override
        public void close() {
            note("close");
        }

        private void note(String call) {
            if (!isSilent) {
                calls.add(call);
            }
        }
    }
}
