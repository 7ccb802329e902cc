package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Sandbox;

/// The behaviours of Linux's internet sockets that the router leans on, over loopback, and the layouts it assumes.
class InetContractTest {
    private static final long V4_LOOPBACK = 0x0000_ffff_7f00_0001L;
    private static final long V6_LOOPBACK = 1;
    private static final int AGAIN = -Errno.EAGAIN.number();

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final InetSockets sockets = keep(new InetSockets());
    private final InetMessageBatch messages = keep(new InetMessageBatch());
    private final InetMessage message = messages.at(0);
    private final long room = map(1 << 17);

    @AfterEach
    void closeAll() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    @Nested
    class Layouts {
        @Test
        void shouldPlaceTheFieldsOfSocketAddressesAsCompilersDo() {
            MemoryLayout v4 = MemoryLayout.structLayout(u16("family"), u16("port"), u32("addr"), bytes("zero", 8));
            assertEquals(SockaddrIn.V4_LENGTH, v4.byteSize());
            assertEquals(SockaddrIn.PORT, offset(v4, "port"));
            assertEquals(SockaddrIn.V4_ADDRESS, offset(v4, "addr"));
            MemoryLayout v6 = MemoryLayout.structLayout(u16("family"), u16("port"), u32("flowinfo"),
                    bytes("addr", 16), u32("scope_id"));
            assertEquals(SockaddrIn.V6_LENGTH, v6.byteSize());
            assertEquals(SockaddrIn.V6_ADDRESS, offset(v6, "addr"));
        }

        @Test
        void shouldPlaceTheFieldsOfMessagesAsCompilersDo() {
            MemoryLayout header = MemoryLayout.structLayout(word("name"), u32("namelen"), bytes("pad", 4), word("iov"),
                    word("iovlen"), word("control"), word("controllen"), u32("flags"), bytes("end", 4));
            assertEquals(InetMessage.HEADER, header.byteSize());
            assertEquals(InetMessage.NAME_LENGTH, offset(header, "namelen"));
            assertEquals(InetMessage.IOV, offset(header, "iov"));
            assertEquals(InetMessage.IOV_COUNT, offset(header, "iovlen"));
            assertEquals(InetMessage.CONTROL, offset(header, "control"));
            assertEquals(InetMessage.CONTROL_LENGTH, offset(header, "controllen"));
            assertEquals(InetMessage.FLAGS, offset(header, "flags"));
            MemoryLayout error = MemoryLayout.structLayout(u32("errno"), bytes("origin", 1), bytes("type", 1),
                    bytes("code", 1), bytes("pad", 1), u32("info"), u32("data"));
            assertEquals(InetMessage.ERROR_LENGTH, error.byteSize());
            assertEquals(InetMessage.ERROR_ORIGIN, offset(error, "origin"));
            assertEquals(InetMessage.ERROR_TYPE, offset(error, "type"));
            assertEquals(InetMessage.ERROR_CODE, offset(error, "code"));
            assertEquals(InetMessage.ERROR_INFORMATION, offset(error, "info"));
        }

        private static ValueLayout u16(String name) {
            return ValueLayout.JAVA_SHORT.withName(name);
        }

        private static ValueLayout u32(String name) {
            return ValueLayout.JAVA_INT.withName(name);
        }

        private static ValueLayout word(String name) {
            return ValueLayout.JAVA_LONG.withName(name);
        }

        private static MemoryLayout bytes(String name, int count) {
            return MemoryLayout.sequenceLayout(count, ValueLayout.JAVA_BYTE).withName(name);
        }

        private static long offset(MemoryLayout layout, String field) {
            return layout.byteOffset(PathElement.groupElement(field));
        }
    }

    @Nested
    class Connecting {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldBecomeWritableOnceConnected(boolean v4) throws IOException {
            int socket = keepSocket(sockets.openStream(v4));
            int result = sockets.connect(socket, 0, loopback(v4), listener(v4));
            assertTrue(result == 0 || result == -Errno.EINPROGRESS.number(), Errno.name(-result));
            assertEquals(Epoll.WRITABLE, awaitReady(socket, Epoll.WRITABLE));
            assertEquals(0, sockets.takeError(socket));
            assertEquals(0, sockets.connected(socket));
            assertEquals(0, sockets.noDelay(socket));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldTellARefusalOnce(boolean v4) throws IOException {
            int socket = keepSocket(sockets.openStream(v4));
            int result = sockets.connect(socket, 0, loopback(v4), refusingPort(v4));
            if (result == -Errno.EINPROGRESS.number()) {
                assertEquals(Epoll.FAILED | Epoll.READABLE | Epoll.WRITABLE, awaitReady(socket, Epoll.READABLE
                        | Epoll.WRITABLE));
                result = sockets.takeError(socket);
            }
            assertEquals(-Errno.ECONNREFUSED.number(), result);
            assertEquals(0, sockets.takeError(socket));
            assertEquals(-Errno.ENOTCONN.number(), sockets.connected(socket));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldChooseThePortOfAnAddressAtConnect(boolean v4) throws IOException {
            int socket = keepSocket(sockets.openStream(v4));
            assertEquals(0, sockets.bindAddressNoPort(socket));
            assertEquals(0, sockets.bind(socket, 0, loopback(v4), 0));
            assertEquals(0, sockets.localPort(socket));
            sockets.connect(socket, 0, loopback(v4), listener(v4));
            assertNotEquals(0, sockets.localPort(socket));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldLimitHopsAndLiftTheLimit(boolean v4) {
            int socket = keepSocket(sockets.openStream(v4));
            int usual = hopLimit(socket, v4);
            assertEquals(0, sockets.hopLimit(socket, v4, 3));
            assertEquals(3, hopLimit(socket, v4));
            assertEquals(0, sockets.hopLimit(socket, v4, 0));
            assertEquals(usual, hopLimit(socket, v4));
            assertEquals(-Errno.EINVAL.number(), sockets.hopLimit(socket, v4, 256));
        }

        private int hopLimit(int socket, boolean v4) {
            long value = map(16);
            NativeMemory.putInt(value + 8, Integer.BYTES);
            assertEquals(0, LibC.getsockopt(socket, v4 ? Constants.IPPROTO_IP : Constants.IPPROTO_IPV6,
                    v4 ? Constants.IP_TTL : Constants.IPV6_UNICAST_HOPS, new LibC.Region(value, value + 8)));
            return NativeMemory.getInt(value);
        }

        @Test
        void shouldReadScatteredAndWriteGathered() throws IOException {
            Sockets.Pair pair = connected();
            long vectors = map(64);
            vector(vectors, room, 3);
            vector(vectors + 16, room + 100, 4);
            NativeMemory.copyIn(new byte[] {1, 2, 3}, 0, room, 3);
            NativeMemory.copyIn(new byte[] {4, 5, 6, 7}, 0, room + 100, 4);
            assertEquals(7, sockets.write(pair.first().number(), vectors, 2));
            vector(vectors, room + 200, 5);
            vector(vectors + 16, room + 300, 50);
            awaitReady(pair.second().number(), Epoll.READABLE);
            assertEquals(7, sockets.read(pair.second().number(), vectors, 2));
            assertEquals(5, NativeMemory.getByte(room + 204));
            assertEquals(7, NativeMemory.getByte(room + 301));
            assertEquals(AGAIN, sockets.read(pair.second().number(), vectors, 2));
        }

        @Test
        void shouldSeeTheEndButWriteOn() throws IOException {
            Sockets.Pair pair = connected();
            long vectors = map(16);
            vector(vectors, room, 9);
            assertEquals(0, sockets.endOutput(pair.first().number()));
            awaitReady(pair.second().number(), Epoll.READABLE);
            assertEquals(0, sockets.read(pair.second().number(), vectors, 1));
            assertEquals(9, sockets.write(pair.second().number(), vectors, 1));
            awaitReady(pair.first().number(), Epoll.READABLE);
            assertEquals(9, sockets.read(pair.first().number(), vectors, 1));
        }

        @Test
        void shouldSeeAResetAndNoSignal() throws IOException {
            Sockets.Pair pair = connected();
            long vectors = map(16);
            vector(vectors, room, 9);
            assertEquals(0, sockets.resetOnClose(pair.first().number()));
            pair.first().close();
            assertEquals(Epoll.FAILED | Epoll.READABLE, awaitReady(pair.second().number(), Epoll.READABLE));
            assertEquals(-Errno.ECONNRESET.number(), sockets.read(pair.second().number(), vectors, 1));
            assertEquals(-Errno.EPIPE.number(), sockets.write(pair.second().number(), vectors, 1));
        }

        @Test
        void shouldReportFailuresOnceToAnEdgeWithoutInterest() throws IOException {
            Sockets.Pair pair = connected();
            Epoll epoll = keep(new Epoll(4));
            epoll.add(pair.second().number(), Epoll.EDGE, 5);
            sockets.resetOnClose(pair.first().number());
            pair.first().close();
            Sandbox.await("the reset", () -> epoll.await(0) == 1);
            assertEquals(0, epoll.await(0), "told once");
            assertEquals(0, epoll.modify(pair.second().number(), Epoll.READABLE, 6));
            assertEquals(1, epoll.await(0), "a new interest looks again");
            assertEquals(6, epoll.token(0));
        }

        private Sockets.Pair connected() throws IOException {
            Fd listening = keep(new Fd(sockets.openStream(true)));
            sockets.bind(listening.number(), 0, V4_LOOPBACK, 0);
            Sockets.listen(listening, 1);
            Fd socket = keep(new Fd(sockets.openStream(true)));
            sockets.connect(socket.number(), 0, V4_LOOPBACK, sockets.localPort(listening.number()));
            awaitReady(listening.number(), Epoll.READABLE);
            return new Sockets.Pair(socket, keep(new Fd(Sockets.accept(listening))));
        }
    }

    @Nested
    class Datagrams {
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldCarryHopLimitAndTrafficClassBothWays(boolean v4) throws IOException {
            int receiver = datagramSocket(v4);
            int sender = datagramSocket(v4);
            message.destination(0, loopback(v4), sockets.localPort(receiver));
            message.delivery(7, 0xb8);
            assertEquals(5, message.send(sender, room, 5));
            awaitReady(receiver, Epoll.READABLE);
            assertEquals(5, message.receive(receiver, room, 100));
            assertEquals(7, message.hopLimit());
            assertEquals(0xb8, message.trafficClass());
            assertEquals(0, message.peerHigh());
            assertEquals(loopback(v4), message.peerLow());
            assertEquals(sockets.localPort(sender), message.peerPort());
            assertEquals(AGAIN, message.receive(receiver, room, 100));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldUseTheDefaultsWhereNothingIsSaid(boolean v4) throws IOException {
            int receiver = datagramSocket(v4);
            message.destination(0, loopback(v4), sockets.localPort(receiver));
            message.delivery(0, 0);
            assertEquals(0, message.send(datagramSocket(v4), room, 0));
            awaitReady(receiver, Epoll.READABLE);
            assertEquals(0, message.receive(receiver, room, 100));
            assertEquals(64, message.hopLimit());
            assertEquals(0, message.trafficClass());
        }

        @Test
        void shouldMarkWhatIsCut() throws IOException {
            int receiver = datagramSocket(true);
            message.destination(0, V4_LOOPBACK, sockets.localPort(receiver));
            message.delivery(0, 0);
            message.send(datagramSocket(true), room, 50);
            awaitReady(receiver, Epoll.READABLE);
            assertEquals(49, message.receive(receiver, room, 49));
            assertTrue(message.isCut());
        }

        @Test
        void shouldKeepPortsOfBothFamiliesApart() {
            int v6 = datagramSocket(false);
            int v4 = keepSocket(sockets.openDatagram(true));
            assertEquals(0, sockets.bindAny(v4, true, sockets.localPort(v6)));
            int second = keepSocket(sockets.openDatagram(true));
            assertEquals(-Errno.EADDRINUSE.number(), sockets.bindAny(second, true, sockets.localPort(v6)));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldReportUnreachablePortsWithTypeCodeAndQuote(boolean v4) throws IOException {
            int socket = datagramSocket(v4);
            int port = unreachablePort(v4);
            assertEquals(AGAIN, message.receiveError(socket, room, 100));
            NativeMemory.putByte(room + 1000 + 19, 0x5a);
            message.destination(0, loopback(v4), port);
            message.delivery(0, 0);
            assertEquals(20, message.send(socket, room + 1000, 20));
            assertEquals(8, awaitReady(socket, Epoll.READABLE) & Epoll.FAILED, "EPOLLERR");
            assertEquals(20, message.receiveError(socket, room, 100));
            assertEquals(0x5a, NativeMemory.getByte(room + 19));
            assertTrue(message.isIcmp());
            assertEquals(Errno.ECONNREFUSED.number(), message.errorNumber());
            assertEquals(v4 ? 3 : 1, message.errorType());
            assertEquals(v4 ? 3 : 4, message.errorCode());
            assertEquals(loopback(v4), message.reporterLow());
            assertEquals(loopback(v4), message.peerLow());
            assertEquals(port, message.peerPort());
            assertEquals(AGAIN, message.receiveError(socket, room, 100));
            assertEquals(AGAIN, message.receive(socket, room, 100), "taking the report took the error");
        }

        /// The kernel returns what it has heard about an earlier one in place of the next result.
        @Test
        void shouldSendAndReceiveInSpiteOfAReportAboutAnEarlierDatagram() throws IOException {
            int receiver = datagramSocket(true);
            int socket = datagramSocket(true);
            leaveReport(socket);
            message.destination(0, V4_LOOPBACK, sockets.localPort(receiver));
            assertEquals(20, message.send(socket, room, 20));
            awaitReady(receiver, Epoll.READABLE);
            assertEquals(20, message.receive(receiver, room, 100));
            leaveReport(socket);
            assertEquals(AGAIN, message.receive(socket, room, 100));
            assertEquals(20, message.receiveError(socket, room, 100), "the reports stay");
            assertEquals(20, message.receiveError(socket, room, 100));
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldCarryABatchWithItsOwnDestinationsAndHopLimits(boolean v4) throws IOException {
            int sender = datagramSocket(v4);
            int[] receivers = {datagramSocket(v4), datagramSocket(v4)};
            for (int i = 0; i < 6; i++) {
                messages.at(i).destination(0, loopback(v4), sockets.localPort(receivers[i & 1]));
                messages.at(i).delivery(10 + i, 0x20 + 4 * i);
                messages.at(i).content(room + 100 * i, i);
                NativeMemory.putByte(room + 100 * i, i);
            }
            assertEquals(5, messages.send(sender, 1, 6), "all but the first");
            for (int i = 0; i < 4; i++) {
                messages.at(i).content(room + 1000 + 100 * i, 100);
            }
            awaitReady(receivers[1], Epoll.READABLE);
            Sandbox.await("three datagrams", () -> messages.receive(receivers[1], 4) == 3);
            for (int i = 0; i < 3; i++) {
                int sent = 1 + 2 * i;
                assertEquals(sent, messages.length(i));
                assertEquals(sent, NativeMemory.getByte(room + 1000 + 100 * i));
                assertEquals(10 + sent, messages.at(i).hopLimit());
                assertEquals(0x20 + 4 * sent, messages.at(i).trafficClass());
                assertEquals(sockets.localPort(sender), messages.at(i).peerPort());
            }
            assertEquals(AGAIN, messages.receive(receivers[1], 4));
            assertEquals(1, messages.receive(receivers[0], 1), "one of the two");
            assertEquals(2, messages.length(0));
        }

        @Test
        void shouldSendABatchInSpiteOfReportsAndTellWhyOneCannotGo() throws IOException {
            int receiver = datagramSocket(true);
            int socket = datagramSocket(true);
            leaveReport(socket);
            for (int i = 0; i < 4; i++) {
                messages.at(i).destination(0, V4_LOOPBACK, sockets.localPort(receiver));
                messages.at(i).delivery(0, 0);
                messages.at(i).content(room, i == 2 ? 65_508 : 10);
            }
            assertEquals(2, messages.send(socket, 0, 4));
            assertEquals(-Errno.EMSGSIZE.number(), messages.send(socket, 2, 4));
            assertEquals(1, messages.send(socket, 3, 4));
        }

        @Test
        void shouldReportWhatTheHostItselfRefusesWithoutIcmp() {
            int socket = datagramSocket(true);
            message.destination(0, V4_LOOPBACK, 9);
            message.delivery(0, 0);
            assertEquals(-Errno.EMSGSIZE.number(), message.send(socket, room, 65_508));
            assertTrue(message.receiveError(socket, room, 100) >= 0);
            assertTrue(!message.isIcmp());
            assertEquals(Errno.EMSGSIZE.number(), message.errorNumber());
            assertEquals(0, message.reporterLow());
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void shouldRefusePingSocketsToThoseOutsideTheRange(boolean v4) {
            int socket = sockets.openPing(v4);
            if (socket >= 0) {
                InetSockets.close(socket);
            }
            assumeTrue(socket < 0, "ping sockets are permitted here");
            assertEquals(-Errno.EACCES.number(), socket);
        }

        private int datagramSocket(boolean v4) {
            int socket = keepSocket(sockets.openDatagram(v4));
            assertEquals(0, sockets.bindAny(socket, v4, 0));
            assertEquals(0, sockets.reportErrors(socket, v4, true));
            assertEquals(0, sockets.reportHopLimit(socket, v4));
            assertEquals(0, sockets.reportTrafficClass(socket, v4));
            return socket;
        }
    }

    private static long loopback(boolean v4) {
        return v4 ? V4_LOOPBACK : V6_LOOPBACK;
    }

    private static void vector(long at, long base, int length) {
        NativeMemory.putLong(at, base);
        NativeMemory.putLong(at + 8, length);
    }

    private int listener(boolean v4) throws IOException {
        Fd listening = keep(new Fd(sockets.openStream(v4)));
        assertEquals(0, sockets.bind(listening.number(), 0, loopback(v4), 0));
        Sockets.listen(listening, 4);
        return sockets.localPort(listening.number());
    }

    /// A port that refuses connections: taken, so that nobody else listens on it, but not listened on.
    private int refusingPort(boolean v4) {
        int socket = keepSocket(sockets.openStream(v4));
        assertEquals(0, sockets.bind(socket, 0, loopback(v4), 0));
        return sockets.localPort(socket);
    }

        private void leaveReport(int socket) throws IOException {
            message.destination(0, V4_LOOPBACK, unreachablePort(true));
            message.delivery(0, 0);
            assertEquals(20, message.send(socket, room, 20));
            assertEquals(8, awaitReady(socket, Epoll.READABLE) & Epoll.FAILED, "EPOLLERR");
        }

    /// A port that is unreachable to all but one: the socket on it is connected.
    private int unreachablePort(boolean v4) {
        int socket = keepSocket(sockets.openDatagram(v4));
        assertEquals(0, sockets.bind(socket, 0, loopback(v4), 0));
        assertEquals(0, sockets.connect(socket, 0, loopback(v4), 9));
        return sockets.localPort(socket);
    }

    private int awaitReady(int socket, int interest) throws IOException {
        try (Epoll epoll = new Epoll(1)) {
            epoll.add(socket, interest, 1);
            Sandbox.await("socket " + socket, () -> epoll.await(0) == 1);
            return epoll.ready(0);
        }
    }

    private int keepSocket(int socket) {
        return keep(new Fd(socket)).number();
    }

    private <T extends AutoCloseable> T keep(T one) {
        opened.push(one);
        return one;
    }

    private long map(long length) {
        long address = NativeMemory.map(length);
        opened.push(() -> NativeMemory.unmap(address, length));
        return address;
    }
}
