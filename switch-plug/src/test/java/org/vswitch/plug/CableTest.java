package org.vswitch.plug;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.link.Crossover;
import org.vswitch.link.LinkUrl;

class CableTest {
    private final List<String> log = new ArrayList<>();

    @Test
    void shouldCarryFramesBothWaysAsTheyAre() throws IOException {
        try (Peer first = new Peer(); Peer second = new Peer(); Cable cable = new Cable("test", log::add)) {
            first.plugInto(cable, 0);
            second.plugInto(cable, 1);
            for (int length : new int[] {14, 60, 1514, 9000}) {
                byte[] frame = Frames.plain(Frames.B, Frames.A, length);
                first.send(frame);
                assertArrayEquals(frame, second.receive());
                second.send(frame);
                assertArrayEquals(frame, first.receive());
            }
            byte[] tagged = Frames.tagged(Frames.plain(Frames.B, Frames.A, 100), 0xe007);
            first.send(tagged);
            assertArrayEquals(tagged, second.receive());
            assertEquals(List.of(), log);
        }
    }

    @Test
    void shouldAccountForEveryFrame() throws IOException {
        try (Peer first = new Peer(); Cable cable = new Cable("test", log::add)) {
            first.plugInto(cable, 0);
            first.send(new byte[13]);
            first.send(Frames.plain(Frames.B, Frames.A, 60));
            Sandbox.await("both frames", () -> count(cable, Tally.RECEIVED) == 2);
            assertEquals(2, count(cable, Tally.DISCARDED));
            cable.plug(1, LinkUrl.parse("null://"));
            first.send(Frames.plain(Frames.B, Frames.A, 60));
            Sandbox.await("the third frame", () -> count(cable, Tally.RECEIVED) == 3);
            assertEquals(1, count(cable, Tally.PASSED_ON));
            assertEquals(2, count(cable, Tally.DISCARDED));
        }
    }

    @Test
    void shouldWithdrawWhatItsUrlsHaveOpened(@TempDir Path folder) throws IOException {
        Path socket = folder.resolve("vm0");
        try (Cable cable = new Cable("test", log::add)) {
            cable.plug(0, LinkUrl.parse("vhost-user://" + socket));
            assertTrue(Files.exists(socket));
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void shouldEndWhenALinkDoes(@TempDir Path folder) throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/vde_switch")), "vde_switch is not installed");
        Path directory = folder.resolve("s");
        Process neighbour = Processes.start(new ProcessBuilder("vde_switch", "-s", directory.toString())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD));
        try (Cable cable = new Cable("test", log::add)) {
            Sandbox.await("vde_switch", () -> Files.exists(directory.resolve("ctl")));
            cable.plug(0, LinkUrl.parse(directory.toString()));
            cable.plug(1, LinkUrl.parse("null://"));
            assertFalse(cable.ended().isDone());
            neighbour.destroy();
            cable.ended().orTimeout(10, TimeUnit.SECONDS).join();
        } finally {
            neighbour.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldNameWhatCannotBeOpened() throws IOException {
        try (Cable cable = new Cable("test", log::add)) {
            IOException unknown = assertThrows(IOException.class, () -> cable.plug(0, LinkUrl.parse("nosuch://x")));
            assertTrue(unknown.getMessage().contains("nosuch"), unknown.getMessage());
            IOException missing = assertThrows(IOException.class,
                    () -> cable.plug(0, LinkUrl.parse("/nosuch/network")));
            assertTrue(missing.getMessage().contains("/nosuch/network"), missing.getMessage());
        }
    }

    @Test
    void shouldCloseTwice() throws IOException {
        Cable cable = new Cable("test", log::add);
        cable.close();
        cable.close();
        assertTrue(cable.ended().isDone());
        assertThrows(IOException.class, () -> cable.plug(0, LinkUrl.parse("null://")));
    }

    private enum Tally {
        RECEIVED, PASSED_ON, DISCARDED
    }

    private static long count(Cable cable, Tally tally) {
        Crossover crossover = cable.crossover();
        return cable.gate().ask(() -> switch (tally) {
            case RECEIVED -> crossover.received(0);
            case PASSED_ON -> crossover.passedOn(0);
            case DISCARDED -> Drop.ALL.stream().mapToLong(reason -> crossover.discarded(0, reason)).sum();
        }).join();
    }

    /// A socket on loopback whose peer is an end of a cable.
    private static final class Peer implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private final int cablePort;

        Peer() throws IOException {
            try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
                cablePort = free.getLocalPort();
            }
            socket.setSoTimeout(10_000);
        }

        void plugInto(Cable cable, int end) throws IOException {
            cable.plug(end, LinkUrl.parse("udp://127.0.0.1:" + cablePort + "->127.0.0.1:" + socket.getLocalPort()));
        }

        void send(byte[] frame) throws IOException {
            socket.send(new DatagramPacket(frame, frame.length, InetAddress.getLoopbackAddress(), cablePort));
        }

        byte[] receive() throws IOException {
            DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
            socket.receive(packet);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
