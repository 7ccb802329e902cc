package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.engine.DataPlane;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;
import org.vswitch.linux.TunTap;
import org.vswitch.wire.FlowHash;

/// Several queues of one tap. The first is a real one, which is down and carries nothing; in place of the others are
/// sockets, of which the test has the far ends, and which can be full.
@Timeout(60)
class TapQueuesTest {
    private static final int QUEUES = 4;
    private static final int LENGTH = 300;

    private final List<TapLink> far = new ArrayList<>();
    private final FrameTray tray = new FrameTray();
    private final FrameBatch batch = FrameBatch.forReceiving();
    private TapQueues link;

    @BeforeEach
    void open() throws LinuxException {
        Sandbox.assumeTaps();
        TunTap tap = TunTap.open(Sandbox.unique("vst"), 12);
        TapLink first = new TapLink(tap);
        List<TunTap> taps = new ArrayList<>(List.of(tap));
        for (int queue = 1; queue < QUEUES; queue++) {
            Sockets.Pair pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
            taps.add(TunTap.of(List.of(pair.first()), tap.name()));
            far.add(new TapLink(TunTap.of(List.of(pair.second()), tap.name()), first));
        }
        link = new TapQueues(taps, first);
    }

    @AfterEach
    void close() {
        if (link != null) {
            link.close();
            far.forEach(TapLink::close);
            batch.free();
        }
        tray.close();
    }

    @Test
    void shouldDivideABatchAmongTheQueuesThatHaveFrames() {
        for (TapLink queue : far) {
            for (int number = 0; number < 3; number++) {
                assertEquals(10, tray.send(queue, FrameTray.frames(10 * number, 10 * number + 10, LENGTH)));
            }
        }
        List<byte[]> all = FrameTray.frames(0, 30, LENGTH);
        List<List<byte[]>> parts = parts(tray.receive(link), all);
        assertEquals(List.of(22, 21, 21), parts.stream().map(List::size).toList());
        parts = parts(tray.receive(link), all);
        assertEquals(26, parts.stream().mapToInt(List::size).sum());
        assertEquals(List.of(), tray.receive(link));
    }

    /// Frames of several queues, each of which counts up.
    private static List<List<byte[]>> parts(List<byte[]> frames, List<byte[]> all) {
        List<List<byte[]>> parts = new ArrayList<>();
        int last = Integer.MAX_VALUE;
        for (byte[] frame : frames) {
            int number = 0;
            while (!java.util.Arrays.equals(all.get(number), frame)) {
                number++;
            }
            if (number != last + 1) {
                parts.add(new ArrayList<>());
            }
            parts.getLast().add(frame);
            last = number;
        }
        return parts;
    }

    @Test
    void shouldServeTheQueuesInTurn() {
        for (int queue = 0; queue < far.size(); queue++) {
            assertEquals(3, tray.send(far.get(queue), List.of(FrameTray.frame(queue, LENGTH),
                    FrameTray.frame(queue, LENGTH), FrameTray.frame(queue, LENGTH))));
        }
        batch.wanted(1);
        for (int turn = 0; turn < 9; turn++) {
            batch.clear();
            assertEquals(1, link.receive(batch));
            assertArrayEquals(FrameTray.frame(turn % far.size(), LENGTH), FrameTray.bytes(batch, 0));
        }
    }

    @Test
    void shouldKeepEachFlowOnOneQueueInOrder() {
        int[] took = new int[QUEUES];
        int flows = 0;
        for (int port = 0; flows < 60; port++) {
            int queue = queue(port);
            if (queue > 0) {
                flows++;
                assertEquals(3, tray.send(link, List.of(flow(port, 0), flow(port, 1), flow(port, 2))));
                List<byte[]> received = tray.receive(far.get(queue - 1));
                assertEquals(3, received.size(), "port=" + port);
                for (int i = 0; i < 3; i++) {
                    assertArrayEquals(flow(port, i), received.get(i));
                }
                took[queue]++;
            }
        }
        assertTrue(took[1] > 5 && took[2] > 5 && took[3] > 5, java.util.Arrays.toString(took));
    }

    @Test
    void shouldBeFullWhileAQueueIs() throws LinuxException {
        int port = portOf(1);
        int other = portOf(2);
        fill(port);
        assertEquals(1, tray.send(link, List.of(flow(other, 0), flow(port, 0), flow(other, 1))), "the rest waits");
        assertFalse(isReadable(), "there is no room");
        drain(far.getFirst());
        assertTrue(isReadable(), "there is room");
        assertEquals(2, tray.send(link, List.of(flow(port, 0), flow(other, 1))));
        assertFalse(isReadable(), "told, used, and news no longer");
    }

    /// What is behind the frame that was refused waits, and must not wait for ever.
    @Test
    void shouldTellThatATapIsUpAgainWhichWentDownWithinABatch() throws LinuxException {
        int port = portOf(1);
        int down = portOf(0);
        Sandbox.execute("sysctl", "-q", "-w", "net.ipv6.conf." + link.name() + ".disable_ipv6=1");
        assertEquals(1, tray.send(link, List.of(flow(port, 0), flow(down, 0), flow(port, 1))), "the rest waits");
        assertFalse(isReadable(), "it is down");
        Sandbox.execute("ip", "link", "set", link.name(), "up");
        assertTrue(isReadable(), "it takes frames");
        assertEquals(2, tray.send(link, List.of(flow(down, 0), flow(port, 1))));
        assertFalse(isReadable(), "told, used, and news no longer");
    }

    @Test
    void shouldNotGoOnTellingOfRoomThatNobodyWants() throws LinuxException {
        fill(portOf(1));
        drain(far.getFirst());
        assertTrue(isReadable());
        for (int i = 0; i < 2; i++) {
            assertEquals(List.of(), tray.receive(link));
        }
        assertFalse(isReadable());
    }

    /// A cable: from a socket to the queues.
    @Test
    void shouldGoOnSendingWhenAFullQueueHasRoom() throws LinuxException {
        DataPlane plane = new DataPlane();
        plane.forwarder(new Crossover(plane.egress(), plane));
        Sockets.Pair pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
        DatagramLink source = DatagramLink.buffered(pair.second(), FrameSlab.MAX_FRAME, null);
        LinkLabel label = new LinkLabel("test", "");
        plane.attach(new Plug(0, 0, DatagramLink.buffered(pair.first(), FrameSlab.MAX_FRAME, null), label, () -> { }));
        Endpoint endpoint = plane.attach(new Plug(1, 1, link, label, () -> { }));
        try {
            int port = portOf(1);
            List<byte[]> sent = new ArrayList<>();
            Sandbox.await("the queue is full", () -> {
                byte[] frame = flow(port, sent.size());
                if (tray.send(source, List.of(frame)) == 1) {
                    sent.add(frame);
                }
                pass(plane);
                return endpoint.isBacklogged();
            });
            List<byte[]> received = new ArrayList<>();
            Sandbox.await("all have come", () -> {
                received.addAll(tray.receive(far.getFirst()));
                pass(plane);
                return received.size() >= sent.size();
            });
            assertArrayEquals(sent.toArray(), received.toArray());
            assertEquals(sent.size(), endpoint.sent());
        } finally {
            plane.onClose();
            source.close();
            link = null;
            far.forEach(TapLink::close);
        }
    }

    /// One that does not block.
    private static void pass(DataPlane plane) {
        plane.ask(() -> null);
        plane.doWork();
    }

    private void fill(int port) {
        int taken = 1;
        for (int number = 0; taken == 1; number++) {
            taken = tray.send(link, List.of(flow(port, number)));
        }
        assertEquals(0, taken);
    }

    private void drain(TapLink queue) {
        int frames = tray.receive(queue).size();
        while (frames > 0) {
            frames = tray.receive(queue).size();
        }
    }

    private boolean isReadable() throws LinuxException {
        try (Epoll watch = new Epoll(1)) {
            watch.add(link.descriptor(), Epoll.READABLE, 0);
            return watch.await(0) == 1;
        }
    }

    private int portOf(int queue) {
        int port = 0;
        while (queue(port) != queue) {
            port++;
        }
        return port;
    }

    private int queue(int port) {
        tray.batch().clear();
        int row = tray.add(flow(port, 0));
        return FlowHash.share(tray.batch().head(row), tray.batch().headLength(row), QUEUES);
    }

    private static byte[] flow(int port, int number) {
        byte[] datagram = Frames.udp(ByteBuffer.allocate(LENGTH).putInt(number).array());
        ByteBuffer.wrap(datagram).putShort((short) port);
        return Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, Frames.ipv4(Frames.UDP, datagram));
    }

    @Test
    void shouldSayForHowManyQueuesAnInterfaceWasMade() throws IOException {
        String name = Sandbox.unique("vst");
        for (boolean several : new boolean[] {true, false}) {
            Sandbox.execute(several ? new String[] {"ip", "tuntap", "add", "mode", "tap", "multi_queue", "name", name}
                    : new String[] {"ip", "tuntap", "add", "mode", "tap", "name", name});
            try (TestHost host = new TestHost()) {
                String url = several ? name : name + "[queues=2]";
                assertEquals("tap: TUNSETIFF " + name + " (made for " + (several ? "several queues" : "one queue")
                        + "): Invalid argument", assertThrows(IOException.class,
                                () -> new TapScheme().open(new LinkUrl("tap", url), host)).getMessage());
            } finally {
                Sandbox.execute("ip", "link", "del", name);
            }
        }
    }
}
