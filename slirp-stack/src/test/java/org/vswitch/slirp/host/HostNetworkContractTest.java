package org.vswitch.slirp.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;

/// What the stack may expect of a host network, held against the real one and the fake one.
abstract class HostNetworkContractTest {
    private static final int AGAIN = -Errno.EAGAIN.number();
    private static final int READABLE = HostNetwork.READABLE;
    private static final int WRITABLE = HostNetwork.WRITABLE;
    private static final int BOTH = READABLE | WRITABLE;
    private static final int ROOM = 4 << 20;

    private final IoVector vector = new IoVector();
    private final HostDatagram datagram = new HostDatagram();
    private final HostError error = new HostError();
    private HostWorld world;
    private HostNetwork network;
    private long room;

    abstract HostWorld world() throws IOException;

    @BeforeEach
    void open() throws IOException {
        room = NativeMemory.map(ROOM);
        world = world();
        network = world.network();
    }

    @AfterEach
    void close() throws IOException {
        world.close();
        NativeMemory.unmap(room, ROOM);
    }

    static long loopback(boolean v4) {
        return v4 ? 0x0000_ffff_7f00_0001L : 1;
    }

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
    class Datagrams {
        @ParameterizedTest
        @CsvSource({"true,0", "true,1", "true,1472", "true,65507", "false,0", "false,1", "false,1472", "false,65507"})
        void shouldGoBothWaysWhole(boolean v4, int length) throws IOException {
            HostWorld.Correspondent correspondent = world.correspondent(v4);
            int socket = network.openDatagram(v4, 0);
            byte[] bytes = pattern(length);
            NativeMemory.copyIn(bytes, 0, room, length);
            address(v4, correspondent.port(), length);
            assertEquals(length, network.send(socket, datagram));
            FakeDatagram received = await("a datagram", correspondent::receive);
            assertArrayEquals(bytes, received.bytes());
            correspondent.send(bytes, received.port());
            assertEquals(READABLE, awaitReady(socket, READABLE));
            assertArrayEquals(bytes, receiveDatagram(socket));
            assertEquals(0, datagram.peerHigh);
            assertEquals(loopback(v4), datagram.peerLow);
            assertEquals(correspondent.port(), datagram.peerPort);
            assertEquals(64, datagram.hopLimit);
            assertEquals(0, datagram.trafficClass);
            assertEquals(AGAIN, network.receive(socket, datagram));
        }

        @ParameterizedTest
        @CsvSource({"true,65508", "false,65528"})
        void shouldRefuseWhatNoDatagramHolds(boolean v4, int length) throws IOException {
            address(v4, world.correspondent(v4).port(), length);
            assertEquals(-Errno.EMSGSIZE.number(), network.send(network.openDatagram(v4, 0), datagram));
        }

        @Test
        void shouldLoseWhatHasNoRoom() throws IOException {
            HostWorld.Correspondent correspondent = world.correspondent(true);
            int port = world.freePort(true);
            int socket = network.openDatagram(true, port);
            correspondent.send(new byte[100], port);
            correspondent.send(new byte[50], port);
            awaitReady(socket, READABLE);
            datagram.address = room;
            datagram.length = 99;
            assertEquals(-Errno.EMSGSIZE.number(), network.receive(socket, datagram));
            assertEquals(50, await("the other", () -> receiveDatagram(socket)).length);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldKeepThePortWhereItIsFreeAndReplaceItWhereItIsTaken(boolean v4) throws IOException {
            HostWorld.Correspondent correspondent = world.correspondent(v4);
            int port = world.freePort(v4);
            assertEquals(port, sourcePort(network.openDatagram(v4, port), correspondent, v4));
            int second = sourcePort(network.openDatagram(v4, port), correspondent, v4);
            assertNotEquals(port, second);
            assertNotEquals(0, second);
        }

        @Test
        void shouldKeepThePortsOfBothFamiliesApart() throws IOException {
            int port = world.freePort(true);
            int v4 = network.openDatagram(true, port);
            int v6 = network.openDatagram(false, port);
            assertEquals(port, sourcePort(v6, world.correspondent(false), false));
            assertEquals(port, sourcePort(v4, world.correspondent(true), true));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldReportUnreachablePorts(boolean v4) throws IOException {
            int port = world.unreachablePort(v4);
            int socket = network.openDatagram(v4, 0);
            assertEquals(AGAIN, takeReport(socket));
            put(0, "to nobody");
            address(v4, port, 9);
            assertEquals(9, network.send(socket, datagram));
            assertEquals(BOTH, awaitReady(socket, READABLE));
            assertEquals(0, takeReport(socket));
            assertEquals(Errno.ECONNREFUSED.number(), error.errno);
            assertEquals(v4 ? 3 : 1, error.type);
            assertEquals(v4 ? 3 : 4, error.code);
            assertEquals(0, error.reporterHigh);
            assertEquals(loopback(v4), error.reporterLow);
            assertEquals(0, error.destinationHigh);
            assertEquals(loopback(v4), error.destinationLow);
            assertEquals(port, error.destinationPort);
            assertEquals("to nobody", text(error.quoteAddress - room, error.quoteLength));
            assertEquals(AGAIN, takeReport(socket));
            assertEquals(0, network.poll((token, readiness) -> { }), "nothing is left of it");
        }

        @Test
        void shouldSendAndReceiveThoughAReportWaits() throws IOException {
            HostWorld.Correspondent correspondent = world.correspondent(true);
            int socket = network.openDatagram(true, 0);
            int own = sourcePort(socket, correspondent, true);
            unreachable(socket);
            assertEquals(own, sourcePort(socket, correspondent, true));
            unreachable(socket);
            correspondent.send(new byte[7], own);
            await("the datagram behind the error", () -> receiveDatagram(socket));
            for (int i = 0; i < 2; i++) {
                await("a report", () -> takeReport(socket) == 0 ? true : null);
            }
            assertEquals(AGAIN, takeReport(socket));
        }

        private void unreachable(int socket) throws IOException {
            address(true, world.unreachablePort(true), 5);
            assertEquals(5, network.send(socket, datagram));
            assertEquals(BOTH, awaitReady(socket, READABLE));
        }

        private int sourcePort(int socket, HostWorld.Correspondent correspondent, boolean v4) {
            address(v4, correspondent.port(), 3);
            assertEquals(3, network.send(socket, datagram));
            return await("a datagram", correspondent::receive).port();
        }

        private int takeReport(int socket) {
            error.quoteAddress = room + 100;
            error.quoteLength = 200;
            return network.receiveError(socket, error);
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

    private int awaitReady(int socket, int interest) {
        return awaitReady(socket, interest, 0);
    }

    /// Waits until a socket is ready, with at least some readiness.
    private int awaitReady(int socket, int interest, int least) {
        network.watch(socket, interest, socket);
        int[] result = {0};
        Sandbox.await("socket " + socket, () -> {
            network.poll((token, readiness) -> result[0] = token == socket ? readiness : result[0]);
            return result[0] != 0 && (result[0] & least) == least;
        });
        return result[0];
    }

    private static <T> T await(String what, Callable<T> source) {
        Object[] result = new Object[1];
        Sandbox.await(what, () -> (result[0] = call(source)) != null);
        @SuppressWarnings("unchecked")
        T found = (T) result[0];
        return found;
    }

    private static Object call(Callable<?> source) {
        try {
            return source.call();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    private void pieces(int... offsetsAndLengths) {
        vector.clear();
        for (int i = 0; i < offsetsAndLengths.length; i += 2) {
            assertTrue(vector.add(room + offsetsAndLengths[i], offsetsAndLengths[i + 1]));
        }
    }

    private void address(boolean v4, int port, int length) {
        datagram.address = room;
        datagram.length = length;
        datagram.peerHigh = 0;
        datagram.peerLow = loopback(v4);
        datagram.peerPort = port;
        datagram.hopLimit = 0;
        datagram.trafficClass = 0;
    }

    /// The next datagram; null if there is none.
    private byte[] receiveDatagram(int socket) {
        datagram.address = room + (1 << 20);
        datagram.length = 1 << 16;
        int result = network.receive(socket, datagram);
        if (result < 0) {
            assertEquals(AGAIN, result);
            return null;
        }
        assertEquals(result, datagram.length);
        byte[] bytes = new byte[result];
        NativeMemory.copyOut(datagram.address, bytes, 0, result);
        return bytes;
    }

    private void put(int offset, String text) {
        NativeMemory.copyIn(bytes(text), 0, room + offset, text.length());
    }

    private String text(long offset, int length) {
        byte[] bytes = new byte[length];
        NativeMemory.copyOut(room + offset, bytes, 0, length);
        return text(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }
}
