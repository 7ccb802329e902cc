package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;
import org.vswitch.link.LinkUrl;

/// Debian's clients, as their users start them.
@Timeout(120)
class RealClientsTest {
    @TempDir
    private Path folder;
    private RunningSwitch network;
    private String directory;

    @BeforeEach
    void start() throws Exception {
        network = RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString()));
        directory = network.directory().toString();
    }

    @AfterEach
    void stop() {
        network.close();
    }

    @Test
    void shouldCarryFramesOfVdePlugBothWays() throws Exception {
        try (StreamPlug first = StreamPlug.start(directory);
                StreamPlug second = StreamPlug.start("vde://" + directory)) {
            network.awaitActivePorts(2);
            for (int length : new int[] {14, 59, 60, 1514, 9216}) {
                byte[] there = Frames.plain(Frames.B, Frames.A, length);
                first.send(there);
                assertArrayEquals(there, second.receive());
                byte[] back = Frames.plain(Frames.A, Frames.B, length);
                second.send(back);
                assertArrayEquals(back, first.receive());
            }
        }
        network.awaitActivePorts(0);
        assertEquals(-1, network.portOf(Frames.A));
    }

    @Test
    void shouldPlugVdePlugInWhereItAsks() throws Exception {
        try (StreamPlug _ = StreamPlug.start(directory + "[7]");
                StreamPlug _ = StreamPlug.start("vde://" + directory + "[port=9]");
                StreamPlug _ = StreamPlug.start("--port", "9", "--descr", "another", directory);
                StreamPlug _ = StreamPlug.start(directory + "[0]")) {
            network.awaitActivePorts(3);
            Sandbox.await("both", 60, () -> network.endpoints(9) == 2);
            assertEquals(1, network.endpoints(7));
            assertEquals(1, network.endpoints(0));
            String description = network.ask(
                    bridge -> bridge.ports().port(7).endpoints()[0].label().description());
            assertTrue(description.matches("vdeplug: user=\\S+ pid=\\d+.*"), description);
        }
    }

    @Test
    void shouldRefuseAPortThatDoesNotExistSoThatTheClientEnds() {
        Child.assumeInstalled("vde_plug");
        try (Child plug = Child.start("vde_plug", directory + "[99]")) {
            assertNotEquals(0, plug.status(), plug.describe());
            assertTrue(plug.output().contains("vde_open"), plug.describe());
        }
        network.awaitActivePorts(0);
    }

    @Test
    void shouldLetVdePlugEndWithTheSwitch() {
        Child.assumeInstalled("vde_plug");
        try (Child plug = Child.start("vde_plug", directory)) {
            network.awaitActivePorts(1);
            Sandbox.await("it has removed its own socket, its last step", () -> sockets().stream()
                    .noneMatch(name -> name.startsWith(".")));
            network.close();
            assertEquals(0, plug.status(), plug.describe());
        }
    }

    private List<String> sockets() {
        return List.of(network.directory().toFile().list());
    }

    @Test
    void shouldConnectNamespacesByVdePlug2tap() {
        Child.assumeInstalled("vde_plug2tap", "ping");
        try (Sandbox first = Sandbox.create();
                Sandbox second = Sandbox.create();
                Child _ = Child.start(first.inside("vde_plug2tap", "-s", directory, "tap0"));
                Child _ = Child.start(second.inside("vde_plug2tap", "-s", directory, "tap0"))) {
            network.awaitActivePorts(2);
            up(first, "10.0.0.1/24");
            up(second, "10.0.0.2/24");
            String pings = Child.run(first.inside("ping", "-c", "5", "-i", "0.2", "10.0.0.2"));
            assertTrue(pings.contains("5 received, 0% packet loss"), pings);
        }
        network.awaitActivePorts(0);
    }

    private static void up(Sandbox sandbox, String address) {
        sandbox.run("ip", "addr", "add", address, "dev", "tap0");
        sandbox.run("ip", "link", "set", "tap0", "up");
    }

    @Test
    void shouldBeCabledToDebiansSwitchByDpipe() throws Exception {
        Child.assumeInstalled("dpipe", "vde_plug");
        try (DebianSwitch other = DebianSwitch.start(folder.resolve("other"));
                Child _ = Child.start("dpipe", "vde_plug", other.directory(), "=", "vde_plug", directory)) {
            assertCabled(other);
        }
    }

    @Test
    void shouldBeCabledToDebiansSwitchByVplug() throws Exception {
        CompletableFuture<Integer> status;
        try (DebianSwitch other = DebianSwitch.start(folder.resolve("other"))) {
            status = CompletableFuture.supplyAsync(
                    () -> new VplugCommand().run("vde://" + other.directory(), directory));
            assertCabled(other);
        }
        assertEquals(2, status.get(Child.DEADLINE_SECONDS, TimeUnit.SECONDS));
        network.awaitActivePorts(0);
    }

    @Test
    void shouldPlugItselfIntoDebiansSwitch() throws Exception {
        try (DebianSwitch other = DebianSwitch.start(folder.resolve("other"))) {
            network.running().links().add("uplink", LinkUrl.parse("vde://" + other.directory()), 5)
                    .get(Child.DEADLINE_SECONDS, TimeUnit.SECONDS);
            assertEquals(1, network.endpoints(5));
            assertCabled(other);
        }
        network.awaitActivePorts(0);
    }

    /// Plugs a client into either switch and exchanges frames.
    private void assertCabled(DebianSwitch other) throws IOException {
        network.awaitActivePorts(1);
        other.awaitPort(1);
        try (PlugClient here = PlugClient.plug(network.directory(), 0);
                PlugClient there = PlugClient.plug(Path.of(other.directory()), 0)) {
            for (int length : new int[] {14, 60, 1514}) {
                byte[] frame = Frames.plain(Frames.BROADCAST, Frames.A, length);
                here.frame(frame);
                assertArrayEquals(frame, there.frame());
                byte[] answer = Frames.plain(Frames.A, Frames.B, length);
                there.frame(answer);
                assertArrayEquals(answer, here.frame());
            }
        }
        network.awaitActivePorts(1);
    }
}
