package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;

/// The fake network keeps the contract, and can be told to do what the real one does only at times.
class FakeHostNetworkTest extends HostNetworkContractTest {
    private static final long SERVER = 0x0000_ffff_c000_0201L; // 192.0.2.1
    private static final long ROUTER = 0x0000_ffff_c000_02feL;

    @Override
    HostWorld world() {
        return new FakeWorld();
    }

    @Nested
    class Orders {
        private final FakeHostNetwork network = new FakeHostNetwork();
        private final IoVector vector = new IoVector();
        private final HostDatagram datagram = new HostDatagram();
        private final long room = NativeMemory.map(4096);

        @Test
        void shouldConnectWhatWaitedInSilence() {
            FakeServer server = network.server(0, SERVER, 80).silent();
            int socket = network.connect(0, SERVER, 80);
            assertEquals(1, server.waiting());
            assertEquals(-Errno.EINPROGRESS.number(), network.connectResult(socket));
            server.accepting();
            assertEquals(0, network.connectResult(socket));
            assertEquals(0, server.waiting());
            assertTrue(server.accept() != null);
            assertNull(server.accept());
        }

        @Test
        void shouldFailAsToldAtOnceAndLater() {
            network.server(0, SERVER, 80).refusing(Errno.EHOSTUNREACH);
            assertEquals(-Errno.EHOSTUNREACH.number(), network.connectResult(network.connect(0, SERVER, 80)));
            network.server(0, SERVER, 81).refusingAtOnce(Errno.ENETUNREACH);
            assertEquals(-Errno.ENETUNREACH.number(), network.connect(0, SERVER, 81));
            assertEquals(1, network.openSockets());
        }

        @Test
        void shouldEchoTheStreamWithItsEnd() {
            network.server(0, SERVER, 7).echoing();
            int socket = network.connect(0, SERVER, 7);
            vector.add(room, 10);
            assertEquals(10, network.write(socket, vector));
            assertEquals(0, network.endOutput(socket));
            assertEquals(10, network.read(socket, vector));
            assertEquals(0, network.read(socket, vector));
        }

        @Test
        void shouldRefuseBeyondTheLimitOfSockets() {
            network.server(0, SERVER, 80);
            network.permitPing();
            network.mostSockets(1);
            assertEquals(0, network.connectResult(network.connect(0, SERVER, 80)));
            assertEquals(-Errno.EMFILE.number(), network.connect(0, SERVER, 80));
            assertEquals(-Errno.EMFILE.number(), network.openDatagram(true, 0));
            assertEquals(-Errno.EMFILE.number(), network.openPing(true, 0));
        }

        @Test
        void shouldCloseWhatIsLeftAtTheEnd() {
            FakeServer server = network.server(0, SERVER, 80);
            network.connect(0, SERVER, 80);
            network.openDatagram(false, 0);
            assertEquals(2, network.openSockets());
            network.close();
            assertEquals(0, network.openSockets());
            assertTrue(server.accept().sawEnd());
        }

        @Test
        void shouldTellPeersOfHopLimitAndTrafficClass() {
            FakeDatagramPeer peer = network.datagramPeer(0, SERVER, 53);
            to(SERVER, 53, 4);
            datagram.hopLimit = 3;
            datagram.trafficClass = 0x2e;
            int socket = network.openDatagram(true, 5353);
            assertEquals(4, network.send(socket, datagram));
            FakeDatagram received = peer.receive();
            assertEquals(5353, received.port());
            assertEquals(3, received.hopLimit());
            assertEquals(0x2e, received.trafficClass());
            assertTrue(peer.send(new FakeDatagram(new byte[9], 5353, 50, 1)));
            datagram.length = 100;
            assertEquals(9, network.receive(socket, datagram));
            assertEquals(50, datagram.hopLimit);
            assertEquals(1, datagram.trafficClass);
        }

        @Test
        void shouldReportWhatARouterSaysAndThenDeliver() {
            FakeDatagramPeer peer = network.datagramPeer(0, SERVER, 53)
                    .unreachable(FakeReport.timeExceeded(0, ROUTER));
            int socket = network.openDatagram(true, 0);
            to(SERVER, 53, 4);
            assertEquals(4, network.send(socket, datagram));
            assertNull(peer.receive());
            HostError error = new HostError();
            error.quoteAddress = room + 2048;
            error.quoteLength = 100;
            assertEquals(0, network.receiveError(socket, error));
            assertEquals(11, error.type);
            assertEquals(ROUTER, error.reporterLow);
            assertEquals(SERVER, error.destinationLow);
            assertEquals(4, error.quoteLength);
            peer.unreachable(null).congested(true);
            assertEquals(-Errno.EAGAIN.number(), network.send(socket, datagram));
            peer.congested(false);
            assertEquals(4, network.send(socket, datagram));
            assertEquals(4, peer.receive().bytes().length);
        }

        @Test
        void shouldAnswerPingsOfThePermitted() {
            assertEquals(-Errno.EACCES.number(), network.openPing(true, 7));
            network.permitPing();
            network.datagramPeer(0, SERVER, 0).echoing();
            int socket = network.openPing(true, 7);
            assertEquals(-Errno.EADDRINUSE.number(), network.openPing(true, 7));
            to(SERVER, 0, 12);
            assertEquals(-Errno.EINVAL.number(), network.send(socket, datagram), "no echo request");
            NativeMemory.putByte(room, 8);
            NativeMemory.putByte(room + 11, 0x77);
            assertEquals(12, network.send(socket, datagram));
            assertEquals(12, network.receive(socket, datagram));
            byte[] reply = new byte[12];
            NativeMemory.copyOut(room, reply, 0, 12);
            assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77}, reply);
        }

        @Test
        void shouldAllocateNothingForWhatIsEchoed() {
            network.server(0, SERVER, 7).echoing();
            network.datagramPeer(0, SERVER, 7).echoing();
            int stream = network.connect(0, SERVER, 7);
            int datagrams = network.openDatagram(true, 0);
            network.watch(stream, HostNetwork.READABLE, 1);
            network.watch(datagrams, HostNetwork.READABLE, 2);
            int[] told = {0};
            HostNetwork.ReadinessConsumer consumer = (token, readiness) -> told[0]++;
            assertEquals(0, Allocations.bytesOf(20_000, 20_000, () -> {
                vector.clear();
                vector.add(room, 1000);
                network.write(stream, vector);
                to(SERVER, 7, 1000);
                network.send(datagrams, datagram);
                network.poll(consumer);
                network.read(stream, vector);
                network.receive(datagrams, datagram);
            }));
            assertTrue(told[0] >= 80_000, "told=" + told[0]);
        }

        private void to(long low, int port, int length) {
            datagram.address = room;
            datagram.length = length;
            datagram.peerHigh = 0;
            datagram.peerLow = low;
            datagram.peerPort = port;
            datagram.hopLimit = 0;
            datagram.trafficClass = 0;
        }
    }
}
