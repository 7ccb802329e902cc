package org.vswitch.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePort;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.fixture.Seeds;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.SocketAddress;

/// Clients made by hand at a running switch.
@Timeout(120)
class CtlSocketTest {
    private static final int NEW_CONTROL = 0;
    private static final int NEW_PORT_0 = 1;

    @TempDir
    Path folder;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Path directory;
    private Switch running;

    @AfterEach
    void end() {
        if (running != null) {
            running.close();
        }
    }

    @Test
    void shouldAnswerWithTheNameOfTheDataSocket() throws Exception {
        start(UserLimits.DEFAULT);
        try (PlugClient client = PlugClient.connect(directory)) {
            client.send(client.request(NEW_CONTROL, "test"));
            String name = client.reply().path();
            assertTrue(name.matches(directory.toRealPath() + "/001\\.\\d+"), name);
            assertEquals(0600, (int) Files.getAttribute(Path.of(name), "unix:mode") & 07777);
        }
    }

    @Test
    void shouldRemoveTheDataSocketAndThePortsAddressesWhenTheClientGoes() throws Exception {
        start(UserLimits.DEFAULT);
        try (PlugClient stays = PlugClient.plug(directory, 0)) {
            try (PlugClient goes = PlugClient.plug(directory, 0)) {
                goes.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
                stays.frame();
                assertEquals(1, count(bridge -> bridge.addresses().count()));
            }
            Sandbox.await("port 2 is empty", () -> isTrue(bridge -> !bridge.ports().port(2).isActive()));
            assertEquals(0, count(bridge -> bridge.addresses().count()));
            assertEquals(List.of("001", "ctl", "shm"), names());
        }
    }

    @Test
    void shouldShowWhoPluggedIn() throws Exception {
        start(UserLimits.DEFAULT);
        try (PlugClient client = PlugClient.connect(directory)) {
            client.send(client.request(9 << 8, "who"));
            assertNotNull(client.reply());
            assertEquals(OwnProcess.userId(), count(bridge -> bridge.ports().port(9).currentUser()));
            var label = ask(bridge -> bridge.ports().port(9).endpoints()[0].label());
            assertEquals("unix prog", label.module());
            assertEquals("who", label.description());
        }
    }

    @Test
    void shouldTakeRequestsInPieces() throws Exception {
        start(UserLimits.DEFAULT);
        try (PlugClient client = PlugClient.connect(directory)) {
            byte[] request = client.request(NEW_CONTROL, "");
            for (int at = 0; at < request.length; at += 30) {
                client.send(Arrays.copyOfRange(request, at, Math.min(request.length, at + 30)));
            }
            assertNotNull(client.reply());
        }
    }

    @Test
    void shouldTakeTheOldAndTheUnpackedForm() throws Exception {
        start(UserLimits.DEFAULT);
        try (PlugClient old = PlugClient.connect(directory); PlugClient unpacked = PlugClient.connect(directory)) {
            byte[] request = old.request(NEW_CONTROL, "");
            byte[] version1 = new byte[124];
            System.arraycopy(request, 0, version1, 0, 4);
            System.arraycopy(request, 12, version1, 14, SocketAddress.UNIX_LENGTH);
            old.send(version1);
            assertNotNull(old.reply());
            unpacked.send(Arrays.copyOf(unpacked.request(NEW_CONTROL, ""), 124));
            assertNotNull(unpacked.reply());
        }
    }

    @Test
    void shouldServeAClientWithAnAbstractName() throws Exception {
        start(UserLimits.DEFAULT);
        byte[] name = new byte[SocketAddress.UNIX_LENGTH];
        Arrays.fill(name, (byte) 'x');
        System.arraycopy(new byte[] {1, 0, 0}, 0, name, 0, 3);
        System.arraycopy(directory.toString().getBytes(), 0, name, 3, 20);
        try (PlugClient client = PlugClient.connect(directory, SocketAddress.ofBytes(name));
                PlugClient other = PlugClient.plug(directory, 0)) {
            client.send(client.request(NEW_CONTROL, "abstract"));
            client.accept(client.reply());
            byte[] frame = Frames.plain(Frames.BROADCAST, Frames.A, 60);
            client.frame(frame);
            assertArrayEquals(frame, other.frame());
            other.frame(frame);
            assertArrayEquals(frame, client.frame());
            assertEquals(BridgePort.NOBODY, count(bridge -> bridge.ports().port(2).currentUser()));
        }
    }

    @Test
    void shouldReserveNothingForAClientThatIsGoneWhenItsTurnComes() throws Exception {
        start(UserLimits.DEFAULT);
        for (int i = 0; i < 300; i++) {
            try (PlugClient client = PlugClient.connect(directory)) {
                client.send(client.request(NEW_CONTROL, "hasty"));
            }
            cleanClientSockets();
        }
        Sandbox.await("all ports are empty", () -> isTrue(bridge -> bridge.ports().active().isEmpty()));
        Sandbox.await("nobody holds the first one", () -> {
            try (PlugClient _ = PlugClient.plug(directory, 0)) {
                return isTrue(bridge -> bridge.ports().active().contains(1));
            } catch (LinuxException refused) {
                return false;
            }
        });
    }

    @Test
    void shouldGivePort0OnRequestWithThePermissionsOfManagement() throws Exception {
        start(UserLimits.DEFAULT);
        try (PlugClient client = PlugClient.connect(directory)) {
            client.send(client.request(NEW_PORT_0 | 5 << 8, "web"));
            assertTrue(client.reply().path().contains("/000."));
        }
    }

    @Test
    void shouldGiveThePortAskedForToSeveralEndpointsOfAUser() throws Exception {
        start(UserLimits.DEFAULT);
        try (PlugClient first = PlugClient.plug(directory, 7);
                PlugClient second = PlugClient.plug(directory, 7);
                PlugClient other = PlugClient.plug(directory, 0)) {
            assertEquals(2, count(bridge -> bridge.ports().port(7).endpoints().length));
            byte[] frame = Frames.plain(Frames.BROADCAST, Frames.A, 60);
            other.frame(frame);
            assertArrayEquals(frame, first.frame());
            assertArrayEquals(frame, second.frame());
            first.frame(Frames.plain(Frames.BROADCAST, Frames.B, 60));
            assertArrayEquals(Frames.plain(Frames.BROADCAST, Frames.B, 60), other.frame());
            assertEquals(1, count(bridge -> (int) bridge.ports().port(7).transmitted()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.0.magic", "3.2.type", "3.8192.port", "4.0.version", "3.-256.negative port"})
    void shouldRefuseByClosing(String versionTypeName) throws Exception {
        start(UserLimits.DEFAULT);
        String[] parts = versionTypeName.split("\\.");
        try (PlugClient client = PlugClient.connect(directory)) {
            byte[] request = client.request(Integer.parseInt(parts[1]), "");
            request[4] = Byte.parseByte(parts[0]);
            request[0] = "magic".equals(parts[2]) ? 0 : request[0];
            client.send(request);
            assertNull(client.reply());
        }
        assertEquals(List.of("ctl", "shm"), names());
        assertPlugsStillWork();
    }

    @ParameterizedTest
    @CsvSource({"nothing, false", "file, true", "directory, true", "'', false"})
    void shouldRefuseAClientWhoseAddressLeadsNowhere(String name, boolean exists) throws Exception {
        start(UserLimits.DEFAULT);
        Path target = folder.resolve(name.isEmpty() ? "unused" : name);
        if (exists) {
            Files.createFile(target);
        }
        try (PlugClient client = PlugClient.connect(directory)) {
            byte[] request = client.request(NEW_CONTROL, "");
            Arrays.fill(request, 14, 122, (byte) 0);
            byte[] path = name.isEmpty() ? new byte[0] : target.toString().getBytes();
            System.arraycopy(path, 0, request, 14, path.length);
            client.send(request);
            assertNull(client.reply());
        }
        assertPlugsStillWork();
    }

    @Test
    void shouldCloseOnAClientThatTakesItsTimeAndServeOthersMeanwhile() throws Exception {
        start(new UserLimits(256, 64, 300, 64));
        try (PlugClient slow = PlugClient.connect(directory)) {
            slow.send(Arrays.copyOf(slow.request(NEW_CONTROL, ""), 60));
            assertPlugsStillWork();
            assertNull(slow.reply());
        }
    }

    @Test
    void shouldNotTimeOutAClientThatIsPluggedIn() throws Exception {
        start(new UserLimits(256, 64, 100, 64));
        try (PlugClient client = PlugClient.plug(directory, 0);
                PlugClient silent = PlugClient.connect(directory)) {
            assertNull(silent.reply());
            assertTrue(isTrue(bridge -> bridge.ports().port(1).isActive()));
            client.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
        }
    }

    @Test
    void shouldRefuseMoreConnectionsThanAUserMayHave() throws Exception {
        start(new UserLimits(3, 64, 5_000, 64));
        PlugClient goes = PlugClient.connect(directory);
        try (PlugClient first = PlugClient.plug(directory, 0);
                PlugClient third = PlugClient.connect(directory);
                PlugClient fourth = PlugClient.connect(directory)) {
            assertNull(fourth.reply());
            goes.close();
            third.send(third.request(NEW_CONTROL, ""));
            assertNotNull(third.reply());
            first.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
        }
        Sandbox.await("the refusal is logged", () -> log.contains("too many connections of user "
                + OwnProcess.userId()));
    }

    @Test
    void shouldLogWhyAPlugWasRefusedAndWhose() throws Exception {
        start(new UserLimits(256, 2, 5_000, 64));
        running.links().add("sink", LinkUrl.parse("null://"), 3).join();
        try (PlugClient _ = PlugClient.plug(directory, 0); PlugClient _ = PlugClient.plug(directory, 0)) {
            for (int port : new int[] {99, 3, 4, 0}) {
                try (PlugClient refused = PlugClient.connect(directory)) {
                    refused.send(refused.request(port << 8, port == 0 ? "" : "guest " + port));
                    assertNull(refused.reply());
                }
            }
        }
        String user = "user " + OwnProcess.userId() + " refused: ";
        Sandbox.await("the refusals are logged", () -> log.equals(List.of(user + "no port 99, for guest 99",
                user + "port 3 is somebody else's, for guest 3", user + "too many ports (--userports), for guest 4",
                user + "too many ports (--userports)")));
    }

    @Test
    void shouldRefuseMorePortsThanAUserMayHave() throws Exception {
        start(new UserLimits(256, 2, 5_000, 64));
        try (PlugClient first = PlugClient.plug(directory, 0); PlugClient second = PlugClient.plug(directory, 0)) {
            assertThrows(LinuxException.class, () -> PlugClient.plug(directory, 0).close());
            first.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
            second.frame();
        }
    }

    @Test
    void shouldKeepDescriptorsInReserve() throws Exception {
        start(new UserLimits(256, 64, 5_000, OwnProcess.descriptorLimit() - 2));
        try (PlugClient only = PlugClient.plug(directory, 0); PlugClient refused = PlugClient.connect(directory)) {
            assertNull(refused.reply());
            only.frame(Frames.plain(Frames.BROADCAST, Frames.A, 60));
        }
        Sandbox.await("room again", this::canPlug);
    }

    @Test
    void shouldLeakNoDescriptorHoweverManyPlugsComeAndGo() throws Exception {
        start(UserLimits.DEFAULT);
        assertPlugsStillWork();
        Sandbox.await("the first has gone", () -> isTrue(bridge -> bridge.ports().active().isEmpty()));
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < 1000; i++) {
            PlugClient.plug(directory, 0).close();
        }
        Sandbox.awaitDescriptors(before, 500);
        Sandbox.await("no data socket is left", () -> List.of("ctl", "shm").equals(names()));
    }

    @Test
    void shouldSurviveWhateverIsSent() throws Exception {
        start(new UserLimits(256, 64, 5_000, 64));
        Seeds.check(300, random -> {
            try (PlugClient client = PlugClient.connect(directory)) {
                byte[] request = client.request(NEW_CONTROL, "x".repeat(random.nextInt(140)));
                for (int i = random.nextInt(4); i > 0; i--) {
                    request[random.nextInt(request.length)] = (byte) random.nextInt(256);
                }
                client.send(Arrays.copyOf(request, 1 + random.nextInt(request.length + 200)));
            }
            cleanClientSockets();
        });
        Sandbox.await("all ports are empty", () -> isTrue(bridge -> bridge.ports().active().isEmpty()));
        assertPlugsStillWork();
    }

    @Test
    void shouldCloseTheConnectionWhenTheEndpointIsDetached() throws Exception {
        start(UserLimits.DEFAULT);
        try (PlugClient client = PlugClient.connect(directory)) {
            client.send(client.request(NEW_CONTROL, ""));
            assertNotNull(client.reply());
            running.control().ask(bridge -> {
                running.control().gate().detach(bridge.ports().port(1).endpoints()[0]);
                return null;
            }).get();
            assertNull(client.reply());
        }
        Sandbox.await("the data socket is gone", () -> names().equals(List.of("ctl", "shm")));
    }

    private void start(UserLimits limits) throws Exception {
        directory = folder.resolve("sw");
        running = Switch.start(SwitchConfig.in(directory.toString()).with(limits).withThreads(threads()), log::add);
    }

    int threads() {
        return 1;
    }

    private void assertPlugsStillWork() throws Exception {
        try (PlugClient sender = PlugClient.plug(directory, 0); PlugClient receiver = PlugClient.plug(directory, 0)) {
            byte[] frame = Frames.plain(Frames.BROADCAST, Frames.A, 60);
            sender.frame(frame);
            assertArrayEquals(frame, receiver.frame());
        }
    }

    private boolean canPlug() {
        try {
            PlugClient.plug(directory, 0).close();
            return true;
        } catch (LinuxException refused) {
            return false;
        }
    }

    private int count(ToIntFunction<Bridge> question) {
        return ask(question::applyAsInt);
    }

    private boolean isTrue(Predicate<Bridge> question) {
        return ask(question::test);
    }

    private <T> T ask(Function<Bridge, T> question) {
        return running.control().ask(question).join();
    }

    /// What clients left behind that went before they could clean up.
    private void cleanClientSockets() throws IOException {
        try (var files = Files.newDirectoryStream(directory, ".*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    /// The switch's own entries of the directory, without descriptor numbers.
    private List<String> names() {
        String[] all = directory.toFile().list();
        return all == null ? List.of() : Arrays.stream(all).filter(name -> !name.startsWith("."))
                .map(name -> name.replaceFirst("\\..*", "")).sorted().toList();
    }
}
