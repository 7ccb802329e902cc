package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.Bridge;
import org.vswitch.control.UserLimits;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Fd;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;
import org.vswitch.wire.VirtioNetHeader;

/// `vde://` plugs of a switch of ours share memory with it, and are otherwise like any other plug.
@Timeout(120)
class SharedPlugTest {
    @TempDir
    private Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Plug> plugs = new ArrayList<>();
    private final FrameBatch batch = FrameBatch.forReceiving();
    private Switch running;

    @AfterEach
    void end() {
        plugs.forEach(Plug::close);
        if (running != null) {
            running.close();
            assertFalse(Files.exists(folder.resolve("sw")));
        }
        batch.free();
    }

    @Test
    void shouldShareMemoryWithASwitchOfOurs() throws Exception {
        start(UserLimits.DEFAULT);
        Plug one = plug("");
        Plug other = plug("");
        assertInstanceOf(ShmLink.class, one.link);
        byte[] frame = Frames.plain(Frames.BROADCAST, Frames.A, 1514);
        one.send(frame, 0);
        assertArrayEquals(frame, other.receive());
        other.send(Frames.plain(Frames.A, Frames.B, 60), 0);
        assertArrayEquals(Frames.plain(Frames.A, Frames.B, 60), one.receive());
    }

    @Test
    void shouldPassSuperFramesUncutBetweenOurPlugsAndSegmentsToOthers() throws Exception {
        start(UserLimits.DEFAULT);
        Plug one = plug("");
        Plug other = plug("");
        byte[] frame = Frames.ethernet(Frames.BROADCAST, Frames.A, Frames.IPV4,
                Frames.ipv4(Frames.TCP, Frames.tcp(0x10, new byte[60_000])));
        long word = VirtioNetHeader.withCsumStart(
                VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.GSO_TCPV4, 54, 1448), 34);
        try (PlugClient vde = PlugClient.plug(folder.resolve("sw"), 0)) {
            one.send(frame, word);
            assertArrayEquals(frame, other.receive());
            assertEquals(1502, vde.frame().length);
        }
    }

    @Test
    void shouldGetThePortAndShowAsAPlugThroughSocketsWould() throws Exception {
        start(UserLimits.DEFAULT);
        assertInstanceOf(ShmLink.class, plug("[7]").link);
        List<Object> shared = shown(7);
        plugs.removeFirst().close();
        Sandbox.await("an empty port", () -> is(bridge -> !bridge.ports().port(7).isActive()));
        assertInstanceOf(DatagramLink.class, plug("[7/sockets]").link);
        assertEquals(shown(7), shared);
        assertInstanceOf(ShmLink.class, plug("[7]").link, "two endpoints of one user at one port");
        assertTrue(is(bridge -> bridge.ports().port(7).endpoints().length == 2));
        plug("");
        assertTrue(is(bridge -> bridge.ports().port(1).isActive()), "the lowest port that is free");
    }

    @Test
    void shouldLeaveThePortOfManagementToSockets() throws Exception {
        start(UserLimits.DEFAULT);
        assertInstanceOf(DatagramLink.class, plug("[0]").link);
        assertTrue(is(bridge -> bridge.ports().port(0).isActive()));
    }

    @Test
    void shouldRefuseMorePortsThanAUserMayHaveAsVdeDoes() throws Exception {
        start(new UserLimits(256, 2, 5_000, 64));
        plug("");
        plug("");
        IOException refusal = assertThrows(IOException.class, () -> plug(""));
        assertEquals("vde: " + folder.resolve("sw/ctl") + " refused the plug (without a reason; "
                + "is a port free?)", refusal.getMessage());
        refusal = assertThrows(IOException.class, () -> plug("[40]"));
        assertEquals("vde: " + folder.resolve("sw/ctl") + " refused the plug port=40 (without a "
                + "reason; is there such a port, and is it free for us?)", refusal.getMessage());
    }

    @Test
    void shouldRefuseMoreConnectionsThanAUserMayHaveOnBothSocketsTogether() throws Exception {
        start(new UserLimits(2, 64, 5_000, 64));
        plug("");
        try (PlugClient vde = PlugClient.plug(folder.resolve("sw"), 0)) {
            assertThrows(IOException.class, () -> plug(""));
            vde.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
            assertEquals(60, plugs.getFirst().receive().length);
        }
    }

    @Test
    void shouldUnplugWhenEitherEnds() throws Exception {
        start(UserLimits.DEFAULT);
        Plug goes = plug("");
        Plug stays = plug("");
        goes.close();
        Sandbox.await("port 1 is empty", () -> is(bridge -> !bridge.ports().port(1).isActive()));
        assertEquals(List.of(), log);
        running.close();
        Sandbox.await("the plug is told", stays::isDetached);
        running = null;
    }

    @Test
    void shouldLeaveNothingOfPlugsThatCameAndWent() throws Exception {
        start(UserLimits.DEFAULT);
        plug("").close();
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < 200; i++) {
            plug("").close();
        }
        Sandbox.await("all ports are empty", () -> is(bridge -> bridge.ports().active().isEmpty()));
        Sandbox.await("descriptors are closed", () -> Sandbox.openDescriptors() < before + 50);
        assertEquals(List.of("ctl", "shm"), Arrays.stream(folder.resolve("sw").toFile().list()).sorted().toList());
    }

    @Test
    void shouldHaveASocketWithThePermissionsOfCtlAndReplaceOneThatWasLeft() throws Exception {
        Files.createDirectory(folder.resolve("sw"));
        try (Fd left = Sockets.open(Sockets.Type.STREAM, true)) {
            Sockets.bind(left, SocketAddress.ofPath(folder.resolve("sw/shm").toString()));
        }
        start(UserLimits.DEFAULT);
        for (String attribute : new String[] {"unix:mode", "unix:uid", "unix:gid"}) {
            assertEquals(Files.getAttribute(folder.resolve("sw/ctl"), attribute),
                    Files.getAttribute(folder.resolve("sw/shm"), attribute));
        }
        assertInstanceOf(ShmLink.class, plug("").link);
    }

    @Test
    void shouldCloseOnWhatIsNoRequestAndServeOthers() throws Exception {
        start(new UserLimits(256, 64, 300, 64));
        for (byte[] request : new byte[][] {new byte[152], new byte[200], new byte[3], {}}) {
            try (Fd client = Sockets.open(Sockets.Type.STREAM, false)) {
                Sockets.timeout(client, 10_000);
                Sockets.connect(client, SocketAddress.ofPath(folder.resolve("sw/shm").toString()));
                if (request.length > 0) {
                    Sockets.send(client, request);
                }
                assertEquals(0, Sockets.receive(client, new byte[1]), "after the time limit, or at once");
            }
        }
        Sandbox.await("two complaints", () -> log.size() == 2);
        assertEquals("A client of shared memory does not speak of shared memory", log.getFirst());
        plug("");
    }

    @Test
    void shouldUnplugAClientWhoseRingMakesNoSenseAndSayWhy() throws Exception {
        start(UserLimits.DEFAULT);
        try (Fd control = Sockets.open(Sockets.Type.STREAM, false)) {
            Sockets.connect(control, SocketAddress.ofPath(folder.resolve("sw/shm").toString()));
            Sockets.send(control, ShmHandshake.hello(Offload.ALL, 0, "bad").emit());
            ShmHandshake.Offered offered = ShmHandshake.receive(control, 2);
            Plug good = plug("");
            NativeMemory.putLong(
                    new ShmLayout(offered.memory().address(), ShmLayout.RING_BYTES).writtenBy(false).tail(), 1 << 30);
            try (Fd wake = offered.rest().getFirst()) {
                Sockets.send(wake, new byte[1]);
                assertEquals(0, Sockets.receive(control, new byte[1]), "unplugged");
            }
            offered.memory().close();
            Sandbox.await("a line", () -> log.size() == 1);
            assertEquals(List.of("port 1: bad wrote more than the ring holds, and is unplugged"), log);
            good.send(Frames.plain(Frames.BROADCAST, Frames.A, 60), 0);
            Plug third = plug("");
            good.send(Frames.plain(Frames.BROADCAST, Frames.A, 61), 0);
            assertEquals(61, third.receive().length);
        }
    }

    private List<Object> shown(int port) {
        return ask(bridge -> {
            Endpoint endpoint = bridge.ports().port(port).endpoints()[0];
            return List.of(endpoint.label(), endpoint.port(), bridge.ports().port(port).currentUser(),
                    bridge.ports().port(port).isAllocatable());
        });
    }

    private void start(UserLimits limits) throws Exception {
        running = Switch.start(SwitchConfig.in(folder.resolve("sw").toString()).with(limits), log::add);
    }

    private Plug plug(String options) throws IOException {
        Plug plug = new Plug();
        plug.attachment = new VdeScheme().open(new LinkUrl("vde", folder.resolve("sw") + options), plug);
        plugs.add(plug);
        return plug;
    }

    private boolean is(Predicate<Bridge> question) {
        return ask(question::test);
    }

    private <T> T ask(Function<Bridge, T> question) {
        return running.control().ask(question).join();
    }

    /// Who opened a URL, and uses its link by hand.
    private final class Plug implements LinkHost {
        private final FrameSlab slab = FrameSlab.forFrames(1);
        private final FrameBatch outgoing = FrameBatch.forSending();
        private LinkScheme.Attachment attachment;
        private Link link;
        private Runnable left;

        @Override
        public synchronized long attach(Link attached, LinkLabel label, Runnable onDetached) {
            link = attached;
            left = onDetached;
            return 1;
        }

        @Override
        public synchronized void detach(long id) {
            if (left != null) {
                link.close();
                left.run();
                left = null;
            }
        }

        @Override
        public String program() {
            return "test";
        }

        @Override
        public void log(String message) {
            log.add(message);
        }

        synchronized boolean isDetached() {
            return left == null;
        }

        void send(byte[] frame, long word) {
            long address = slab.frame(0);
            NativeMemory.copyIn(frame, 0, address, frame.length);
            VirtioNetHeader.write(FrameSlab.header(address), word, word == 0 ? 0 : 16);
            outgoing.clear();
            outgoing.append(address, frame.length, word, word == 0 ? 0 : 16);
            assertEquals(1, link.transmit(outgoing, new int[] {0}, 0, 1));
        }

        byte[] receive() {
            byte[][] frame = new byte[1][];
            Sandbox.await("a frame", () -> {
                batch.clear();
                int count = link.receive(batch);
                if (count > 0) {
                    frame[0] = Frames.bytes(batch, 0);
                    link.release(batch);
                }
                return count > 0;
            });
            return frame[0];
        }

        void close() {
            if (attachment != null) {
                attachment.close();
                slab.free();
                attachment = null;
            }
        }
    }
}
