package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.BridgePort;
import org.vswitch.control.BridgeSettings;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.link.Endpoint;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// Guests on the sockets of a running switch.
@Timeout(120)
class SocketGuestsInSwitchTest {
    private static final long STATION = 0x0200_0000_1000L;

    @TempDir
    private Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Guest> guests = new ArrayList<>();
    private Switch running;

    @AfterEach
    void end() throws IOException {
        for (Guest guest : guests) {
            guest.close();
        }
        if (running != null) {
            running.close();
            assertFalse(Files.exists(folder.resolve("vm")));
        }
    }

    @Test
    void shouldGive64GuestsAPortEachAndLetThemSpeakToEachOther() throws Exception {
        start(80);
        for (int i = 0; i < 64; i++) {
            Guest guest = plugIn(i);
            guest.send(Frames.plain(Frames.BROADCAST, STATION + i, 60));
        }
        // everybody is known once everybody has spoken
        Sandbox.await("64 stations", () -> ask(active -> active).size() == 64
                && running.control().ask(bridge -> bridge.addresses().count()).join() == 64);
        try (PlugClient client = PlugClient.plug(folder.resolve("sw"), 0)) {
            for (int i = 0; i < 64; i++) {
                byte[] frame = Frames.plain(STATION + (i + 1) % 64, STATION + i, 100 + i);
                guests.get(i).send(frame);
                assertArrayEquals(frame, guests.get((i + 1) % 64).awaitUnicast());
                client.frame(Frames.plain(STATION + i, Frames.A, 200));
                assertEquals(200, guests.get(i).awaitUnicast().length);
            }
        }
        assertEquals(List.of(), log);
    }

    @Test
    void shouldNotLetASlowGuestDelayOrCostOthersAnything() throws Exception {
        start(8);
        Guest sender = plugIn(0);
        Guest deaf = plugIn(1);
        Guest reader = plugIn(2);
        deaf.send(Frames.plain(Frames.BROADCAST, STATION + 1, 60));
        assertEquals(60, reader.receive().length);
        for (int i = 0; i < 20_000; i++) {
            sender.send(numbered(i));
            if (i % 16 == 15) {
                for (int j = i - 15; j <= i; j++) {
                    assertArrayEquals(numbered(j), reader.receive());
                }
            }
        }
        Endpoint slow = endpoint(2);
        assertTrue(slow.lost(Drop.EGRESS_FULL) > 1000, "lost by the one who does not read");
        assertEquals(0, endpoint(3).lost(Drop.EGRESS_FULL));
        assertEquals(slow.offered(), slow.sent() + slow.queued() + slow.lost(Drop.EGRESS_FULL));
        assertEquals(60, sender.receive().length);
        // what it gets when it reads at last are whole frames
        for (int i = 0; i < 200; i++) {
            assertArrayEquals(numbered(i), deaf.receive());
        }
    }

    @Test
    void shouldUnplugAGuestThatMakesNoSenseAndNobodyElse() throws Exception {
        start(8);
        Guest good = plugIn(0);
        Guest other = plugIn(1);
        Guest bad = plugIn(2);
        bad.write(ByteBuffer.allocate(8).putInt(0xffff_ffff).flip());
        bad.awaitEnd();
        Sandbox.await("two ports", () -> ask(active -> active).size() == 2);
        assertEquals(1, running.control().ask(bridge -> bridge.ports().port(3).discarded(Drop.BAD_STREAM)).join());
        Sandbox.await("a line in the log", () -> log.size() == 1);
        assertTrue(log.getFirst().endsWith("said that a frame has 4294967295 bytes, and is unplugged"), log.getFirst());
        good.send(Frames.plain(Frames.BROADCAST, STATION, 60));
        assertEquals(60, other.receive().length);
        plugIn(2);
    }

    @Test
    void shouldJoinGuestsOfEveryKind() throws Exception {
        start(8, "bess://" + at("bess"), "dgram://" + at("own") + "->" + at("peer"), "unixgram://" + at("gram"));
        Guest stream = plugIn(1); // dgram:// has its port already
        List<Fd> others = new ArrayList<>(List.of(socket(Sockets.Type.SEQPACKET, "", "bess"),
                socket(Sockets.Type.DATAGRAM, "peer", "own"), socket(Sockets.Type.DATAGRAM, "vfkit", "gram")));
        try {
            Sockets.send(others.get(2), "VFKT".getBytes(StandardCharsets.US_ASCII));
            Sandbox.await("four ports", () -> ask(active -> active).size() == 4);
            // a word to itself, which nobody gets: it is there, and need not be looked for any longer
            Sockets.send(others.get(1), Frames.plain(STATION + 1, STATION + 1, 60));
            Sandbox.await("it is heard", () -> ask(active -> active.getFirst().received()) == 1);
            for (int i = 0; i < 3; i++) {
                byte[] frame = Frames.plain(Frames.BROADCAST, STATION + i, 100 + i);
                assertEquals(frame.length, Sockets.send(others.get(i), frame));
                assertArrayEquals(frame, stream.receive());
                for (int j = 0; j < 3; j++) {
                    if (j != i) {
                        assertArrayEquals(frame, receive(others.get(j)));
                    }
                }
            }
            for (int i = 0; i < 3; i++) {
                byte[] frame = Frames.plain(STATION + i, STATION + 9, 1000 + i);
                stream.send(frame);
                assertArrayEquals(frame, receive(others.get(i)));
            }
        } finally {
            others.forEach(Fd::close);
        }
        assertEquals(List.of(), log);
    }

    /// The descriptor of such a link is an epoll instance, which tells of room by becoming readable.
    @Test
    void shouldSendADatagramGuestWhatHasWaitedOnceItReads() throws Exception {
        start(8, "unixgram://" + at("gram"));
        Guest stream = plugIn(0);
        try (Fd lazy = socket(Sockets.Type.DATAGRAM, "lazy", "gram")) {
            Sockets.send(lazy, Frames.plain(Frames.BROADCAST, STATION + 1, 60));
            assertEquals(60, stream.receive().length);
            Endpoint endpoint = endpoint(2);
            int offered = 0;
            while (endpoint.lost(Drop.EGRESS_FULL) == 0) {
                stream.send(numbered(offered++));
                assertTrue(offered < 100_000, "somewhere it has to be full");
            }
            int all = offered;
            Sandbox.await("all of them", () -> endpoint.offered() == all);
            long kept = all - endpoint.lost(Drop.EGRESS_FULL);
            assertTrue(endpoint.queued() > 0);
            int last = -1;
            for (long i = 0; i < kept; i++) {
                int number = ByteBuffer.wrap(receive(lazy)).getInt(20);
                assertTrue(number > last, number + " behind " + last);
                last = number;
            }
            Sandbox.await("nothing waits", () -> endpoint.queued() == 0);
            assertEquals(kept, endpoint.sent());
        }
    }

    private Fd socket(Sockets.Type type, String own, String peer) throws LinuxException {
        Fd socket = Sockets.open(type, false);
        Sockets.timeout(socket, 20_000);
        if (!own.isEmpty()) {
            Sockets.bind(socket, SocketAddress.ofPath(at(own)));
        }
        Sockets.connect(socket, SocketAddress.ofPath(at(peer)));
        return socket;
    }

    private static byte[] receive(Fd guest) {
        byte[] room = new byte[2000];
        int length = Sockets.receive(guest, room);
        assertTrue(length > 0, "result " + length);
        return Arrays.copyOf(room, length);
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private static byte[] numbered(int number) {
        byte[] frame = Frames.plain(Frames.BROADCAST, STATION, 1400);
        ByteBuffer.wrap(frame).putInt(20, number);
        return frame;
    }

    private void start(int ports, String... more) throws Exception {
        List<String> links = new ArrayList<>(List.of("qemu://" + at("vm")));
        links.addAll(List.of(more));
        running = Switch.start(SwitchConfig.in(at("sw")).with(BridgeSettings.DEFAULT.withPorts(ports))
                .withLinks(links).withThreads(threads()), log::add);
    }

    int threads() {
        return 1;
    }

    /// Plugs a guest in; those before it have their ports by then.
    private Guest plugIn(int before) throws IOException {
        Guest guest = new Guest(folder.resolve("vm"));
        guests.add(guest);
        Sandbox.await("a port", () -> ask(active -> active).size() == before + 1);
        return guest;
    }

    private <T> T ask(Function<List<BridgePort>, T> question) {
        return running.control().ask(bridge -> {
            List<BridgePort> active = new ArrayList<>();
            for (int number = 0; number < bridge.ports().count(); number++) {
                BridgePort port = bridge.ports().port(number);
                if (port != null && port.isActive()) {
                    active.add(port);
                }
            }
            return question.apply(active);
        }).join();
    }

    private Endpoint endpoint(int port) {
        return ask(active -> active.stream().filter(one -> one.number() == port).findFirst().orElseThrow()
                .endpoints()[0]);
    }

    /// A guest as QEMU is one to the switch: a blocking stream.
    private static final class Guest implements AutoCloseable {
        private final SocketChannel channel;

        Guest(Path path) throws IOException {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(path));
        }

        void send(byte[] frame) throws IOException {
            write(ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame).flip());
        }

        void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        byte[] receive() throws IOException {
            byte[] frame = new byte[read(4).getInt()];
            read(frame.length).get(frame);
            return frame;
        }

        /// Passes over what was flooded.
        byte[] awaitUnicast() throws IOException {
            byte[] frame = receive();
            while ((frame[0] & 1) != 0) {
                frame = receive();
            }
            return frame;
        }

        void awaitEnd() throws IOException {
            assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
        }

        private ByteBuffer read(int length) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining()) {
                if (channel.read(bytes) < 0) {
                    throw new EOFException();
                }
            }
            return bytes.flip();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
