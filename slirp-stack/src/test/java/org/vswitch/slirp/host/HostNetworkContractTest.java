package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Errno;

/// What the stack may expect of a host network, held against the real one and the fake one.
abstract class HostNetworkContractTest extends HostNetworkRig {
    @Nested
    class Routing {
        @Test
        void shouldKnowAWayToItself() {
            assertTrue(network.reaches(0, loopback(true)));
            assertTrue(network.reaches(0, loopback(false)));
        }

        @Test
        void shouldKnowNoWayToWhatIsNoPlace() {
            assertFalse(network.reaches(0, 0x0000_ffff_ffff_ffffL), "255.255.255.255");
            assertFalse(network.reaches(0xfe80_0000_0000_0000L, 1), "fe80::1 on no link");
        }
    }

    @Nested
    class Connecting {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldBecomeWritableOnceConnected(boolean v4) throws IOException {
            HostWorld.Server server = world.server(v4);
            int socket = network.connect(0, loopback(v4), server.port());
            assertEquals(WRITABLE, awaitReady(socket, BOTH));
            assertEquals(0, network.connectResult(socket));
            await("the connection at the server", server::accept);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldConnectWithinAHopLimitAndLiftIt(boolean v4) throws IOException {
            HostWorld.Server server = world.server(v4);
            int socket = network.connect(0, loopback(v4), server.port(), 1);
            assertEquals(WRITABLE, awaitReady(socket, BOTH));
            assertEquals(0, network.connectResult(socket));
            error.quoteLength = 0;
            assertEquals(AGAIN, network.receiveError(socket, error));
            assertEquals(0, network.liftHopLimit(socket, v4));
            assertEquals(AGAIN, network.receiveError(socket, error));
            HostWorld.Peer peer = await("the connection at the server", server::accept);
            pieces(0, 7);
            assertEquals(7, network.write(socket, vector));
            peer.send(bytes("text"));
            assertEquals(BOTH, awaitReady(socket, BOTH, READABLE));
            assertEquals(4, network.read(socket, vector));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldTellRefusals(boolean v4) throws IOException {
            int socket = network.connect(0, loopback(v4), world.refusingPort(v4));
            int result = socket;
            if (socket >= 0) {
                assertEquals(BOTH, awaitReady(socket, WRITABLE));
                result = network.connectResult(socket);
            }
            assertEquals(-Errno.ECONNREFUSED.number(), result);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldWaitForAnswersWithoutEnd(boolean v4) throws IOException {
            int socket = network.connect(0, loopback(v4), world.silentPort(v4));
            network.watch(socket, BOTH, 1);
            assertEquals(0, network.poll((token, readiness) -> { }));
            assertEquals(-Errno.EINPROGRESS.number(), network.connectResult(socket));
            network.close(socket);
            assertEquals(0, network.poll((token, readiness) -> { }));
        }
    }

    @Nested
    class Streams {
        private HostWorld.Peer peer;
        private int socket;

        @BeforeEach
        void connect() throws IOException {
            HostWorld.Server server = world.server(true);
            socket = network.connect(0, loopback(true), server.port());
            awaitReady(socket, WRITABLE);
            network.watch(socket, 0, 0);
            peer = await("a connection", server::accept);
        }

        @Test
        void shouldGatherWhatIsWrittenAndScatterWhatIsRead() throws IOException {
            put(0, "one ");
            put(100, "two");
            pieces(0, 4, 100, 3);
            assertEquals(7, network.write(socket, vector));
            assertEquals("one two", text(receive(7)));
            peer.send(bytes("three four"));
            awaitReady(socket, READABLE);
            pieces(0, 6, 100, 50);
            assertEquals(10, network.read(socket, vector));
            assertEquals("three ", text(0, 6));
            assertEquals("four", text(100, 4));
            assertEquals(AGAIN, network.read(socket, vector));
        }

        @Test
        void shouldWriteShortAndBecomeWritableOnceThePeerHasRead() throws IOException {
            pieces(0, ROOM);
            int written = 0;
            int result = network.write(socket, vector);
            assertTrue(result > 0 && result < ROOM, "short: " + result);
            while (result > 0) {
                written += result;
                result = network.write(socket, vector);
            }
            assertEquals(AGAIN, result);
            network.watch(socket, WRITABLE, 1);
            assertEquals(0, network.poll((token, readiness) -> { }));
            receive(written);
            assertEquals(WRITABLE, awaitReady(socket, WRITABLE));
            assertTrue(network.write(socket, vector) > 0);
        }

        @Test
        void shouldReadOnAfterTheEndOfOutput() throws IOException {
            pieces(0, 3);
            assertEquals(3, network.write(socket, vector));
            assertEquals(0, network.endOutput(socket));
            receive(3);
            await("the end", () -> peer.sawEnd() ? true : null);
            assertEquals(-Errno.EPIPE.number(), network.write(socket, vector));
            peer.send(bytes("still there"));
            awaitReady(socket, READABLE);
            pieces(0, 100);
            assertEquals(11, network.read(socket, vector));
            peer.close();
            assertEquals(BOTH, awaitReady(socket, READABLE));
            assertEquals(0, network.read(socket, vector));
        }

        @Test
        void shouldReadAllBeforeTheEndAndWriteOn() throws IOException {
            peer.send(bytes("last words"));
            peer.endOutput();
            pieces(0, 100);
            assertEquals(READABLE, awaitReady(socket, READABLE));
            assertEquals(10, network.read(socket, vector));
            await("the end", () -> network.read(socket, vector) == 0 ? true : null);
            pieces(0, 5);
            assertEquals(5, network.write(socket, vector));
            receive(5);
        }

        @Test
        void shouldTellResetsOnceAndThenTheEnd() throws IOException {
            peer.reset();
            assertEquals(BOTH, awaitReady(socket, READABLE));
            pieces(0, 100);
            assertEquals(-Errno.ECONNRESET.number(), network.read(socket, vector));
            assertEquals(0, network.read(socket, vector));
            assertEquals(-Errno.EPIPE.number(), network.write(socket, vector));
        }

        @Test
        void shouldReadWhatCameBeforeAReset() throws IOException {
            peer.send(bytes("unread"));
            peer.reset();
            assertEquals(BOTH, awaitReady(socket, WRITABLE, BOTH));
            pieces(0, 100);
            assertEquals(6, network.read(socket, vector));
            assertEquals(-Errno.ECONNRESET.number(), network.read(socket, vector));
        }

        @Test
        void shouldTellWritersOfResets() throws IOException {
            peer.reset();
            assertEquals(BOTH, awaitReady(socket, WRITABLE, BOTH));
            pieces(0, 100);
            assertEquals(-Errno.ECONNRESET.number(), network.write(socket, vector));
            assertEquals(-Errno.EPIPE.number(), network.write(socket, vector));
        }

        @Test
        void shouldBeResetByAPeerThatHasClosedWhenItWritesOn() throws IOException {
            peer.close();
            awaitReady(socket, READABLE);
            pieces(0, 100);
            assertEquals(0, network.read(socket, vector));
            assertEquals(100, network.write(socket, vector));
            await("the reset", () -> network.write(socket, vector) == -Errno.EPIPE.number() ? true : null);
        }

        /// Takes that many bytes at the peer, and no more come.
        private byte[] receive(int count) throws IOException {
            var taken = new ByteArrayOutputStream();
            Sandbox.await(count + " bytes", () -> {
                taken.writeBytes((byte[]) call(peer::receive));
                return taken.size() >= count;
            });
            assertEquals(count, taken.size());
            return taken.toByteArray();
        }

        @Test
        void shouldResetThePeer() throws IOException {
            network.reset(socket);
            await("the reset", () -> peer.sawReset() ? true : null);
        }

        @Test
        void shouldEndOrderlyWhenClosed() throws IOException {
            network.close(socket);
            await("the end", () -> peer.sawEnd() ? true : null);
        }

        @Test
        void shouldResetThePeerWhenClosedWithDataUnread() throws IOException {
            peer.send(bytes("unread"));
            awaitReady(socket, READABLE);
            network.close(socket);
            await("the reset", () -> peer.sawReset() ? true : null);
        }
    }

    @Nested
    class Watching {
        @Test
        void shouldTellTheTokenSetLast() throws IOException {
            int socket = readable();
            network.watch(socket, READABLE, 5);
            network.watch(socket, READABLE, 1L << 40);
            long[] told = new long[1];
            assertEquals(1, network.poll((token, readiness) -> told[0] = token));
            assertEquals(1L << 40, told[0]);
        }

        @Test
        void shouldTellAgainAsLongAsItLasts() throws IOException {
            int socket = readable();
            network.watch(socket, READABLE, 5);
            assertEquals(1, network.poll((token, readiness) -> { }));
            assertEquals(1, network.poll((token, readiness) -> { }));
            receiveDatagram(socket);
            assertEquals(0, network.poll((token, readiness) -> { }));
        }

        @Test
        void shouldTellNothingWithoutInterestNotEvenFailures() throws IOException {
            HostWorld.Server server = world.server(true);
            int socket = network.connect(0, loopback(true), server.port());
            awaitReady(socket, WRITABLE);
            network.watch(socket, 0, 1);
            await("a connection", server::accept).reset();
            pieces(0, 1);
            await("the reset", () -> network.connectResult(socket) < 0 ? true : null);
            assertEquals(0, network.poll((token, readiness) -> { }));
            assertEquals(BOTH, awaitReady(socket, READABLE));
        }

        @Test
        void shouldTellOnlyWhatIsWanted() throws IOException {
            int socket = readable();
            assertEquals(READABLE, awaitReady(socket, READABLE));
            assertEquals(WRITABLE, awaitReady(socket, WRITABLE));
            assertEquals(BOTH, awaitReady(socket, BOTH));
        }

        @Test
        void shouldTellNothingOfSocketsClosedMeanwhile() throws IOException {
            int first = readable();
            int second = readable();
            network.watch(first, READABLE, first);
            network.watch(second, READABLE, second);
            int[] reopened = new int[1];
            assertEquals(1, network.poll((token, readiness) -> {
                int other = token == first ? second : first;
                network.close(other);
                reopened[0] = network.openDatagram(true, 0);
                network.watch(reopened[0], BOTH, 99);
                assertEquals(other, reopened[0], "the number is given again");
            }));
        }

        @Test
        void shouldTellNothingThatIsNoLongerWanted() throws IOException {
            int first = readable();
            int second = readable();
            network.watch(first, READABLE, first);
            network.watch(second, READABLE, second);
            assertEquals(1, network.poll((token, readiness) ->
                    network.watch(token == first ? second : first, 0, 0)));
        }

        @Test
        void shouldTellOfManySocketsInTurn() throws IOException {
            boolean[] told = new boolean[600];
            for (int i = 0; i < told.length; i++) {
                network.watch(network.openDatagram(true, 0), WRITABLE, i);
            }
            for (int i = 0; i < 3; i++) {
                int count = network.poll((token, readiness) -> told[(int) token] = true);
                assertTrue(count > 0 && count <= 256, "count=" + count);
            }
            for (boolean one : told) {
                assertTrue(one);
            }
        }

        private int readable() throws IOException {
            HostWorld.Correspondent correspondent = world.correspondent(true);
            int socket = network.openDatagram(true, 0);
            address(true, correspondent.port(), 1);
            assertEquals(1, network.send(socket, datagram));
            correspondent.send(new byte[1], await("a datagram", correspondent::receive).port());
            awaitReady(socket, READABLE);
            return socket;
        }
    }

    @Nested
    class Leaks {
        @Test
        void shouldLeaveNothingOpen() throws IOException {
            HostWorld.Server server = world.server(true);
            int refusing = world.refusingPort(true);
            int before = world.open();
            for (int i = 0; i < 50; i++) {
                int connecting = network.connect(0, loopback(true), server.port());
                network.watch(connecting, BOTH, 1);
                network.reset(connecting);
                int refused = network.connect(0, loopback(true), refusing);
                int datagrams = network.openDatagram(i % 2 == 0, 0);
                network.watch(datagrams, BOTH, 1);
                network.close(datagrams);
                if (refused >= 0) {
                    network.close(refused);
                }
            }
            assertEquals(before, world.open());
        }
    }
}
