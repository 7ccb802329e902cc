package org.vswitch.plug;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.Drop;
import org.vswitch.link.Crossover;
import org.vswitch.link.LinkUrl;

/// An impaired cable between two sockets, by the real clock: nothing is early, nothing is forgotten.
class ImpairedCableTest {
    private static final long MS = 1_000_000;

    @Test
    void shouldDelayBothWaysAndNeverForgetAFrame() throws IOException {
        try (Peer first = new Peer(); Peer second = new Peer(); Cable cable = new Cable("test", AssertionError::new)) {
            cable.plug(0, LinkUrl.parse("impair://" + first.url() + "[delay=30ms]"));
            cable.plug(1, LinkUrl.parse(second.url()));
            for (int length : new int[] {60, 1514, 9000}) {
                long sentNs = System.nanoTime();
                first.send(length);
                second.expect(length);
                assertTrue(System.nanoTime() - sentNs >= 29 * MS, "too early on its way in");
                sentNs = System.nanoTime();
                second.send(length);
                first.expect(length);
                assertTrue(System.nanoTime() - sentNs >= 29 * MS, "too early on its way out");
            }
        }
    }

    @Test
    void shouldLimitTheRate() throws IOException {
        try (Peer first = new Peer(); Peer second = new Peer(); Cable cable = new Cable("test", AssertionError::new)) {
            cable.plug(0, LinkUrl.parse(first.url()));
            cable.plug(1, LinkUrl.parse("impair://" + second.url() + "[way=out,rate=8mbit]"));
            long sentNs = System.nanoTime();
            for (int i = 0; i < 50; i++) {
                first.send(1000);
            }
            for (int i = 0; i < 50; i++) {
                second.expect(1000);
            }
            long tookNs = System.nanoTime() - sentNs;
            assertTrue(tookNs >= 49 * MS, "50 frames of 1 ms came within " + tookNs + " ns");
        }
    }

    @Test
    void shouldAccountForFramesItLoses() throws IOException {
        try (Peer first = new Peer(); Cable cable = new Cable("test", AssertionError::new)) {
            cable.plug(0, LinkUrl.parse("impair://" + first.url() + "[loss=30%,duplicate=10%,delay=1ms,seed=4]"));
            cable.plug(1, LinkUrl.parse("null://"));
            Crossover crossover = cable.crossover();
            for (int sent = 1; sent <= 200; sent++) {
                first.send(100);
                int frames = sent;
                Sandbox.await("frame " + sent, () -> cable.gate().ask(() ->
                        crossover.passedOn(0) + crossover.discarded(0, Drop.IMPAIRED)).join() >= frames);
            }
            long lost = cable.gate().ask(() -> crossover.discarded(0, Drop.IMPAIRED)).join();
            assertTrue(lost > 30 && lost < 90, "lost " + lost);
            assertEquals(0, cable.gate().ask(() -> crossover.received(0) - crossover.passedOn(0)
                    - crossover.discarded(0, Drop.IMPAIRED)).join());
        }
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

        String url() {
            return "udp://127.0.0.1:" + cablePort + "->127.0.0.1:" + socket.getLocalPort();
        }

        void send(int length) throws IOException {
            byte[] frame = Frames.plain(Frames.B, Frames.A, length);
            socket.send(new DatagramPacket(frame, frame.length, InetAddress.getLoopbackAddress(), cablePort));
        }

        void expect(int length) throws IOException {
            DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException late) {
                throw new AssertionError("no frame of length=" + length, late);
            }
            assertArrayEquals(Frames.plain(Frames.B, Frames.A, length),
                    Arrays.copyOf(packet.getData(), packet.getLength()));
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
