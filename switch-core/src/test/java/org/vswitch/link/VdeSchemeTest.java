package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// The plug against a switch that the test plays, byte by byte.
class VdeSchemeTest {
    @TempDir
    private Path directory;
    private final TestHost host = new TestHost();
    private final FrameTray tray = new FrameTray();
    private final List<Fd> opened = new ArrayList<>();

    @BeforeEach
    void listen() throws IOException {
        Fd listener = keep(Sockets.open(Sockets.Type.STREAM, false));
        Sockets.bind(listener, at("ctl"));
        Sockets.listen(listener, 15);
    }

    @AfterEach
    void close() {
        host.close();
        tray.close();
        opened.forEach(Fd::close);
    }

    @Test
    void shouldAskAsLibvdeplugDoes() throws Exception {
        Served served = serve("[7]");
        byte[] request = served.request;
        String description = new String(request, 122, request.length - 122);
        assertEquals("cefaedfe" + "03000000" + "00070000" + "0100",
                java.util.HexFormat.of().formatHex(request, 0, 14));
        String own = SocketAddress.ofBytes(java.util.Arrays.copyOfRange(request, 12, 122)).path();
        assertEquals(directory.toRealPath() + "/.%05d-00000".formatted(ProcessHandle.current().pid()), own);
        assertTrue(description.matches("test: user=" + System.getProperty("user.name") + " pid="
                + ProcessHandle.current().pid() + "( SSH=\\S+)?"), description);
        assertEquals("rwx------", served.permissions);
    }

    @Test
    void shouldSetTheModeItWasGiven() throws Exception {
        assertEquals("rw-rw----", serve("[mode=660]").permissions);
        assertEquals("rw-rw----",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("001.9"))));
    }

    @Test
    void shouldAskForPortZeroByItsOwnRequest() throws Exception {
        assertEquals(1, serve("[0]").request[8]);
        assertEquals(0, serve("").request[8]);
    }

    @Test
    void shouldCarryFramesBothWaysAndLeaveNoFile() throws Exception {
        Served served = serve("");
        byte[] frame = FrameTray.frame(1, 60);
        assertEquals(1, tray.send(host.link(0), List.of(frame)));
        byte[] received = new byte[60];
        assertEquals(60, Sockets.receive(served.data, received));
        assertArrayEquals(frame, received);
        Sockets.send(served.data, FrameTray.frame(2, 1514));
        assertArrayEquals(FrameTray.frame(2, 1514), tray.receive(host.link(0)).getFirst());
        try (Stream<Path> files = Files.list(directory)) {
            assertFalse(files.anyMatch(file -> file.getFileName().toString().startsWith(".")));
        }
        assertEquals("vde", host.label(0).module());
    }

    @Test
    void shouldKeepBuffersWithinTheirLimit() throws Exception {
        Served served = serve("");
        LinkFeatures features = host.link(0).features();
        int accounted = Sockets.sendBuffer(served.data, LinkFeatures.MAX_BUFFERED * 3 / 4);
        assertEquals(LinkFeatures.MAX_BUFFERED, accounted / 2 + features.backlogBytes());
        assertTrue(features.maxFrame() >= 9234);
    }

    @Test
    void shouldDetachTheLinkWhenTheSwitchCloses() throws Exception {
        Served served = serve("");
        served.control.close();
        Sandbox.await("the link was detached", () -> host.link(0) == null);
        served.attachment.close();
        assertNull(host.link(0));
    }

    @Test
    void shouldPlugInAgainWhereThePlaceIsKeptAndSayEachThingOnce() throws Exception {
        host.keep();
        Served served = serve("[7]");
        served.control.close();
        for (int i = 0; i < 3; i++) {
            refuse();
        }
        Served again = answer();
        Sandbox.await("another link", () -> host.count() == 2);
        assertArrayEquals(served.request, again.request);
        byte[] frame = FrameTray.frame(1, 60);
        assertEquals(1, tray.send(host.link(1), List.of(frame)));
        Sandbox.await("what was said", () -> host.messages().size() == 3);
        String name = "vde: " + directory + "[7] ";
        assertEquals(List.of(name + "has gone", name + "does not take the plug again: " + refusal("7"),
                name + "is there"), host.messages());
        assertFalse(host.hasEnded());
        served.attachment.close();
        assertNull(host.link(1));
    }

    @Test
    void shouldNotPlugInAgainOnceWithdrawn() throws Exception {
        host.keep();
        Served served = serve("");
        served.control.close();
        Sandbox.await("the link was detached", () -> host.link(0) == null);
        served.attachment.close();
        Sandbox.await("nobody tries any more", () -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("vde-plug")));
        assertEquals(1, host.count());
    }

    @Test
    void shouldEndTheConnectionWhenWithdrawn() throws Exception {
        Served served = serve("");
        served.attachment.close();
        assertNull(host.link(0));
        Sandbox.await("the end of the stream", () -> Sockets.receive(served.control, new byte[1]) == 0);
    }

    @Test
    void shouldSayThatItWasRefused() throws Exception {
        Thread refusing = Thread.ofPlatform().start(this::refuse);
        IOException refusal = assertThrows(IOException.class, () -> open("[40]"));
        refusing.join();
        assertEquals(refusal("40"), refusal.getMessage());
    }

    private String refusal(String port) {
        return "vde: " + directory + "/ctl refused the plug port=" + port
                + " (without a reason; is there such a port, and is it free for us?)";
    }

    /// Takes a request and closes.
    private void refuse() {
        try (Fd control = new Fd(Sockets.accept(opened.getFirst()))) {
            Sandbox.await("the request", () -> Sockets.receive(control, new byte[256]) > 0);
        }
    }

    @Test
    void shouldEndTheConnectionWhenTheHostRefusesTheLink() throws Exception {
        host.refuse();
        IOException refusal = assertThrows(IOException.class, () -> serve(""));
        assertEquals("no port is free", refusal.getMessage());
    }

    @Test
    void shouldSayWhereThereIsNoSwitch() {
        IOException failure = assertThrows(IOException.class,
                () -> new VdeScheme().open(LinkUrl.parse("vde://" + directory + "/none"), host));
        assertEquals("vde: connect " + directory + "/none/ctl: No such file or directory", failure.getMessage());
    }

    @Test
    void shouldNameValuesThatCannotBe() {
        assertEquals("vde: port=99999999 (at most 16777215)",
                assertThrows(IOException.class, () -> open("[99999999]")).getMessage());
        assertEquals("vde: mode=9 (octal, at most 7777)",
                assertThrows(IOException.class, () -> open("[mode=9]")).getMessage());
        assertEquals("vde: no such group nobodys-group",
                assertThrows(IOException.class, () -> open("[group=nobodys-group]")).getMessage());
        assertEquals("vde: port=lan is no number, and " + directory + " has no socket of that name",
                assertThrows(IOException.class, () -> open("[lan]")).getMessage());
    }

    private LinkScheme.Attachment open(String options) throws IOException {
        return new VdeScheme().open(LinkUrl.parse("vde://" + directory + options), host);
    }

    /// What a switch saw of a plug.
    private record Served(byte[] request, String permissions, Fd control, Fd data, LinkScheme.Attachment attachment) {
    }

    /// Opens a plug and plays its switch.
    private Served serve(String options) throws Exception {
        Served[] seen = new Served[1];
        Thread player = Thread.ofPlatform().start(() -> {
            try {
                seen[0] = answer();
            } catch (IOException failure) {
                throw new java.io.UncheckedIOException(failure);
            }
        });
        try {
            LinkScheme.Attachment attachment = open(options);
            player.join();
            return new Served(seen[0].request, seen[0].permissions, seen[0].control, seen[0].data, attachment);
        } finally {
            player.join();
        }
    }

    private Served answer() throws IOException {
        Fd control = keep(new Fd(Sockets.accept(opened.getFirst())));
        byte[] room = new byte[300];
        int[] length = {0};
        Sandbox.await("the request", () -> (length[0] = Sockets.receive(control, room)) > 0);
        byte[] request = java.util.Arrays.copyOf(room, length[0]);
        SocketAddress client = SocketAddress.ofBytes(java.util.Arrays.copyOfRange(request, 12, 122));
        Fd data = keep(Sockets.open(Sockets.Type.DATAGRAM, true));
        Sockets.connect(data, client);
        Files.deleteIfExists(directory.resolve("001.9"));
        Sockets.bind(data, at("001.9"));
        String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(client.path())));
        Sockets.send(control, at("001.9").bytes());
        return new Served(request, permissions, control, data, null);
    }

    private SocketAddress at(String name) throws LinuxException {
        return SocketAddress.ofPath(directory.resolve(name).toString());
    }

    private synchronized Fd keep(Fd one) {
        opened.add(one);
        return one;
    }
}
