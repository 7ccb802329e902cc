package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.InetSockets;
import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.Sockets;

/// The real network keeps the contract, and costs nothing while idle.
@Isolated("counts the descriptors of the process")
class LinuxHostNetworkTest extends HostNetworkContractTest {
    @Override
    HostWorld world() throws IOException {
        return new LoopbackWorld();
    }

    @Nested
    class Cost {
        private static final int SIZE = 1000;
        private static final int MANY = 30_000;
        private static final int AGAIN = -Errno.EAGAIN.number();
        private final LinuxHostNetwork network = open();
        private final InetSockets sockets = new InetSockets();
        private final IoVector vector = new IoVector();
        private final HostDatagram datagram = new HostDatagram();
        private final HostDatagram[] one = {datagram};
        private final long room = NativeMemory.map(4096);
        private final List<Fd> kept = new ArrayList<>();

        @AfterEach
        void closeAll() {
            network.close();
            kept.forEach(Fd::close);
        }

        @Test
        void shouldAllocateNothing() throws IOException {
            int port = listen();
            int stream = network.connect(0, loopback(true), port);
            Fd peer = accept();
            int datagrams = network.openDatagram(true, 0);
            network.watch(stream, HostNetwork.READABLE, 1);
            network.watch(datagrams, HostNetwork.READABLE, 2);
            to(ownPort(datagrams));
            int[] told = {0};
            HostNetwork.ReadinessConsumer consumer = (token, readiness) -> told[0]++;
            assertEquals(0, Allocations.bytesOf(30_000, 10_000, () -> {
                vector.clear();
                vector.add(room, SIZE);
                expect(SIZE, network.write(stream, vector));
                int received = AGAIN;
                while (received == AGAIN) {
                    received = Sockets.receive(peer.number(), room, SIZE);
                }
                expect(SIZE, received);
                Sockets.send(peer.number(), room, SIZE);
                to(datagram.peerPort);
                expect(1, network.sendAll(datagrams, one, 0, 1));
                int ready = 0;
                while (ready < 2) { // the kernel may deliver a moment later
                    ready = network.poll(consumer);
                }
                expect(SIZE, network.read(stream, vector));
                expect(1, network.receiveAll(datagrams, one, 1));
            }));
            assertTrue(told[0] >= 80_000, "told=" + told[0]);
        }

        /// T64, T65: a peer that is gone without a word is noticed, as a guest is by the router's own probes. The
        /// kernel shows that its keepalive timer runs.
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldAskWhetherThePeerIsStillThere(boolean v4) throws IOException {
            int port = listen(v4);
            int stream = network.connect(0, loopback(v4), port);
            accept();
            assertEquals(0, network.connectResult(stream));
            String ends = ":%04X".formatted(sockets.localPort(stream)) + " \\S+:%04X ".formatted(port);
            List<String> lines = Files.readAllLines(Path.of("/proc/self/net/tcp" + (v4 ? "" : "6")));
            assertTrue(lines.stream().anyMatch(line -> line.matches(".*" + ends + "01 \\S+ 02:.*")),
                    () -> ends + " in\n" + String.join("\n", lines));
        }

        @Test
        void shouldSendAndReceiveHopLimitAndTrafficClass() {
            int socket = network.openDatagram(true, 0);
            to(ownPort(socket));
            datagram.hopLimit = 9;
            datagram.trafficClass = 0x28;
            assertEquals(SIZE, network.send(socket, datagram));
            datagram.hopLimit = 0;
            datagram.trafficClass = 0;
            Sandbox.await("the datagram", () -> network.receive(socket, datagram) == SIZE);
            assertEquals(9, datagram.hopLimit);
            assertEquals(0x28, datagram.trafficClass);
        }

        @Test
        void shouldLetItsDescriptorSleepThoughAFailureWaitsWithoutInterest() throws IOException {
            int stream = network.connect(0, loopback(true), listen());
            Fd peer = accept();
            try (Epoll outer = new Epoll(1)) {
                outer.add(network.descriptor(), Epoll.READABLE, 1);
                network.watch(stream, HostNetwork.WRITABLE, 1);
                assertEquals(1, outer.await(0));
                network.watch(stream, 0, 1);
                sockets.resetOnClose(peer.number());
                peer.close();
                Sandbox.await("the reset", () -> network.connectResult(stream) == -Errno.ECONNRESET.number());
                assertEquals(0, network.poll((token, readiness) -> { }));
                assertEquals(0, outer.await(0));
                network.watch(stream, HostNetwork.READABLE, 1);
                assertEquals(1, outer.await(0));
            }
        }

        @Test
        void shouldCloseWhatIsLeftAtTheEnd() throws IOException {
            int port = listen();
            int before = Sandbox.openDescriptors();
            LinuxHostNetwork another = new LinuxHostNetwork();
            another.openDatagram(false, 0);
            another.watch(another.connect(0, loopback(true), port), HostNetwork.READABLE, 1);
            assertEquals(before + 4, Sandbox.openDescriptors());
            another.close();
            assertEquals(before, Sandbox.openDescriptors());
        }

        /// Linux connects to no group, and says so at once.
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldKeepNothingOfConnectionsThatFailAtOnce(boolean v4) {
            int before = Sandbox.openDescriptors();
            long high = v4 ? 0 : 0xff02L << 48;
            long low = v4 ? 0x0000_ffff_e000_0001L : 1;
            assertEquals(-Errno.ENETUNREACH.number(), network.connect(high, low, 80));
            assertEquals(before, Sandbox.openDescriptors());
        }

        @Test
        void shouldRefuseWhenThereAreNoDescriptors() throws IOException {
            int port = listen();
            int socket = 0;
            while (socket >= 0 && kept.size() < MANY) {
                socket = sockets.openStream(true);
                if (socket >= 0) {
                    kept.add(new Fd(socket));
                }
            }
            assumeTrue(socket < 0, "more descriptors are allowed than this test wants to open");
            assertEquals(-Errno.EMFILE.number(), network.connect(0, loopback(true), port));
            assertEquals(-Errno.EMFILE.number(), network.openDatagram(false, 0));
            kept.removeLast().close();
            assertTrue(network.openDatagram(false, 0) >= 0, "one is left, and none was lost");
        }

        @Test
        void shouldOpenNoMoreSocketsThanItMay() throws IOException {
            int port = listen();
            try (LinuxHostNetwork small = new LinuxHostNetwork(2)) {
                assertEquals(2, small.mostSockets());
                int first = small.openDatagram(true, 0);
                assertTrue(small.connect(0, loopback(true), port) >= 0);
                assertEquals(2, small.sockets());
                assertEquals(-Errno.EMFILE.number(), small.openDatagram(false, 0));
                assertEquals(-Errno.EMFILE.number(), small.connect(0, loopback(true), port));
                assertEquals(-Errno.EMFILE.number(), small.openPing(true, 0));
                small.close(first);
                assertTrue(small.openDatagram(false, 0) >= 0);
                assertEquals(2, small.sockets());
            }
        }

        @Test
        void shouldLeaveDescriptorsToTheRestOfTheProcess() {
            assertEquals(614, LinuxHostNetwork.mostSockets(1024));
            assertEquals(15_795, LinuxHostNetwork.mostSockets(20_000));
            assertEquals(128, LinuxHostNetwork.mostSockets(256));
            assertEquals(1_717_986_712, LinuxHostNetwork.mostSockets(Integer.MAX_VALUE));
            assertEquals(LinuxHostNetwork.mostSockets(OwnProcess.descriptorLimit()), network.mostSockets());
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldPingWhereItIsPermitted(boolean v4) {
            int before = Sandbox.openDescriptors();
            int socket = network.openPing(v4, 4711);
            if (socket < 0) {
                assertEquals(-Errno.EACCES.number(), socket);
                assertEquals(before, Sandbox.openDescriptors());
                return;
            }
            NativeMemory.putByte(room, v4 ? 8 : 128);
            NativeMemory.putByte(room + 20, 0x5a);
            to(0);
            datagram.peerLow = loopback(v4);
            assertEquals(SIZE, network.send(socket, datagram));
            Sandbox.await("the reply", () -> network.receive(socket, datagram) == SIZE);
            assertEquals(v4 ? 0 : 129, NativeMemory.getByte(room));
            assertEquals(0x5a, NativeMemory.getByte(room + 20));
        }

        private LinuxHostNetwork open() {
            try {
                return new LinuxHostNetwork();
            } catch (IOException refused) {
                throw new AssertionError(refused);
            }
        }

        private int listen() throws IOException {
            return listen(true);
        }

        private int listen(boolean v4) throws IOException {
            Fd listening = new Fd(sockets.openStream(v4));
            kept.add(listening);
            sockets.bind(listening.number(), 0, loopback(v4), 0);
            Sockets.listen(listening, 4);
            return sockets.localPort(listening.number());
        }

        private Fd accept() {
            int[] accepted = {-1};
            Sandbox.await("a connection", () -> (accepted[0] = Sockets.accept(kept.getFirst())) >= 0);
            Fd peer = new Fd(accepted[0]);
            kept.add(peer);
            return peer;
        }

        private int ownPort(int socket) {
            return sockets.localPort(socket);
        }

        private void to(int port) {
            datagram.address = room;
            datagram.length = SIZE;
            datagram.peerHigh = 0;
            datagram.peerLow = loopback(true);
            datagram.peerPort = port;
            datagram.hopLimit = 0;
            datagram.trafficClass = 0;
        }

        /// As assertEquals, which would box.
        private static void expect(int wanted, int result) {
            if (wanted != result) {
                throw new AssertionError(wanted + " expected, not " + result);
            }
        }
    }
}
