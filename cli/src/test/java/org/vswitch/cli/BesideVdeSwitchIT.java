package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Repository;

/// The same command lines to Debian's vde_switch and to ours: both must have understood the same, write the same and
/// end with the same code. `@` in a line stands for a folder of the command's own.
class BesideVdeSwitchIT {
    private static final List<String> QUESTIONS =
            List.of("port/showinfo", "ds/showinfo", "hash/showinfo", "fstp/showinfo", "showinfo");

    @TempDir
    private Path folder;

    @BeforeEach
    void prepare() throws IOException {
        Child.assumeInstalled("vde_switch");
        for (String command : List.of("vde_switch", "vswitch")) {
            Files.createDirectories(folder.resolve(command));
        }
    }

    private enum Which {
        THEIRS, OURS
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-sock @/s -numports 10 -hub",
        "-so=@/s -x -n10",
        "-s@/s -n 0x10 -m 660",
        "--unix @/s --dirmode 0770 --hashsize=512",
        "-vdesock=@/s --has 64 -mode 0666 -dirm 0777",
        "-xs@/s -mod 640 --mac 1:2:3:4:5:6 -prior=010",
        "--sock=@/s --macaddr 0a.0b.0c.0d.0e.0f -F --pri 0xffff1",
        "-Fs @/s -g root -M @/m -mgmtm 666 --mgmtg root -D 3",
        "-s @/s -p @/p -rcfile /dev/null -n 12 -s @/t --macaddr=ff:0:0:0:0:1",
        "-s @/s -mgmt @/m --hashsize 100",
        "-s @/s --"})
    void shouldUnderstandTheSame(String line) {
        String whole = "--macaddr 2:2:2:2:2:2 " + line;
        assertEquals(answers(Which.THEIRS, whole), answers(Which.OURS, whole));
    }

    /// Lines that come to an end by themselves, or when their input ends.
    @ParameterizedTest
    @ValueSource(strings = {"-s @/s", "-s @/s --hashsize 100", "-s @/s -f /dev/null", "-s /nosuch/directory",
        "-g no-such-group", "-s @/s -mgmtgroup=no-such-group", "--version"})
    void shouldEndWithTheSame(String line) {
        CommandRun.Outcome theirs = end(Which.THEIRS, line);
        CommandRun.Outcome ours = end(Which.OURS, line);
        assertEquals(theirs.code(), ours.code(), ours.errors());
        assertEquals(normalised(theirs.errors()), normalised(ours.errors()));
    }

    /// Where vde_switch shows its usage, ours says in one line what is wrong.
    @ParameterizedTest
    @ValueSource(strings = {"--help", "operand", "-s @/s operand", "-s @/s -- -x", "--mo 700", "--macaddr 1:2:3",
        "-n 0", "-s @/s -p @/no/pid", "-s @/s -f @/none", "-hx"})
    void shouldEndWithTheSameCode(String line) {
        assertEquals(end(Which.THEIRS, line).code(), end(Which.OURS, line).code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void shouldEndTheSameBySignals(String signal) {
        assertEquals(signalled(Which.THEIRS, signal), signalled(Which.OURS, signal));
    }

    @Test
    void shouldEndTheSameByCommand() {
        assertEquals(shutDown(Which.THEIRS), shutDown(Which.OURS));
    }

    @Test
    void shouldRefuseADirectoryInUseInTheSameWords() {
        String line = "-s " + folder + "/shared";
        try (CommandRun first = start(Which.THEIRS, line)) {
            first.ask("showinfo");
            CommandRun.Outcome theirs = end(Which.THEIRS, line);
            CommandRun.Outcome ours = end(Which.OURS, line);
            assertEquals(theirs.code(), ours.code());
            assertEquals(normalised(theirs.errors()).getFirst(), normalised(ours.errors()).getFirst());
            first.ask("showinfo");
        }
        try (CommandRun first = start(Which.OURS, line)) {
            first.ask("showinfo");
            assertEquals(255, end(Which.THEIRS, line).code());
            first.ask("showinfo");
        }
    }

    private List<String> answers(Which which, String line) {
        List<String> answers = new ArrayList<>();
        try (CommandRun running = start(which, line)) {
            for (String question : QUESTIONS) {
                answers.addAll(normalised(running.ask(question)));
            }
            CommandRun.Outcome outcome = running.end();
            answers.add(outcome.code() + " " + normalised(outcome.errors()));
        }
        return answers;
    }

    private CommandRun.Outcome end(Which which, String line) {
        try (CommandRun running = start(which, line)) {
            return running.end();
        }
    }

    private List<String> signalled(Which which, String signal) {
        try (CommandRun running = start(which, "-s @/s")) {
            running.ask("showinfo");
            running.signal("HUP");
            running.ask("showinfo");
            running.signal(signal);
            CommandRun.Outcome outcome = running.outcome();
            return List.of(outcome.code() + "", normalised(outcome.errors()).toString(),
                    Files.exists(folder.resolve(name(which)).resolve("s")) + "");
        }
    }

    private List<String> shutDown(Which which) {
        try (CommandRun running = start(which, "-s @/s")) {
            running.ask("showinfo");
            running.say("shutdown");
            CommandRun.Outcome outcome = running.outcome();
            List<String> output = outcome.output().lines().toList();
            return List.of(outcome.code() + "", normalised(outcome.errors()).toString(), output.getLast());
        }
    }

    private CommandRun start(Which which, String line) {
        Path own = folder.resolve(name(which));
        List<String> command = new ArrayList<>();
        command.add(which == Which.OURS ? Repository.root().resolve("cli/vswitch").toString() : "vde_switch");
        command.addAll(List.of(line.replace("@", own.toString()).split(" ")));
        return CommandRun.start(own, command);
    }

    private static String name(Which which) {
        return which == Which.OURS ? "vswitch" : "vde_switch";
    }

    /// Without names, process ids, uptimes and version.
    private List<String> normalised(String text) {
        return text.replace(folder + "/vde_switch/", "@/").replace(folder + "/vswitch/", "@/").lines()
                .map(line -> line.replaceFirst("^(vde_switch|vswitch): ", "")
                        .replaceFirst("pid \\d+ (.*) uptime \\d+", "pid N $1 uptime N")
                        .replaceFirst("^VDE switch V\\..*", "VDE switch V.N"))
                .toList();
    }
}
