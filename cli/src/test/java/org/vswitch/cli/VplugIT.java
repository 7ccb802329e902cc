package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Repository;

/// The cable command as people start it.
class VplugIT {
    private static final String CLI = Repository.root().resolve("cli").toString();

    @TempDir
    private Path folder;

    @Test
    void shouldConnectTwoSwitchesUntilOneEnds() {
        try (DebianSwitch theirs = DebianSwitch.start(folder.resolve("a"));
                CommandRun ours = CommandRun.start(folder, List.of(CLI + "/vswitch", "-s", folder + "/b"))) {
            ours.ask("showinfo");
            try (CommandRun cable = CommandRun.start(folder,
                    List.of(CLI + "/vplug", theirs.directory(), "vde://" + folder + "/b"))) {
                theirs.awaitPort(1);
                cable.await("the cable's plug", () -> ours.ask("port/print 1").endsWith("1000 Success"));
                assertTrue(ours.ask("port/print 1").contains(" vplug: user="), ours.describe());
                assertEquals(0, ours.end().code());
                assertEquals(new CommandRun.Outcome(2, "", "vplug: vde://" + folder + "/b has ended: its switch has "
                        + "gone, or has unplugged us\n"), cable.outcome());
            }
        }
    }

    @Test
    void shouldNotMakeALoopOfASwitchByWhateverNames() throws Exception {
        try (DebianSwitch theirs = DebianSwitch.start(folder.resolve("a"))) {
            Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("a"));
            for (String other : List.of(theirs.directory(), "vde://" + link, "vde://" + folder + "/./a/",
                    "impair://vde://" + folder + "/a[loss=1%]")) {
                CommandRun.Outcome outcome = run("vde://" + folder + "/a[sockets]", other);
                assertEquals("vplug: vde_open " + other + ": the switch in " + folder.toRealPath() + "/a as well, and "
                        + "the cable a loop (one between its VLANs names a port, as in vde://" + folder.toRealPath()
                        + "/a[5])\n", outcome.errors());
                assertEquals(1, outcome.code());
            }
            try (CommandRun cable = CommandRun.start(folder,
                    List.of(CLI + "/vplug", theirs.directory(), "vde://" + folder + "/a[5]"))) {
                theirs.awaitPort(1);
                theirs.awaitPort(5);
                assertTrue(cable.isAlive(), cable.describe());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nosuch/network", "vde:///nosuch/network"})
    void shouldSayWhatCannotBeOpenedAndWhyAsVdePlugDoes(String url) {
        Child.assumeInstalled("vde_plug");
        try (CommandRun theirs = CommandRun.start(folder, List.of("vde_plug", url, "/nosuch/other"))) {
            CommandRun.Outcome expected = theirs.outcome();
            CommandRun.Outcome outcome = run(url, "/nosuch/other");
            String prefix = "vde_open " + url + ": ";
            assertTrue(expected.errors().startsWith(prefix), expected.errors());
            assertTrue(outcome.errors().startsWith("vplug: " + prefix), outcome.errors());
            assertTrue(outcome.errors().endsWith(expected.errors().substring(prefix.length())), outcome.errors());
            assertEquals(expected.code(), outcome.code());
        }
    }

    @Test
    void shouldNameTheSchemesThereAre() {
        CommandRun.Outcome outcome = run("nosuch://x", "null://");
        assertEquals(1, outcome.code());
        assertEquals(1, outcome.errors().lines().count());
        assertTrue(outcome.errors().matches("(?s)vplug: vde_open nosuch://x: .*null.*tap.*udp.*vde.*"),
                outcome.errors());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null://", "null:// null:// null://", "--nosuch null:// null://"})
    void shouldRefuseAnythingButTwoUrls(String line) {
        CommandRun.Outcome outcome = run(line.isEmpty() ? new String[0] : line.split(" "));
        assertEquals(255, outcome.code());
        assertEquals(1, outcome.errors().lines().count(), outcome.errors());
    }

    @Test
    void shouldNotConnectTwoRouters() {
        assertEquals(new CommandRun.Outcome(1, "", "vplug: vde_open slirp:///host=10.1.0.1: a router as well, and "
                + "nobody between the two\n"), run("slirp://", "slirp:///host=10.1.0.1"));
    }

    private CommandRun.Outcome run(String... arguments) {
        try (CommandRun running = CommandRun.start(folder,
                Stream.concat(Stream.of(CLI + "/vplug"), Stream.of(arguments)).toList())) {
            return running.outcome();
        }
    }
}
