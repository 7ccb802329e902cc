package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Sandbox;

/// The behaviours of Linux that the switch leans on: where one of these fails, the kernel is not what we think.
class KernelContractTest {
    private static final int FRAME = 60;
    private final List<AutoCloseable> opened = new ArrayList<>();
    @TempDir
    private Path directory;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    @Nested
    class DatagramQueues {
        @Test
        void shouldLimitMutuallyConnectedSocketsByTheSendBufferAlone() throws IOException {
            int small = fill(mutual(16 << 10).first());
            int large = fill(mutual(64 << 10).first());
            assertTrue(large > 3 * small && large < 5 * small, small + " and " + large + " of four times the buffer");
        }

        @Test
        void shouldHoldManyFullFramesInTheDefaultSendBuffer() throws IOException {
            Fd sender = mutual(0).first();
            int sent = 0;
            while (Sockets.send(sender, new byte[1514]) > 0) {
                sent++;
            }
            assertTrue(sent >= 64, "a batch fits whatever max_dgram_qlen is; sent=" + sent);
        }

        @Test
        void shouldLimitOneSidedConnectionsByTheReceiversQueue() throws IOException {
            int limit = Sandbox.kernelSetting("net/unix/max_dgram_qlen");
            assumeTrue(limit < 200, "net.unix.max_dgram_qlen=" + limit + " is beyond the send buffer");
            Fd receiver = bound("receiver");
            Fd sender = connected("sender", "receiver");
            assertEquals(limit + 1, fill(sender));
            assertEquals(FRAME, Sockets.receive(receiver, new byte[FRAME]));
            assertEquals(1, fill(sender));
        }

        @Test
        void shouldReportWritableAgainOnceMutuallyConnectedPeerDrained() throws IOException {
            Sockets.Pair pair = mutual(0);
            assertWritableOnceDrained(pair.first(), pair.second());
        }

        @Test
        void shouldReportWritableAgainOnceOneSidedPeerDrained() throws IOException {
            Fd receiver = bound("receiver");
            assertWritableOnceDrained(connected("sender", "receiver"), receiver);
        }

        private void assertWritableOnceDrained(Fd sender, Fd receiver) throws IOException {
            Epoll epoll = epollOf(sender, Epoll.WRITABLE);
            assertEquals(1, epoll.await(0));
            fill(sender);
            assertEquals(0, epoll.await(0), "full");
            while (Sockets.receive(receiver, new byte[FRAME]) > 0) {
                assertTrue(receiver.number() >= 0);
            }
            assertEquals(1, epoll.await(0), "drained");
            assertEquals(Epoll.WRITABLE, epoll.ready(0));
        }
    }

    @Nested
    class DatagramPeers {
        @Test
        void shouldRefuseEverybodyButThePeer() throws IOException {
            mutual("a", "b");
            Fd stranger = bound("stranger");
            LinuxException refusal = assertThrows(LinuxException.class, () -> Sockets.connect(stranger, path("b")));
            assertTrue(refusal.is(Errno.EPERM), refusal.getMessage());
            assertEquals(-Errno.EPERM.number(), sendTo(stranger, path("b"), 14));
        }

        @Test
        void shouldRefuseOnceAndThenBeUnconnectedWhenThePeerCloses() throws IOException {
            Sockets.Pair pair = mutual("a", "b");
            pair.second().close();
            assertEquals(-Errno.ECONNREFUSED.number(), firstFailure(pair.first()));
            assertEquals(-Errno.ENOTCONN.number(), Sockets.send(pair.first(), new byte[14]));
        }

        @Test
        void shouldNotKeepASocketReadyWhosePeerClosed() throws IOException {
            Sockets.Pair pair = mutual("a", "b");
            Epoll epoll = epollOf(pair.first(), Epoll.READABLE);
            Sockets.send(pair.second(), new byte[14]);
            pair.second().close();
            assertEquals(1, epoll.await(0));
            assertEquals(Epoll.READABLE, epoll.ready(0), "what was sent before can still be read");
            assertEquals(14, Sockets.receive(pair.first(), new byte[14]));
            assertEquals(0, epoll.await(0), "before the first refusal");
            assertEquals(-Errno.ECONNREFUSED.number(), firstFailure(pair.first()));
            assertEquals(0, epoll.await(0), "after it");
            assertEquals(-Errno.EAGAIN.number(), Sockets.receive(pair.first(), new byte[14]));
        }

        @Test
        void shouldReportAnErrorOnceWhenAPeerReconnectsThatHadNotReadAll() throws IOException {
            Sockets.Pair pair = mutual("a", "b");
            bound("c");
            Sockets.send(pair.first(), new byte[14]);
            Sockets.connect(pair.second(), path("c"));
            Epoll epoll = epollOf(pair.first(), Epoll.READABLE);
            assertEquals(1, epoll.await(0));
            assertEquals(-Errno.ECONNRESET.number(), new MessageBatch().receive(pair.first().number(), 2));
            assertEquals(0, epoll.await(0), "reading took the error away");
        }

        @Test
        void shouldConnectAndBindWithTheWholeStructure() throws IOException {
            assertEquals(110, path("x").length());
            Fd socket = bound("x");
            assertEquals(path("x").path(), Sockets.localAddress(socket).path());
            assertTrue(Files.exists(Path.of(path("x").path())));
        }

        @Test
        void shouldCarryDatagramsOfAbstractNamesThatFillTheStructure() throws IOException {
            byte[] name = new byte[SocketAddress.UNIX_LENGTH];
            name[0] = Constants.AF_UNIX;
            byte[] text = ("vswitch-test-" + ProcessHandle.current().pid()).getBytes(
                    java.nio.charset.StandardCharsets.US_ASCII);
            System.arraycopy(text, 0, name, 3, text.length);
            name[109] = 7;
            SocketAddress address = SocketAddress.ofBytes(name);
            assertTrue(address.isAbstract());
            Fd receiver = keep(Sockets.open(Sockets.Type.DATAGRAM, true));
            Sockets.bind(receiver, address);
            Fd sender = bound("sender");
            Sockets.connect(sender, address);
            assertEquals(FRAME, Sockets.send(sender, new byte[FRAME]));
            assertEquals(FRAME, Sockets.receive(receiver, new byte[100]));
        }
    }

    @Nested
    class MessageArrays {
        private final MessageBatch messages = new MessageBatch();

        @Test
        void shouldTellTheTrueLengthOfACutDatagram() throws IOException {
            Sockets.Pair pair = pair(Sockets.Type.DATAGRAM);
            long room = map(4096);
            messages.receiveInto(0, room, 20);
            Sockets.send(pair.first(), new byte[3000]);
            assertEquals(1, messages.receive(pair.second().number(), 1));
            assertEquals(3000, messages.length(0));
        }

        @Test
        void shouldSendThePrefixBeforeAnErrorAndLeaveNoTrace() throws IOException {
            Sockets.Pair pair = pair(Sockets.Type.DATAGRAM);
            long bytes = map(2 << 20);
            messages.begin(null);
            for (int length : new int[] {60, 61, 2 << 20, 62}) {
                messages.startMessage(1);
                messages.addPiece(bytes, length);
            }
            assertEquals(2, messages.send(pair.first().number(), 0));
            assertEquals(-Errno.EMSGSIZE.number(), messages.send(pair.first().number(), 2));
            assertEquals(1, messages.send(pair.first().number(), 3));
            assertEquals(-Errno.EAGAIN.number(), Sockets.receive(pair.first(), new byte[1]));
            for (int length : new int[] {60, 61, 62}) {
                assertEquals(length, Sockets.receive(pair.second(), new byte[100]));
            }
        }

        @Test
        void shouldSendAPrefixWhenFullAndThenNothing() throws IOException {
            Sockets.Pair pair = mutual(4 << 10);
            long bytes = map(4096);
            messages.begin(null);
            while (messages.hasRoom(1)) {
                messages.startMessage(1);
                messages.addPiece(bytes, 1514);
            }
            int sent = messages.send(pair.first().number(), 0);
            assertTrue(sent > 0 && sent < MessageBatch.CAPACITY, "sent=" + sent);
            assertEquals(-Errno.EAGAIN.number(), messages.send(pair.first().number(), sent));
        }

        @Test
        void shouldReceiveWhatWaitsAndNoMore() throws IOException {
            Sockets.Pair pair = mutual(0);
            long room = map(MessageBatch.CAPACITY * 64L);
            for (int i = 0; i < MessageBatch.CAPACITY; i++) {
                messages.receiveInto(i, room + i * 64L, 64);
            }
            for (int i = 0; i < 100; i++) {
                assertEquals(14 + i % 40, Sockets.send(pair.first(), new byte[14 + i % 40]));
            }
            assertEquals(64, messages.receive(pair.second().number(), 64));
            assertEquals(36, messages.receive(pair.second().number(), 64));
            assertEquals(14 + 64 % 40, messages.length(0));
            assertEquals(-Errno.EAGAIN.number(), messages.receive(pair.second().number(), 64));
        }
    }

    @Nested
    class Streams {
        @Test
        void shouldNameThePeersUser() throws IOException {
            Fd listener = listener(4);
            Fd client = keep(Sockets.open(Sockets.Type.STREAM, false));
            Sockets.connect(client, path("ctl"));
            Fd server = keep(new Fd(Sockets.accept(listener)));
            for (Fd end : List.of(client, server)) {
                assertEquals(OwnProcess.userId(), Sockets.peer(end.number()).uid());
                assertEquals(OwnProcess.groupId(), Sockets.peer(end.number()).gid());
                assertEquals(ProcessHandle.current().pid(), Sockets.peer(end.number()).pid());
            }
        }

        @Test
        void shouldGiveUpConnectingAfterTheTimeout() throws IOException {
            listener(0);
            LinuxException refusal = assertThrows(LinuxException.class, () -> {
                for (int i = 0; i < 10; i++) {
                    Fd client = keep(Sockets.open(Sockets.Type.STREAM, false));
                    Sockets.timeout(client, 20);
                    Sockets.connect(client, path("ctl"));
                }
            });
            assertTrue(refusal.is(Errno.EAGAIN), refusal.getMessage());
        }

        @Test
        void shouldGiveUpReadingAfterTheTimeout() throws IOException {
            Sockets.Pair pair = pair(Sockets.Type.STREAM, false);
            Sockets.timeout(pair.first(), 20);
            assertEquals(-Errno.EAGAIN.number(), Sockets.receive(pair.first(), new byte[1]));
        }

        @Test
        void shouldWakeAReaderByShutdown() throws Exception {
            Fd end = pair(Sockets.Type.STREAM, false).first();
            int[] result = {1};
            Thread reader = Thread.ofPlatform().start(() -> result[0] = Sockets.receive(end, new byte[1]));
            Sockets.shutdown(end);
            reader.join(10_000);
            assertEquals(0, result[0]);
        }

        @Test
        void shouldRefuseToConnectToASocketNobodyListensOn() throws IOException {
            listener(1).close();
            LinuxException refusal = assertThrows(LinuxException.class, () -> {
                for (int i = 0; i < 100_000; i++) {
                    try (Fd client = Sockets.open(Sockets.Type.STREAM, true)) {
                        Sockets.connect(client, path("ctl"));
                    }
                }
            });
            assertTrue(refusal.is(Errno.ECONNREFUSED));
            Fd second = keep(Sockets.open(Sockets.Type.STREAM, false));
            LinuxException inUse = assertThrows(LinuxException.class, () -> Sockets.bind(second, path("ctl")));
            assertTrue(inUse.is(Errno.EADDRINUSE));
        }
    }

    @Nested
    class Descriptors {
        @Test
        void shouldPassEightDescriptorsWithBytes() throws IOException {
            Sockets.Pair pair = pair(Sockets.Type.STREAM);
            List<EventFd> sent = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                sent.add(keep(new EventFd()));
            }
            byte[] bytes = {1, 2, 3};
            assertEquals(3, FdPassing.send(pair.first(), bytes, sent.stream().map(e -> new Fd(e.fd())).toList()));
            List<Fd> received = new ArrayList<>();
            byte[] room = new byte[100];
            assertEquals(3, FdPassing.receive(pair.second(), room, received));
            opened.addAll(received);
            assertEquals(8, received.size());
            assertEquals(2, room[1]);
            sent.get(5).signal();
            for (int i = 0; i < 8; i++) {
                assertEquals(i == 5 ? 1 : 0, epollOf(received.get(i), Epoll.READABLE).await(0), "descriptor " + i);
            }
        }

        @Test
        void shouldKeepMemoryFilesAtTheirSealedSize() throws IOException {
            SharedMemory memory = keep(SharedMemory.create("test", 8192));
            assertEquals(-Errno.EPERM.number(), LibC.ftruncate(memory.file().number(), 4096));
            assertEquals(-Errno.EPERM.number(), LibC.ftruncate(memory.file().number(), 16384));
            assertEquals(-Errno.EPERM.number(), LibC.fcntl(memory.file().number(), Constants.F_ADD_SEALS, 0));
        }

        @Test
        void shouldReportNestedEpollAsReadableWhileItHasEvents() throws IOException {
            EventFd event = keep(new EventFd());
            Epoll inner = keep(new Epoll(4));
            inner.add(event.fd(), Epoll.READABLE, 1);
            Epoll outer = keep(new Epoll(4));
            outer.add(inner.fd(), Epoll.READABLE, 2);
            assertEquals(0, outer.await(0));
            event.signal();
            assertEquals(1, outer.await(0));
            assertEquals(2, outer.token(0));
            assertEquals(1, outer.await(0), "level-triggered");
            event.drain();
            assertEquals(0, outer.await(0));
        }
    }

    @Nested
    class Udp {
        private final SocketAddress any = SocketAddress.ofInet(InetAddress.getLoopbackAddress(), 0);

        @Test
        void shouldNotReportThatNobodyListensToAnUnconnectedSocket() throws IOException {
            Fd gone = keep(Sockets.openUdp(any));
            Sockets.bind(gone, any);
            SocketAddress nobody = Sockets.localAddress(gone);
            gone.close();
            Fd socket = keep(Sockets.openUdp(any));
            Epoll epoll = epollOf(socket, Epoll.READABLE);
            assertEquals(1, sendTo(socket, nobody, 60));
            assertEquals(1, sendTo(socket, nobody, 60));
            assertEquals(0, epoll.await(0));
        }

        @Test
        void shouldRefuseDatagramsBeyondTheLimitOfIp() throws IOException {
            Fd receiver = keep(Sockets.openUdp(any));
            Sockets.bind(receiver, any);
            Fd socket = keep(Sockets.openUdp(any));
            assertEquals(1, sendTo(socket, Sockets.localAddress(receiver), 65_507));
            assertEquals(-Errno.EMSGSIZE.number(), sendTo(socket, Sockets.localAddress(receiver), 65_508));
        }
    }

    private <T extends AutoCloseable> T keep(T one) {
        opened.add(one);
        return one;
    }

    private long map(long length) {
        long address = NativeMemory.map(length);
        opened.add(() -> NativeMemory.unmap(address, length));
        return address;
    }

    private SocketAddress path(String name) throws LinuxException {
        return SocketAddress.ofPath(directory.resolve(name).toString());
    }

    private Fd bound(String name) throws LinuxException {
        Fd socket = keep(Sockets.open(Sockets.Type.DATAGRAM, true));
        Sockets.bind(socket, path(name));
        return socket;
    }

    private Fd connected(String own, String peer) throws LinuxException {
        Fd socket = bound(own);
        Sockets.connect(socket, path(peer));
        return socket;
    }

    private Sockets.Pair mutual(String first, String second) throws LinuxException {
        Fd one = bound(first);
        Fd other = connected(second, first);
        Sockets.connect(one, path(second));
        return new Sockets.Pair(one, other);
    }

    private Sockets.Pair mutual(int sendBuffer) throws LinuxException {
        Sockets.Pair pair = mutual("first" + opened.size(), "second" + opened.size());
        if (sendBuffer > 0) {
            Sockets.sendBuffer(pair.first(), sendBuffer);
        }
        return pair;
    }

    private Sockets.Pair pair(Sockets.Type type) throws LinuxException {
        return pair(type, true);
    }

    private Sockets.Pair pair(Sockets.Type type, boolean nonBlocking) throws LinuxException {
        Sockets.Pair pair = Sockets.pair(type, nonBlocking);
        keep(pair.first());
        keep(pair.second());
        return pair;
    }

    private Fd listener(int backlog) throws LinuxException {
        Fd listener = keep(Sockets.open(Sockets.Type.STREAM, true));
        Sockets.bind(listener, path("ctl"));
        Sockets.listen(listener, backlog);
        return listener;
    }

    private Epoll epollOf(Fd watched, int interest) throws LinuxException {
        Epoll epoll = keep(new Epoll(4));
        epoll.add(watched.number(), interest, 1);
        return epoll;
    }

    /// Sends until the peer has really gone: a process that another test is just starting holds it a moment longer.
    private static int firstFailure(Fd sender) {
        int[] result = {0};
        Sandbox.await("a refusal", () -> (result[0] = Sockets.send(sender, new byte[14])) < 0);
        return result[0];
    }

    /// Sends until the kernel takes no more.
    private static int fill(Fd sender) {
        int sent = 0;
        int result = FRAME;
        while (result == FRAME) {
            result = Sockets.send(sender, new byte[FRAME]);
            sent += result == FRAME ? 1 : 0;
        }
        assertEquals(-Errno.EAGAIN.number(), result);
        return sent;
    }

    private int sendTo(Fd socket, SocketAddress address, int length) {
        var messages = new MessageBatch();
        messages.begin(keep(new MessageBatch.Destination(address)));
        messages.startMessage(1);
        messages.addPiece(map(length), length);
        return messages.send(socket.number(), 0);
    }
}
