package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// `qemu://` and `bess://`: guests that connect, and guests that are connected to.
@Timeout(60)
class SocketGuestsTest {
    @TempDir
    private Path directory;
    private final TestHost host = new TestHost();
    private final FrameTray tray = new FrameTray();
    private final List<Fd> opened = new ArrayList<>();
    private final List<LinkScheme.Attachment> attachments = new ArrayList<>();

    @AfterEach
    void close() {
        attachments.forEach(LinkScheme.Attachment::close);
        host.close();
        tray.close();
        opened.forEach(Fd::close);
    }

    @Test
    void shouldGiveEachOf64GuestsOnOneStreamSocketAPortOfItsOwn() throws IOException {
        open("qemu", at("vm") + "[guests=64]");
        List<Fd> guests = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            guests.add(connect("vm", Sockets.Type.STREAM));
            Sockets.send(guests.get(i), prefixed(FrameTray.frame(i, 60 + i)));
        }
        Sandbox.await("64 links", () -> host.count() == 64);
        for (int i = 0; i < 64; i++) {
            List<byte[]> received = receive(host.link(i));
            assertArrayEquals(FrameTray.frame(i, 60 + i), received.getFirst(), "in the order in which they came");
            tray.send(host.link(i), List.of(FrameTray.frame(100 + i, 200)));
            byte[] answer = new byte[300];
            assertEquals(204, Sockets.receive(guests.get(i), answer));
            assertArrayEquals(prefixed(FrameTray.frame(100 + i, 200)), Arrays.copyOf(answer, 204));
        }
        Fd tooMany = connect("vm", Sockets.Type.STREAM);
        Sandbox.await("the end of one too many", () -> Sockets.receive(tooMany, new byte[1]) == 0);
        assertEquals(64, host.count());
        Sandbox.await("a complaint", () -> !host.messages().isEmpty());
        assertEquals(List.of("qemu: " + at("vm") + ": more than guests=64"), host.messages());
        assertEquals("qemu", host.label(0).module());
        assertTrue(host.label(0).description().matches(
                ".*/vm pid=" + ProcessHandle.current().pid() + " uid=\\d+"), host.label(0).description());
    }

    @Test
    void shouldTakeAnotherGuestWhenOneHasLeft() throws IOException {
        open("qemu", at("vm") + "[guests=1]");
        connect("vm", Sockets.Type.STREAM).close();
        Sandbox.await("a link", () -> host.count() == 1);
        assertEquals(Link.GONE, gone(host.link(0)));
        host.detach(0);
        connect("vm", Sockets.Type.STREAM);
        Sandbox.await("another link", () -> host.count() == 2);
        assertEquals(List.of(), host.messages());
    }

    @Test
    void shouldTellOnceWhatGuestsDidThatAreUnplugged() throws IOException {
        open("qemu", at("vm"));
        for (int i = 0; i < 3; i++) {
            Sockets.send(connect("vm", Sockets.Type.STREAM), new byte[4]);
            int index = i;
            Sandbox.await("a link", () -> host.count() == index + 1);
            assertEquals(Link.GONE, gone(host.link(i)));
            host.detach(i);
        }
        assertEquals(1, host.messages().size(), host.messages().toString());
        assertTrue(host.messages().getFirst().matches("qemu: " + at("vm") + " pid=\\d+ uid=\\d+ said that a frame has"
                + " 0 bytes, and is unplugged"), host.messages().getFirst());
    }

    @Test
    void shouldTellOnceThatThereIsNoPort() throws IOException {
        host.refuse();
        open("qemu", at("vm"));
        for (int i = 0; i < 3; i++) {
            Fd guest = connect("vm", Sockets.Type.STREAM);
            Sandbox.await("the end", () -> Sockets.receive(guest, new byte[1]) == 0);
        }
        assertEquals(List.of("qemu: " + at("vm") + ": no port is free"), host.messages());
    }

    @Test
    void shouldCarryPacketsOfBess() throws IOException {
        open("bess", at("uml"));
        Fd guest = connect("uml", Sockets.Type.SEQPACKET);
        Sockets.send(guest, FrameTray.frame(1, 60));
        Sockets.send(guest, new byte[0]);
        Sockets.send(guest, FrameTray.frame(2, 1514));
        Sandbox.await("a link", () -> host.count() == 1);
        assertEquals(2, receive(host.link(0)).size());
        assertEquals(1, tray.send(host.link(0), List.of(FrameTray.frame(3, 100))));
        assertEquals(100, Sockets.receive(guest, new byte[300]));
        Sockets.send(guest, FrameTray.frame(4, 60));
        guest.close();
        assertEquals(1, receive(host.link(0)).size());
        assertEquals(Link.GONE, gone(host.link(0)));
        assertEquals(Link.DOWN, tray.send(host.link(0), List.of(FrameTray.frame(5, 60))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "bess"})
    void shouldLetOnlyThoseInWhoMay(String scheme) throws IOException {
        open(scheme, at("one"));
        open(scheme, at("other") + "[mode=660,server]");
        assertEquals("rw-------", permissions("one"));
        assertEquals("rw-rw----", permissions("other"));
    }

    @Test
    void shouldReplaceASocketThatNobodyAnswers() throws IOException {
        try (Fd dead = Sockets.open(Sockets.Type.STREAM, false)) {
            Sockets.bind(dead, SocketAddress.ofPath(at("vm")));
        }
        open("qemu", at("vm"));
        connect("vm", Sockets.Type.STREAM);
        Sandbox.await("a link", () -> host.count() == 1);
        assertEquals("qemu: " + at("vm") + " is a socket at which somebody listens already (to connect there: qemu://"
                + at("vm") + "[client])", refusal("qemu", at("vm")));
        assertEquals("bess: " + at("vm") + " is another kind of socket, which somebody has",
                refusal("bess", at("vm")));
        connect("vm", Sockets.Type.STREAM);
        Sandbox.await("the first still listens, and has seen who asked", () -> host.count() == 3);
    }

    @Test
    void shouldNotReplaceWhatIsNoSocket() throws IOException {
        Files.writeString(directory.resolve("vm"), "mine");
        assertEquals("qemu: " + at("vm") + " is a file, and no socket", refusal("qemu", at("vm")));
        assertEquals("qemu: " + directory + " is a directory, and no socket", refusal("qemu", directory.toString()));
        assertEquals("mine", Files.readString(directory.resolve("vm")));
    }

    @Test
    void shouldLeaveNothingWhenWithdrawn() throws IOException {
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < 100; i++) {
            int links = host.count();
            LinkScheme.Attachment attachment = open("qemu", at("vm"));
            Fd guest = connect("vm", Sockets.Type.STREAM);
            Sandbox.await("a link", () -> host.count() == links + 1);
            attachment.close();
            attachment.close();
            assertNull(host.link(links));
            assertEquals(0, Sockets.receive(guest, new byte[1]));
            guest.close();
            assertFalse(Files.exists(directory.resolve("vm")));
        }
        Sandbox.awaitDescriptors(before, 50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"STREAM", "SEQPACKET"})
    void shouldConnectAsAClientAndAgainWheneverTheServerIsThere(Sockets.Type type) throws IOException {
        String scheme = type == Sockets.Type.STREAM ? "qemu" : "bess";
        open(scheme, at("vm") + "[client]");
        for (int round = 0; round < 3; round++) {
            int links = round + 1;
            Files.deleteIfExists(directory.resolve("vm"));
            Fd listener = listen(type);
            Sandbox.await("a link", () -> host.count() == links);
            Fd server = new Fd(Sockets.accept(listener));
            byte[] frame = FrameTray.frame(round, 60);
            Sockets.send(server, type == Sockets.Type.STREAM ? prefixed(frame) : frame);
            assertArrayEquals(frame, receive(host.link(round)).getFirst());
            listener.close();
            server.close();
            assertEquals(Link.GONE, gone(host.link(round)));
            host.detach(round);
        }
        List<String> told = List.of("nobody listens there yet", "is there", "has gone"); // none held for a while
        Sandbox.await("news", () -> host.messages().size() == told.size());
        assertEquals(told.stream().map(news -> scheme + ": " + at("vm") + ": " + news).toList(), host.messages());
    }

    @Test
    void shouldConnectAsAClientOnceThereIsAPort() throws IOException {
        host.refuse();
        open("qemu", at("vm") + "[client]");
        Fd listener = listen(Sockets.Type.STREAM);
        for (int i = 0; i < 3; i++) {
            Fd server = keep(new Fd(Sockets.accept(listener)));
            Sandbox.await("the end", () -> Sockets.receive(server, new byte[1]) == 0);
        }
        host.accept();
        Sandbox.await("a link", () -> host.count() == 1);
        Sandbox.await("news", () -> host.messages().size() == 3);
        assertEquals(List.of("nobody listens there yet", "no port is free", "is there").stream()
                .map(news -> "qemu: " + at("vm") + ": " + news).toList(), host.messages());
    }

    @Test
    void shouldEndTheConnectionOfAClientThatIsWithdrawn() throws IOException {
        Fd listener = listen(Sockets.Type.STREAM);
        LinkScheme.Attachment attachment = open("qemu", at("vm") + "[client]");
        assertEquals(1, host.count(), "at once, if somebody is there");
        Fd server = keep(new Fd(Sockets.accept(listener)));
        attachment.close();
        assertNull(host.link(0));
        assertEquals(0, Sockets.receive(server, new byte[1]));
        assertTrue(Files.exists(directory.resolve("vm")), "it is not ours");
    }

    @Test
    void shouldCarryStreamsByTcp() throws IOException {
        int port = freePort();
        open("qemu", "127.0.0.1:" + port);
        open("qemu", "localhost:" + port + "[client]");
        Sandbox.await("both ends", () -> host.count() == 2);
        tray.send(host.link(0), List.of(FrameTray.frame(1, 1514)));
        assertArrayEquals(FrameTray.frame(1, 1514), receive(host.link(1)).getFirst());
        tray.send(host.link(1), List.of(FrameTray.frame(2, 60)));
        assertArrayEquals(FrameTray.frame(2, 60), receive(host.link(0)).getFirst());
        assertTrue(refusal("qemu", "127.0.0.1:" + port).endsWith("Address already in use"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "qemu | [client]                 | qemu: '' is no socket (PATH or HOST:PORT)",
        "bess | [client]                 | bess: '' is no socket (PATH)",
        "qemu | /x[client,server]        | qemu: client and server in /x[client,server] (one of them)",
        "qemu | /x[client,mode=600]      | qemu: mode=600 (not with client)",
        "qemu | /x[client,guests=2]      | qemu: guests=2 (not with client)",
        "qemu | 127.0.0.1:1[group=kvm]   | qemu: group=kvm (of a path, not of 127.0.0.1:1)",
        "qemu | 127.0.0.1:65536          | qemu: port=65536 (at most 65535)",
        "qemu | 127.0.0.1:0              | qemu: port=0 of 127.0.0.1 (1 to 65535)",
        "qemu | host.invalid:1           | qemu: unknown host host.invalid",
        "qemu | /x[mode=999]             | qemu: mode=999 (octal, at most 777)",
        "qemu | /x[mode=1777]            | qemu: mode=1777 (octal, at most 777)",
        "qemu | /x[guests=0]             | qemu: guests=0 (1 to 1024)",
        "qemu | /x[guests=1025]          | qemu: guests=1025 (1 to 1024)",
        "qemu | /x[guests=many]          | qemu: guests=many (1 to 1024)",
        "qemu | /x[group=]               | qemu: group= (the name of a group)",
        "qemu | /x[mode=600,mode=660]    | qemu: mode=660: mode=600 is given too",
        "qemu | /nowhere/at/all          | qemu: bind /nowhere/at/all: No such file or directory"})
    void shouldNameTheValueAtFault(String scheme, String rest, String complaint) {
        assertEquals(complaint, refusal(scheme, rest));
    }

    @Test
    void shouldNameOptionsAndGroupsThatThereAreNot() {
        assertTrue(refusal("qemu", "/x[quick]").startsWith("qemu: unknown option quick (known: client, server, "
                + "guests=, mode=, group="));
        assertEquals("qemu: no such group nobodys-group", refusal("qemu", at("vm") + "[group=nobodys-group]"));
        assertFalse(Files.exists(directory.resolve("vm")));
        assertTrue(refusal("qemu", "/" + "x".repeat(107)).endsWith("(108 bytes, at most 107): File name too long"));
    }

    @Test
    void shouldTellOnceWhyAClientHasNoLinkAndGoOnTrying() throws IOException {
        Path path = directory.resolve("vm");
        open("qemu", path + "[client]");
        assertTold("nobody listens there yet");
        Files.writeString(path, "mine");
        assertTold("it is a file, and no socket");
        Files.delete(path);
        assertTold("nobody listens there yet");
        Files.createDirectory(path);
        assertTold("it is a directory, and no socket");
        Files.delete(path);
        assertTold("nobody listens there yet");
        Fd other = listen(Sockets.Type.SEQPACKET);
        assertTold("cannot be connected to: Protocol wrong type for socket");
        other.close();
        assertTold("nobody listens there yet");
        Files.delete(path);
        listen(Sockets.Type.STREAM);
        assertTold("is there");
        assertEquals(1, host.count());
        assertEquals(8, host.messages().size(), host.messages().toString());
    }

    @Test
    void shouldTellOnceOfOneWhoOnlyClosesUntilALinkHasHeld() throws IOException {
        Fd listener = listen(Sockets.Type.STREAM);
        open("qemu", at("vm") + "[client]");
        for (int i = 0; i < 3; i++) {
            int links = i + 1;
            Sandbox.await("a link", () -> host.count() == links);
            new Fd(Sockets.accept(listener)).close();
            assertEquals(Link.GONE, gone(host.link(i)));
            host.detach(i);
        }
        assertTold("is there");
        assertEquals(4, host.count());
        assertEquals(List.of("has gone", "is there").stream().map(news -> "qemu: " + at("vm") + ": " + news).toList(),
                host.messages());
    }

    /// Whatever the kernel refuses may be mended: a start does not end by it.
    @Test
    void shouldStartAsAClientOfWhatCannotBeConnectedTo() throws IOException {
        listen(Sockets.Type.SEQPACKET);
        open("qemu", at("vm") + "[client]");
        assertEquals(List.of("qemu: " + at("vm") + ": cannot be connected to: Protocol wrong type for socket"),
                host.messages());
    }

    private void assertTold(String news) {
        Sandbox.await(news, () -> !host.messages().isEmpty()
                && host.messages().getLast().equals("qemu: " + at("vm") + ": " + news));
    }

    private LinkScheme.Attachment open(String scheme, String rest) throws IOException {
        LinkUrl url = new LinkUrl(scheme, rest);
        attachments.add(LinkScheme.of(url).open(url, host));
        return attachments.getLast();
    }

    private String refusal(String scheme, String rest) {
        return assertThrows(IOException.class, () -> open(scheme, rest)).getMessage();
    }

    private List<byte[]> receive(Link link) {
        List<byte[]> received = new ArrayList<>();
        Sandbox.await("a frame", () -> received.addAll(tray.receive(link)));
        return received;
    }

    /// What the link says in the end.
    private static int gone(Link link) {
        FrameBatch batch = FrameBatch.forReceiving();
        int[] result = {0};
        Sandbox.await("the end", () -> {
            batch.clear();
            result[0] = link.receive(batch);
            return result[0] == Link.GONE;
        });
        batch.free();
        return result[0];
    }

    private static byte[] prefixed(byte[] frame) {
        return ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame).array();
    }

    private Fd connect(String name, Sockets.Type type) throws LinuxException {
        Fd socket = keep(Sockets.open(type, false));
        Sockets.timeout(socket, 10_000);
        Sockets.connect(socket, SocketAddress.ofPath(at(name)));
        return socket;
    }

    private Fd listen(Sockets.Type type) throws LinuxException {
        Fd socket = keep(Sockets.open(type, false));
        Sockets.bind(socket, SocketAddress.ofPath(at("vm")));
        Sockets.listen(socket, 1);
        return socket;
    }

    private static int freePort() throws IOException {
        return Processes.probe(() -> {
            try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
                return socket.getLocalPort();
            }
        });
    }

    private String permissions(String name) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(name)));
    }

    private String at(String name) {
        return directory.resolve(name).toString();
    }

    private Fd keep(Fd one) {
        opened.add(one);
        return one;
    }
}
