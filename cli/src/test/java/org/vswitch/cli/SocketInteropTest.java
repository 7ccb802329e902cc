package org.vswitch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.engine.SwitchConfig;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Sandbox;

/// Routers of others that listen at sockets of theirs, with the switch as their guest: each answers to its address.
@Timeout(120)
class SocketInteropTest {
    private static final int GUEST = 0x0a09_090f;

    @TempDir
    private Path folder;

    @Test
    void shouldHaveSlirp4netnsAsRouterByPackets() throws Exception {
        Child.assumeInstalled("slirp4netns");
        String socket = folder.resolve("bess").toString();
        try (RunningSwitch network = start("bess://" + socket + "[client]");
                Child router = Child.start("slirp4netns", "--target-type=bess", "--cidr=10.9.9.0/24", socket)) {
            awaitAnswer(network, 0x0a09_0902, router);
        }
    }

    @Test
    void shouldHavePasstAsRouterByAStream() throws Exception {
        Child.assumeInstalled("passt");
        Assumptions.assumeFalse(Child.run("ip", "route", "show", "default").isBlank(), "passt needs a way out");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx")); // it becomes nobody
        String socket = folder.resolve("passt").toString();
        try (RunningSwitch network = start("qemu://" + socket + "[client]");
                Child router = Child.start("passt", "--foreground", "--socket", socket, "--address", "10.9.9.15",
                        "--netmask", "24", "--gateway", "10.9.9.1", "--ipv4-only")) {
            awaitAnswer(network, 0x0a09_0901, router);
        }
    }

    private RunningSwitch start(String link) throws Exception {
        return RunningSwitch.start(SwitchConfig.in(folder.resolve("sw").toString()).withLinks(List.of(link)));
    }

    /// Asks until the switch knows a second station: the one that answers.
    private static void awaitAnswer(RunningSwitch network, int router, Child process) throws Exception {
        try (PlugClient guest = PlugClient.plug(network.directory(), 0)) {
            byte[] question = Frames.arpRequest(Frames.A, GUEST, router);
            Sandbox.await("an answer of " + process.describe(), 60, () -> {
                try {
                    guest.frame(question);
                } catch (java.io.IOException full) {
                    return false;
                }
                return network.ask(bridge -> bridge.addresses().count()) > 1;
            });
        }
    }
}
