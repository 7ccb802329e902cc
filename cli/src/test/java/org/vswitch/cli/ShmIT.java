package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Repository;
import org.vswitch.fixture.Sandbox;

/// Processes of ours that share memory, as people start and kill them.
@Timeout(180)
class ShmIT {
    private static final String CLI = Repository.root().resolve("cli").toString();
    private static final int SECONDS = 60;

    @TempDir
    private Path folder;

    @Test
    void shouldLeaveNothingOfAPeerThatWasKilledUnderTraffic() throws IOException {
        try (CommandRun network = start("vswitch", "-s", folder + "/sw", "--link", "shm://" + folder + "/peers")) {
            network.ask("showinfo");
            int descriptors = descriptors(network);
            try (PlugClient sender = PlugClient.plug(folder.resolve("sw"), 0)) {
                int plugged = descriptors(network);
                for (int round = 0; round < 3; round++) {
                    try (CommandRun peer = start("vplug", "shm://" + folder + "/peers[client]", "null://")) {
                        peer.await("memory of both", () -> mapped(network) == 1 && mapped(peer) == 1);
                        for (int i = 0; i < 2000; i++) {
                            sender.frame(Frames.plain(Frames.BROADCAST, Frames.A, 1514));
                            if (i == 1000) {
                                peer.signal("KILL");
                            }
                        }
                        peer.outcome();
                    }
                    Sandbox.await("its memory is unmapped", SECONDS, () -> mapped(network) == 0);
                    Sandbox.await("its descriptors are closed", SECONDS, () -> descriptors(network) == plugged);
                }
            }
            Sandbox.await("all descriptors are closed", SECONDS, () -> descriptors(network) == descriptors);
            assertEquals(0, network.end().code());
        }
        assertTrue(Files.notExists(folder.resolve("peers")));
    }

    @Test
    void shouldEndACableWhoseSwitchWasKilledAndBeReplacedByTheNext() {
        for (int round = 0; round < 2; round++) {
            CommandRun network = start("vswitch", "-s", folder + "/sw", "--link", "shm://" + folder + "/peers");
            network.ask("showinfo");
            try (CommandRun shm = start("vplug", "shm://" + folder + "/peers[client]", "null://");
                    CommandRun vde = start("vplug", folder + "/sw", "null://")) {
                network.await("memory of both", () -> mapped(network) == 2 && mapped(shm) == 1 && mapped(vde) == 1);
                network.signal("KILL");
                assertEquals(2, shm.outcome().code());
                assertEquals(2, vde.outcome().code());
            }
            network.close();
        }
    }

    @Test
    void shouldCableTwoSwitchesOfOursThroughMemoryUnlessItIsForbidden() throws IOException {
        try (CommandRun one = start("vswitch", "-s", folder + "/a"); CommandRun other = start("vswitch", "-s",
                folder + "/b")) {
            one.ask("showinfo");
            other.ask("showinfo");
            try (CommandRun cable = start("vplug", "vde://" + folder + "/a[5]", "vde://" + folder + "/b[sockets]")) {
                cable.await("both plugs", () -> one.ask("port/print 5").endsWith("1000 Success")
                        && other.ask("port/print 1").endsWith("1000 Success"));
                assertTrue(one.ask("port/print 5").contains(" vplug: user="), one.describe());
                assertEquals(List.of(1, 0, 1), List.of(mapped(one), mapped(other), mapped(cable)));
                try (PlugClient here = PlugClient.plug(folder.resolve("a"), 0);
                        PlugClient there = PlugClient.plug(folder.resolve("b"), 0)) {
                    here.frame(Frames.plain(Frames.BROADCAST, Frames.A, 1514));
                    assertArrayEquals(Frames.plain(Frames.BROADCAST, Frames.A, 1514), there.frame());
                    there.frame(Frames.plain(Frames.A, Frames.B, 60));
                    assertArrayEquals(Frames.plain(Frames.A, Frames.B, 60), here.frame());
                }
            }
        }
    }

    @Test
    void shouldPlugIntoASwitchOfVdesWithoutAWord() {
        try (DebianSwitch theirs = DebianSwitch.start(folder.resolve("sw"));
                CommandRun cable = start("vplug", "vde://" + folder + "/sw", "null://")) {
            theirs.awaitPort(1);
            assertEquals(0, mapped(cable));
            cable.signal("TERM");
            assertEquals("", cable.outcome().errors());
        }
    }

    private CommandRun start(String command, String... arguments) {
        return CommandRun.start(folder, Stream.concat(Stream.of(CLI + "/" + command), Stream.of(arguments)).toList());
    }

    /// How many mappings of shared memory a process has.
    private static int mapped(CommandRun process) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/maps"))) {
            return (int) lines.filter(line -> line.contains("memfd:vswitch-shm")).count();
        } catch (IOException | UncheckedIOException ended) {
            return -1;
        }
    }

    private static int descriptors(CommandRun process) {
        try (Stream<Path> entries = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return (int) entries.count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
