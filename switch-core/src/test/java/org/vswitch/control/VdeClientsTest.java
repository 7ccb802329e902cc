package org.vswitch.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.bridge.Bridge;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.OwnProcess;
import org.vswitch.wire.MacAddress;

/// Debian's clients at a running switch, also those of other users.
@Timeout(120)
class VdeClientsTest {
    private static final Path VDE_PLUG = Path.of("/usr/bin/vde_plug");
    private static final Path VDE_PLUG2TAP = Path.of("/usr/bin/vde_plug2tap");
    private static final Path SOCAT = Path.of("/usr/bin/socat");
    private static final int NOBODY = 65534;
    private static final byte[] FRAME = Frames.plain(Frames.BROADCAST, Frames.A, 60);

    @TempDir
    Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private Path directory;
    private Switch running;

    @BeforeEach
    void makeFolderSearchable() throws IOException {
        assumeTrue(Files.isExecutable(VDE_PLUG), "there is no " + VDE_PLUG);
        Files.setAttribute(folder, "unix:mode", 0711);
        directory = folder.resolve("sw");
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : processes) {
            process.destroy();
            process.waitFor();
        }
        if (running != null) {
            running.close();
        }
    }

    @Test
    void shouldServeVdePlug() throws Exception {
        start(UserLimits.DEFAULT);
        VdePlugProcess plug = new VdePlugProcess(List.of(), directory.toString());
        try (PlugClient other = PlugClient.plug(directory, 5)) {
            awaitActive(1);
            plug.frame(FRAME);
            assertArrayEquals(FRAME, other.frame());
            other.frame(FRAME);
            assertArrayEquals(FRAME, plug.frame());
            String description = ask(bridge -> bridge.ports().port(1).endpoints()[0].label().description());
            assertTrue(description.startsWith("vde_plug: user=") || description.startsWith("vdeplug: user="),
                    description);
        }
    }

    @Test
    void shouldGiveVdePlugThePortItAsksFor() throws Exception {
        start(UserLimits.DEFAULT);
        new VdePlugProcess(List.of(), "vde://" + directory + "[7]");
        awaitActive(7);
    }

    @Test
    void shouldEndVdePlugThatIsRefused() throws Exception {
        start(UserLimits.DEFAULT);
        VdePlugProcess plug = new VdePlugProcess(List.of(), "vde://" + directory + "[40]");
        assertTrue(plug.process.waitFor(10, TimeUnit.SECONDS), "it hangs");
    }

    @Test
    void shouldServeVdePlug2tap() throws Exception {
        assumeTrue(Files.isExecutable(VDE_PLUG2TAP), "there is no " + VDE_PLUG2TAP);
        try (Sandbox sandbox = Sandbox.create()) {
            start(UserLimits.DEFAULT);
            String tap = Sandbox.unique("vstap");
            launch(List.of(VDE_PLUG2TAP.toString(), "-s", directory.toString(), tap));
            awaitActive(1);
            sandbox.take(tap);
            sandbox.run("ip", "address", "add", "10.9.9.1/24", "dev", tap);
            sandbox.run("ip", "link", "set", tap, "up");
            try (PlugClient client = PlugClient.plug(directory, 0)) {
                client.frame(Frames.arpRequest(Frames.A, 0x0a090902, 0x0a090901));
                byte[] reply = client.frame();
                assertEquals(0x0806, (reply[12] & 0xff) << 8 | reply[13] & 0xff);
                assertEquals(MacAddress.toText(Frames.A), "%02x:%02x:%02x:%02x:%02x:%02x".formatted(reply[0], reply[1],
                        reply[2], reply[3], reply[4], reply[5]));
            }
        }
    }

    @Test
    void shouldServeOtherUsersAndGiveThemTheirSockets() throws Exception {
        assumeRoot();
        start(UserLimits.DEFAULT);
        VdePlugProcess plug = new VdePlugProcess(asNobody(), directory.toString());
        awaitActive(1);
        assertEquals(NOBODY, (int) ask(bridge -> bridge.ports().port(1).currentUser()));
        try (var sockets = Files.newDirectoryStream(directory, "001.*")) {
            Path socket = sockets.iterator().next();
            assertEquals(NOBODY, Files.getAttribute(socket, "unix:uid"));
            assertEquals(0, (int) Files.getAttribute(socket, "unix:mode") & 077);
        }
        try (PlugClient other = PlugClient.plug(directory, 0)) {
            plug.frame(FRAME);
            assertArrayEquals(FRAME, other.frame());
        }
        VdePlugProcess intruder = new VdePlugProcess(List.of(), "vde://" + directory + "[1]");
        assertTrue(intruder.process.waitFor(10, TimeUnit.SECONDS), "it hangs");
    }

    @Test
    void shouldRefuseASocketThatBelongsToAnother() throws Exception {
        assumeRoot();
        assumeTrue(Files.isExecutable(SOCAT), "there is no " + SOCAT);
        start(UserLimits.DEFAULT);
        try (PlugClient root = PlugClient.connect(directory)) {
            Files.setAttribute(Path.of(root.address().path()), "unix:mode", 0777);
            Path request = Files.write(folder.resolve("request"), root.request(0, "forged"));
            Files.setAttribute(request, "unix:mode", 0644);
            List<String> command = new ArrayList<>(asNobody());
            command.addAll(List.of(SOCAT.toString(), "-T10", "OPEN:" + request + ",rdonly,ignoreeof!!-",
                    "UNIX-CONNECT:" + directory + "/ctl"));
            Process socat = launch(command);
            assertEquals(0, socat.getInputStream().readAllBytes().length);
            Sandbox.await("the refusal is logged", () -> log.contains(
                    "user 65534 refused: the data socket belongs to user 0"));
        }
        assertFalse(isActive(1));
    }

    @Test
    void shouldKeepPortsForTheirUsersAndGroups() throws Exception {
        assumeRoot();
        start(UserLimits.DEFAULT);
        int group = new Accounts().groupsOf(NOBODY).stream().findFirst().orElse(-1);
        assumeTrue(group >= 0, "user 65534 has no group");
        ask(bridge -> {
            running.control().settings().create(1, true).allowedUser(0);
            running.control().settings().create(2, true).allowedGroup(group);
            return null;
        });
        VdePlugProcess refused = new VdePlugProcess(asNobody(), "vde://" + directory + "[1]");
        assertTrue(refused.process.waitFor(10, TimeUnit.SECONDS), "it hangs");
        new VdePlugProcess(asNobody(), directory.toString());
        awaitActive(2);
        assertFalse(isActive(1));
        Sandbox.await("the refusal is logged", () -> log.stream().anyMatch(line -> line.startsWith(
                "user 65534 refused: port 1 is kept for others (port/setuser, port/setgroup), for ")));
    }

    @Test
    void shouldNotLetOneUserDisturbAnotherByConnecting() throws Exception {
        assumeRoot();
        start(new UserLimits(16, 64, 60_000, 64));
        List<PlugClient> held = new ArrayList<>();
        try {
            for (int i = 0; i < 10_000; i++) {
                PlugClient client = connectAsOftenAsItTakes();
                if (held.size() < 16) {
                    held.add(client);
                } else {
                    client.close();
                }
                if (i == 5_000) {
                    new VdePlugProcess(asNobody(), directory.toString());
                }
            }
            awaitActive(1);
            assertEquals(NOBODY, (int) ask(bridge -> bridge.ports().port(1).currentUser()));
        } finally {
            held.forEach(PlugClient::close);
        }
    }

    private PlugClient connectAsOftenAsItTakes() throws LinuxException {
        return PlugClient.connect(directory, PlugClient.unnamed());
    }

    private void start(UserLimits limits) throws IOException {
        SwitchConfig config = SwitchConfig.in(directory.toString()).with(limits);
        running = Switch.start(new SwitchConfig(config.bridge(), CtlSettings.of(directory.toString(),
                OptionalInt.of(0666), OptionalInt.empty(), SocketPermissions.NO_GROUP), config.management(),
                config.taps(), config.links(), limits), log::add);
    }

    private void awaitActive(int port) {
        Sandbox.await("port " + port + " is active, log=" + log,
                () -> isActive(port));
    }

    private boolean isActive(int port) {
        return ask(bridge -> bridge.ports().active().contains(port));
    }

    private <T> T ask(Function<Bridge, T> question) {
        return running.control().ask(question).join();
    }

    private static void assumeRoot() {
        assumeTrue(OwnProcess.userId() == 0, "only root can be another user");
    }

    private static List<String> asNobody() {
        return List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
    }

    private Process launch(List<String> command) throws IOException {
        Process process = Processes.start(new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD));
        processes.add(process);
        return process;
    }

    /// `vde_plug`, whose frames go through pipes, each behind its length in two bytes.
    private final class VdePlugProcess {
        final Process process;
        private final DataOutputStream input;
        private final DataInputStream output;

        VdePlugProcess(List<String> prefix, String network) throws IOException {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of(VDE_PLUG.toString(), network));
            process = launch(command);
            input = new DataOutputStream(new java.io.BufferedOutputStream(process.getOutputStream()));
            output = new DataInputStream(process.getInputStream());
        }

        void frame(byte[] frame) throws IOException {
            input.writeShort(frame.length);
            input.write(frame);
            input.flush();
        }

        byte[] frame() throws IOException {
            byte[] frame = new byte[output.readUnsignedShort()];
            output.readFully(frame);
            return frame;
        }
    }
}
