package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.control.SwitchLinks;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.Fd;
import org.vswitch.linux.SharedMemory;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A port of a running switch, and who comes to it.
class VhostUserPortTest {
    private static final int SECONDS = 30;

    @TempDir
    private Path folder;
    private final List<String> log = new ArrayList<>();
    private Switch network;
    private String path;

    @BeforeEach
    void start() throws Exception {
        network = Switch.start(SwitchConfig.in(folder.resolve("sw").toString()), this::log);
        path = folder.resolve("vm0").toString();
    }

    @AfterEach
    void stop() {
        network.close();
        assertFalse(Files.exists(Path.of(path)), "the socket is left");
    }

    private void log(String line) {
        synchronized (log) {
            log.add(line.replace(folder.toString(), ""));
        }
    }

    private boolean hasLogged(String part) {
        synchronized (log) {
            return log.stream().anyMatch(line -> line.contains(part));
        }
    }

    private void awaitLog(String part) {
        Sandbox.await("a line with " + part + " in " + log, SECONDS, () -> hasLogged(part));
    }

    private SwitchLinks.Opened open(String options) {
        return network.links().add("vm", LinkUrl.parse("vhost-user://" + path + options), SwitchLinks.ANY_PORT).join();
    }

    private String refusal(String options) {
        return assertThrows(CompletionException.class, () -> open(options)).getCause().getMessage()
                .replace(folder.toString(), "");
    }

    @Test
    void shouldListenForItsFrontEnd() throws IOException {
        assertEquals(1, open("").port());
        assertEquals("rw-------", permissions());
        try (FrontEndSocket front = FrontEndSocket.connect(path)) {
            assertEquals(0x1_7060_BB8BL, front.ask(VhostRequest.GET_FEATURES));
        }
        awaitLog("vhost-user: /vm0: connected to pid=" + ProcessHandle.current().pid() + " uid=");
        awaitLog("vhost-user: /vm0: disconnected");
    }

    @Test
    void shouldSetTheModeItWasGiven() throws IOException {
        open("[mode=666]");
        assertEquals("rw-rw-rw-", permissions());
    }

    @Test
    void shouldTakeOneFrontEndAfterTheOtherAtTheSamePort() throws IOException {
        int port = open("").port();
        for (int round = 0; round < 20; round++) {
            try (FrontEndSocket front = FrontEndSocket.connect(path)) {
                assertEquals(1, front.ask(VhostRequest.GET_QUEUE_NUM));
                assertEquals(port, network.links().list().join().getFirst().port());
            }
        }
    }

    @Test
    void shouldTurnASecondFrontEndAwayWhileTheFirstLives() throws IOException {
        open("");
        FrontEndSocket first = FrontEndSocket.connect(path);
        first.ask(VhostRequest.GET_FEATURES);
        for (int round = 0; round < 10; round++) {
            try (FrontEndSocket second = FrontEndSocket.connect(path)) {
                assertTrue(second.isEnded());
            }
        }
        first.ask(VhostRequest.GET_FEATURES);
        Processes.close(first::close);
        try (FrontEndSocket third = FrontEndSocket.connect(path)) {
            third.ask(VhostRequest.GET_FEATURES);
        }
        synchronized (log) {
            assertEquals(1, log.stream().filter(line -> line.equals(
                    "vhost-user: /vm0: another front-end was turned away: one is connected")).count(), log.toString());
        }
    }

    @Test
    void shouldEndAConnectionThatTalksNonsense() throws IOException {
        open("");
        try (FrontEndSocket front = FrontEndSocket.connect(path)) {
            front.send("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertTrue(front.isEnded());
        }
        awaitLog("vhost-user: /vm0: disconnected: no request: flags=0x");
        try (FrontEndSocket front = FrontEndSocket.connect(path)) {
            front.tell(VhostRequest.SET_VRING_NUM, FrontEndTalk.u32(2, 256));
            assertTrue(front.isEnded());
        }
        awaitLog("vhost-user: /vm0: disconnected: SET_VRING_NUM: ring=2 (0 to 1)");
    }

    @Test
    void shouldNotWaitForTheRestOfAMessageForEver() throws IOException {
        open("");
        try (FrontEndSocket slow = FrontEndSocket.connect(path)) {
            slow.ask(VhostRequest.GET_FEATURES);
            slow.send(new byte[] {1, 0, 0});
            assertTrue(slow.isEnded());
        }
        awaitLog("disconnected: a message was begun and not ended");
    }

    /// A connection without a word, as of one that looks whether somebody listens, is worth none either.
    @Test
    void shouldKeepQuietAboutWhoSaysNothing() throws IOException {
        open("");
        for (int round = 0; round < 5; round++) {
            FrontEndSocket.connect(path).close();
        }
        try (FrontEndSocket front = FrontEndSocket.connect(path)) {
            front.ask(VhostRequest.GET_FEATURES);
        }
        awaitLog("disconnected");
        assertEquals(2, log.size(), log.toString());
    }

    @Test
    void shouldReplaceASocketThatWasLeft() throws IOException {
        try (Fd killed = Sockets.open(Sockets.Type.STREAM, true)) {
            Sockets.bind(killed, SocketAddress.ofPath(path));
        }
        assertTrue(Files.exists(Path.of(path)));
        open("");
        try (FrontEndSocket front = FrontEndSocket.connect(path)) {
            front.ask(VhostRequest.GET_FEATURES);
        }
    }

    @Test
    void shouldLeaveAloneWhatBelongsToOthers() throws IOException {
        Path file = Files.writeString(Path.of(path), "precious");
        assertEquals("vhost-user: /vm0 is a file, and no socket", refusal(""));
        assertEquals("precious", Files.readString(file));
        Files.delete(file);
        try (Fd living = Sockets.open(Sockets.Type.STREAM, true)) {
            Sockets.bind(living, SocketAddress.ofPath(path));
            Sockets.listen(living, 1);
            assertEquals("vhost-user: /vm0 is a socket at which somebody listens already (to connect there: "
                    + "vhost-user:///vm0[client])", refusal(""));
        }
        Files.delete(file);
        assertEquals("vhost-user: no such group nobodys-group", refusal("[group=nobodys-group]"));
        assertFalse(Files.exists(file), "what was begun is left");
    }

    @Test
    void shouldTakeItsSocketAlongWhenWithdrawn() throws Exception {
        open("");
        try (FrontEndSocket front = FrontEndSocket.connect(path);
                SharedMemory memory = SharedMemory.create("withdrawn", FrontEndTalk.SIZE)) {
            front.ask(VhostRequest.GET_FEATURES);
            front.tell(VhostRequest.SET_MEM_TABLE, FrontEndTalk.table(FrontEndTalk.region()), memory.file());
            front.ask(VhostRequest.GET_FEATURES);
            assertEquals(2, mappings());
            assertTrue(network.links().remove("vm").join());
            assertTrue(front.isEnded());
            assertEquals(1, mappings());
        }
        assertFalse(Files.exists(Path.of(path)));
        open("");
    }

    private static long mappings() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("memfd:withdrawn")).count();
        }
    }

    @Test
    void shouldConnectOnceSomebodyListensAndAgainAfterwards() throws IOException {
        open("[client]");
        for (int round = 0; round < 3; round++) {
            try (Fd listener = listen(); FrontEndSocket front = accept(listener)) {
                assertEquals(0x1_7060_BB8BL, front.ask(VhostRequest.GET_FEATURES));
            }
            Files.delete(Path.of(path));
        }
        assertEquals(1, network.links().list().join().getFirst().port());
    }

    @Test
    void shouldTellOnceWhyItCannotConnect() throws IOException {
        Path file = Files.createDirectory(Path.of(path));
        open("[client]");
        awaitLog("vhost-user: /vm0: it is a directory, and no socket");
        Files.delete(file);
        awaitLog("vhost-user: /vm0: nobody listens there yet");
        try (Fd listener = listen(); FrontEndSocket front = accept(listener)) {
            front.ask(VhostRequest.GET_FEATURES);
        }
        awaitLog("vhost-user: /vm0: disconnected");
        network.links().remove("vm").join();
        Files.delete(file);
        synchronized (log) {
            assertEquals(4, log.stream().filter(line -> line.startsWith("vhost-user: /vm0: ")).count(), log.toString());
        }
    }

    @Test
    void shouldConnectAgainWhenOnlyTheConnectionEnds() throws IOException {
        try (Fd listener = listen()) {
            open("[client]");
            for (int round = 0; round < 5; round++) {
                try (FrontEndSocket front = accept(listener)) {
                    front.ask(VhostRequest.GET_FEATURES);
                }
            }
            network.links().remove("vm").join();
        }
        Files.delete(Path.of(path));
    }

    private Fd listen() throws IOException {
        Fd listener = Sockets.open(Sockets.Type.STREAM, true);
        Sockets.bind(listener, SocketAddress.ofPath(path));
        Sockets.listen(listener, 1);
        return listener;
    }

    private static FrontEndSocket accept(Fd listener) {
        int[] accepted = new int[1];
        Sandbox.await("a connection", SECONDS, () -> (accepted[0] = Sockets.accept(listener)) >= 0);
        return new FrontEndSocket(new Fd(accepted[0]));
    }

    private String permissions() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(Path.of(path)));
    }
}
