package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.PlugClient;
import org.vswitch.fixture.Repository;

/// The command as people start it: streams, files, signals, exit codes.
class VswitchIT {
    private static final String VSWITCH = Repository.root().resolve("cli/vswitch").toString();
    private static final int DEADLINE_SECONDS = 60;

    @TempDir
    private Path folder;

    @Test
    void shouldHoldTheDialogueOfTheNixosTestDriver() throws IOException {
        try (CommandRun running = start("--sock", directory(), "--dirmode", "0700", "--hub")) {
            assertTrue(running.ask("showinfo").endsWith("1000 Success"));
            assertTrue(Files.exists(Path.of(directory(), "ctl")));
            assertEquals("rwx------", mode(Path.of(directory())));
            assertTrue(running.ask("port/showinfo").contains("HUB=true"));
            running.signal("TERM");
            assertEquals(0, running.end().code());
            assertNothingLeft();
        }
    }

    @Test
    void shouldPrintNothingButReplies() {
        try (CommandRun running = start("-s", directory())) {
            String reply = running.ask("port/showinfo");
            CommandRun.Outcome outcome = running.end();
            assertEquals(reply, outcome.output().strip());
            assertEquals("vswitch: EOF on stdin, cleaning up and exiting\n", outcome.errors());
            assertEquals(0, outcome.code());
        }
    }

    @Test
    void shouldPromptOnATerminal() {
        Child.assumeInstalled("script");
        try (CommandRun running = CommandRun.start(folder, List.of("script", "-qec",
                VSWITCH + " -s " + directory(), "/dev/null"))) {
            running.ask("showinfo");
            running.await("a prompt", () -> running.describe().contains("\nvde$ "));
            running.say("shutdown");
            assertEquals(0, running.outcome().code());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void shouldCleanUpWhenTold(String signal) throws IOException {
        try (CommandRun running = start("-s", directory(), "-M", folder + "/mgmt", "-p", "relative.pid")) {
            running.ask("showinfo");
            assertEquals(running.pid() + "\n", Files.readString(folder.resolve("relative.pid")));
            assertTrue(Files.exists(folder.resolve("mgmt")));
            running.signal("HUP");
            running.ask("showinfo");
            running.signal(signal);
            int number = signal.equals("TERM") ? 15 : 2;
            CommandRun.Outcome outcome = running.outcome();
            assertEquals("vswitch: Caught signal " + number + ", cleaning up and exiting\n", outcome.errors());
            assertEquals(signal.equals("TERM") ? 0 : 130, outcome.code());
            assertNothingLeft();
        }
    }

    @Test
    void shouldGoOnWithoutInputIfTold() throws IOException {
        try (CommandRun running = CommandRun.startReading(Path.of("/dev/null"), folder,
                List.of(VSWITCH, "-s", directory(), "--nostdin"))) {
            running.await("a control socket", () -> Files.exists(Path.of(directory(), "ctl")));
            running.signal("TERM");
            assertEquals(0, running.outcome().code());
            assertNothingLeft();
        }
    }

    @Test
    void shouldRunCommandsFromAFile() throws IOException {
        Path commands = Files.writeString(folder.resolve("commands"),
                "vlan/create 5\nvlan/print 5\nnonsense\nshowinfo");
        try (CommandRun running = CommandRun.startReading(commands, folder, List.of(VSWITCH, "-s", directory()))) {
            CommandRun.Outcome outcome = running.outcome();
            assertEquals(0, outcome.code());
            assertEquals(List.of("1000", "1000", "1038", "1000"), outcome.output().lines()
                    .filter(line -> line.matches("1\\d{3} .*")).map(line -> line.substring(0, 4)).toList());
        }
    }

    @Test
    void shouldRunTheStartupFileQuietlyBeforeAnythingElse() throws IOException {
        Files.createDirectories(folder.resolve(".vde2"));
        Files.writeString(folder.resolve(".vde2/vde_switch.rc"), "# comment\nvlan/create 7\nnonsense\nport/create 3\n");
        Path given = Files.writeString(folder.resolve("rc"), "vlan/create 8\n");
        try (CommandRun usual = start("-s", directory())) {
            assertTrue(usual.ask("vlan/print 7").endsWith("1000 Success"));
            assertTrue(usual.ask("port/allprint 3").endsWith("1000 Success"));
            assertEquals(0, usual.end().code());
        }
        try (CommandRun other = start("-s", directory(), "-f", given.toString())) {
            assertTrue(other.ask("vlan/print 8").endsWith("1000 Success"));
            assertFalse(other.ask("vlan/print 7").endsWith("1000 Success"));
        }
    }

    @Test
    void shouldSayThatANamedStartupFileIsMissing() {
        CommandRun.Outcome missing = run("-s", directory(), "-f", folder + "/missing");
        assertEquals("vswitch: --rcfile " + folder + "/missing: No such file or directory, going on without",
                missing.errors().lines().findFirst().orElse(""));
        assertEquals(0, missing.code());
        CommandRun.Outcome folders = run("-s", directory(), "-f", folder.toString());
        assertEquals("vswitch: --rcfile " + folder + ": not a readable file, going on without",
                folders.errors().lines().findFirst().orElse(""));
        for (List<String> usual : List.of(List.<String>of(), List.of("-f", "/dev/null"))) {
            List<String> line = new ArrayList<>(List.of("-s", directory()));
            line.addAll(usual);
            assertEquals("vswitch: EOF on stdin, cleaning up and exiting\n",
                    run(line.toArray(String[]::new)).errors());
        }
    }

    @Test
    void shouldReturnFromADaemonsStartWhenItAcceptsPlugs() throws Exception {
        Path pidFile = folder.resolve("pid");
        CommandRun.Outcome started = run("-s", directory(), "-d", "-p", pidFile.toString());
        assertEquals(new CommandRun.Outcome(0, "", ""), started);
        ProcessHandle daemon = daemon(pidFile);
        try (PlugClient _ = PlugClient.plug(Path.of(directory()), 0)) {
            assertEquals(Path.of("/"), Files.readSymbolicLink(Path.of("/proc/" + daemon.pid() + "/cwd")));
            assertEquals(Path.of("/dev/null"), Files.readSymbolicLink(Path.of("/proc/" + daemon.pid() + "/fd/2")));
        } finally {
            daemon.destroy();
            daemon.onExit().join();
        }
        assertNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void shouldEndADaemonAndTakeItsFilesAway(String signal) throws Exception {
        Path pidFile = folder.resolve("pid");
        assertEquals(0, run("-s", directory(), "-d", "-p", pidFile.toString()).code());
        ProcessHandle daemon = daemon(pidFile);
        try {
            Child.run("kill", "-" + signal, Long.toString(daemon.pid()));
            daemon.onExit().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } finally {
            daemon.destroyForcibly();
        }
        assertNothingLeft();
    }

    @Test
    void shouldSayWhyADaemonCannotBeStarted() {
        try (CommandRun first = start("-s", directory())) {
            first.ask("showinfo");
            CommandRun.Outcome second = run("-d", "-s", directory());
            assertEquals(255, second.code());
            assertEquals("vswitch: Could not bind to socket '" + directory() + "/ctl': Address already in use\n",
                    second.errors());
            assertTrue(first.ask("showinfo").endsWith("1000 Success"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "1   | --nosuch             | --nosuch' (see vswitch --help)",
        "1   | -n 0                 | 0",
        "1   | --numports=70000     | 70000",
        "1   | -g no-such-group     | no-such-group",
        "1   | --mgmtgroup nobody.. | nobody..",
        "1   | --macaddr 1:2:3      | 1:2:3",
        "1   | -m 999               | 999",
        "1   | operand              | operand' (see vswitch --help)",
        "1   | --slirp mtu=9000     | behind =, as in --slirp=mtu=9000)",
        "1   | --slirp --slirp      | slirp:// has the same IPv4 network (host=) as link slirp1, slirp://",
        "1   | -p /nosuch/pid       | /nosuch/pid",
        "1   | -M /nosuch/mgmt      | bind /nosuch/mgmt: No such file or directory",
        "1   | --link nosuch://x    | nosuch",
        "1   | --link vde:///nosuch | /nosuch",
        "255 | -s /nosuch/directory | /nosuch/directory",
        "255 | -s /etc/passwd       | /etc/passwd"})
    void shouldNameWhatIsWrongInOneLineAndLeaveNothing(int code, String options, String value) throws IOException {
        List<String> line = new ArrayList<>(List.of("-s", directory()));
        line.addAll(List.of(options.split(" ")));
        CommandRun.Outcome outcome = run(line.toArray(String[]::new));
        assertEquals(1, outcome.errors().lines().count(), outcome.errors());
        assertTrue(outcome.errors().contains(value), outcome.errors());
        assertEquals("", outcome.output());
        assertEquals(code, outcome.code());
        assertNothingLeft();
    }

    @Test
    void shouldRefuseNamesThatAreTooLongForSockets() throws IOException {
        String longName = "x".repeat(110);
        for (List<String> options : List.of(List.of("-s", folder + "/" + longName),
                List.of("-s", directory(), "-M", folder + "/" + longName))) {
            CommandRun.Outcome outcome = run(options.toArray(String[]::new));
            assertEquals(1, outcome.errors().lines().count(), outcome.errors());
            assertTrue(outcome.errors().contains(longName), outcome.errors());
            assertTrue(outcome.code() == 1 || outcome.code() == 255, outcome.toString());
            assertNothingLeft();
        }
    }

    @Test
    void shouldLeaveAnExistingPidFileAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("old.pid"), "1\n");
        CommandRun.Outcome outcome = run("-s", directory(), "-p", file.toString());
        assertEquals(1, outcome.code());
        assertEquals("vswitch: Error in pidfile creation: File exists '" + file + "' (process 1 is alive)\n",
                outcome.errors());
        assertEquals("1\n", Files.readString(file));
        Files.delete(file);
        assertNothingLeft();
    }

    @Test
    void shouldTakeOverFromADaemonThatWasKilled() throws Exception {
        Path pidFile = folder.resolve("pid");
        String[] options = {"-s", directory(), "-d", "-p", pidFile.toString()};
        assertEquals(0, run(options).code());
        ProcessHandle first = daemon(pidFile);
        try (PlugClient _ = PlugClient.plug(Path.of(directory()), 0)) {
            CommandRun.Outcome refused = run("-s", directory(), "-p", pidFile.toString());
            assertTrue(refused.errors().contains("(process " + first.pid() + " is alive)"), refused.errors());
            assertEquals(1, refused.errors().lines().count(), refused.errors());
            first.destroyForcibly();
            first.onExit().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
        assertEquals(new CommandRun.Outcome(0, "", ""), run(options));
        ProcessHandle second = daemon(pidFile);
        second.destroy();
        second.onExit().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertNothingLeft();
    }

    private static ProcessHandle daemon(Path pidFile) throws IOException {
        return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip())).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"20, vswitch", "63, vswitch", "20, vslirp", "20, vplug"})
    void shouldNameALimitOfDescriptorsThatIsTooLow(int limit, String command) throws IOException {
        Path launcher = Path.of(VSWITCH).resolveSibling(command);
        String line = "ulimit -n " + limit + "; exec " + launcher + " -s " + directory();
        try (CommandRun running = CommandRun.start(folder, List.of("sh", "-c", line))) {
            assertEquals(new CommandRun.Outcome(1, "", command + ": too many open files: at most " + limit
                    + " are allowed, 64 are needed (ulimit -n)\n"), running.end());
        }
        assertNothingLeft();
    }

    /// In a process that has made no bad line before.
    @ParameterizedTest
    @ValueSource(strings = {"loss=1%,way=in", "delay=1ms,way=out"})
    void shouldImpairOneWayOnly(String options) {
        assertEquals(new CommandRun.Outcome(0, "", "vswitch: EOF on stdin, cleaning up and exiting\n"),
                run("-s", directory(), "--link", "impair://null://[" + options + "]"));
    }

    @Test
    void shouldHelp() {
        CommandRun.Outcome help = run("--help");
        assertTrue(help.output().startsWith("Usage: vswitch [OPTIONS]\n"), help.output());
        assertTrue(help.output().contains("--link"), help.output());
        assertEquals("", help.errors());
        CommandRun.Outcome version = run("-v");
        assertEquals(0, version.code());
        assertTrue(version.output().startsWith("vswitch "), version.output());
    }

    private String directory() {
        return folder.resolve("sw").toString();
    }

    private CommandRun start(String... options) {
        return CommandRun.start(folder, Stream.concat(Stream.of(VSWITCH), Stream.of(options)).toList());
    }

    /// With an input that ends at once.
    private CommandRun.Outcome run(String... options) {
        try (CommandRun running = start(options)) {
            return running.end();
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    /// Nothing but the files that this test has put there, and what the command wrote.
    private void assertNothingLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(), files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.matches("(output|errors)\\d+")).toList());
        }
    }
}
