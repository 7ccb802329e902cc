package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The shell's part of a start: which java, with which arguments, and the daemon's fifo.
class LauncherIT {
    /// Plays no part in making the class cache: its input ends, and no cache is left.
    private static final String NO_TRAINING = "case \"$*\" in *AOTCacheOutput*) exit 1 ;; esac\n";

    @TempDir
    private Path folder;
    private Launcher launcher;

    @BeforeEach
    void install() throws IOException {
        launcher = Launcher.install(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"25", "25.0.3+9-LTS", "25+36-Debian-1"})
    void shouldBecomeJava(String version) throws Exception {
        launcher.fakeJava(version, NO_TRAINING + "echo $$; shift $(($# - 3)); printf '%s\\n' \"$@\"; exit 7");
        var result = launcher.run("vswitch", "--sock", "a b");
        assertEquals(result.pid() + "\nvswitch\n--sock\na b\n", result.output());
        assertEquals(7, result.status());
    }

    @Test
    void shouldNameTheCommandThatWasCalled() throws Exception {
        launcher.fakeJava("25", NO_TRAINING + "shift $(($# - 2)); echo \"$*\"");
        assertEquals("vplug null://\n", launcher.run("vplug", "null://").output());
        assertEquals("vslirp null://\n", launcher.run("vslirp", "null://").output());
    }

    @Test
    void shouldTellTheNameThatALinkHas() throws Exception {
        launcher.fakeJava("25", NO_TRAINING + "shift $(($# - 2)); echo \"$*\"");
        var environment = Map.of("JAVA_HOME", folder.resolve("jdk").toString());
        Path link = Files.createSymbolicLink(folder.resolve("slirpvde"), launcher.command("vslirp"));
        assertEquals("slirpvde -D\n", launcher.run(environment, link, "-D").output());
        Path copy = Files.copy(launcher.command("vslirp"), launcher.command("slirpvde"));
        assertEquals("slirpvde -D\n", launcher.run(environment, copy, "-D").output());
    }

    @Test
    void shouldFollowSymbolicLinks() throws Exception {
        launcher.fakeJava("25", NO_TRAINING + "shift $(($# - 2)); echo \"$*\"");
        Path link = Files.createSymbolicLink(folder.resolve("link"), launcher.command("vswitch"));
        Path linkToLink = Files.createSymbolicLink(folder.resolve("link to link"), link.getFileName());
        var environment = Map.of("JAVA_HOME", folder.resolve("jdk").toString());
        assertEquals("vswitch -x\n", launcher.run(environment, linkToLink, "-x").output());
    }

    @ParameterizedTest
    @ValueSource(strings = {"17.0.15+6", "250", "26"})
    void shouldNotUseAnotherJava(String version) throws Exception {
        launcher.fakeJava(version, "echo wrong");
        assertFalse(launcher.run("vswitch", "--version").output().contains("wrong"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-d", "-daemon", "--daemon", "--dae", "-da", "-xd", "-Fxd", "-dF", "-qd"})
    void shouldReturnOnceADaemonIsReady(String spelling) throws Exception {
        launcher.fakeJava("25", NO_TRAINING + "echo ready >&3; exit 9");
        var result = launcher.run("vswitch", "-s", "x", spelling);
        assertEquals(new Launcher.Result(result.pid(), 0, ""), result);
    }

    @Test
    void shouldPassOnWhyADaemonDidNotStart() throws Exception {
        launcher.fakeJava("25", NO_TRAINING + "echo 'vswitch: no' >&2; exit 255");
        var result = launcher.run("vswitch", "-d");
        assertEquals(new Launcher.Result(result.pid(), 255, "vswitch: no\n"), result);
    }

    @Test
    void shouldStartADaemonInASessionOfItsOwn() throws Exception {
        launcher.fakeJava("25", NO_TRAINING
                + "cut -d ' ' -f 6 /proc/$$/stat >&2; readlink /proc/self/fd/0 >&2; echo $$ >&2; exit 1");
        List<String> lines = launcher.run("vswitch", "-d").output().lines().map(String::strip).toList();
        assertEquals(lines.get(2), lines.get(0), "a session leader");
        assertEquals("/dev/null", lines.get(1));
    }

    @Test
    void shouldStartAgainWhenItsGuessWasWrong() throws Exception {
        launcher.fakeJava("25", NO_TRAINING
                + "case \"$*\" in *org.vswitch.ready*) echo foreground >&3; exit 0 ;; esac; echo \"$$ $*\"; exit 3");
        var result = launcher.run("vswitch", "-s", "-d");
        assertTrue(result.output().startsWith(result.pid() + " "), result.output());
        assertTrue(result.output().endsWith(" vswitch -s -d\n"), result.output());
        assertEquals(3, result.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--dirmode=0770", "-dirmode", "--mode", "-mod", "-vdesock", "--nostdin", "-s/dir", "x-d"})
    void shouldNotTakeTheseForADaemon(String argument) throws Exception {
        launcher.fakeJava("25", NO_TRAINING + "case \"$*\" in *org.vswitch.ready*) echo guessed ;; esac");
        assertEquals("", launcher.run("vswitch", argument).output());
    }

    @Test
    void shouldIgnoreJavaOptionsOfTheEnvironment() throws Exception {
        launcher.fakeJava("25", NO_TRAINING + "echo \"$JAVA_TOOL_OPTIONS$JDK_JAVA_OPTIONS$_JAVA_OPTIONS\"");
        var environment = Map.of("JAVA_HOME", folder.resolve("jdk").toString(),
                "JAVA_TOOL_OPTIONS", "-Da", "JDK_JAVA_OPTIONS", "-Db", "_JAVA_OPTIONS", "-Dc");
        assertEquals("\n", launcher.run(environment, launcher.command("vswitch")).output());
    }

    @Test
    void shouldMakeANewGenerationWhereItHasBeenMovedTo() throws Exception {
        launcher.fakeJava("25", NO_TRAINING + "for a; do case $a in */lib) echo \"$a\" ;; esac; done");
        String before = launcher.run("vswitch").output();
        assertEquals(before, launcher.run("vswitch").output());
        Path moved = Files.move(folder.resolve("a checkout"), folder.resolve("moved"));
        var environment = Map.of("JAVA_HOME", folder.resolve("jdk").toString());
        String after = launcher.run(environment, moved.resolve("cli/vswitch")).output();
        assertNotEquals(before, after);
        assertTrue(after.startsWith(moved.toRealPath().toString()), after);
    }

    @Test
    void shouldMakeAClassCacheThatTheRealJavaAccepts() throws Exception {
        launcher.installJars();
        var options = Map.of("VSWITCH_JAVA_OPTIONS", "-XX:AOTMode=on");
        var result = launcher.run(options, launcher.command("vswitch"), "--version");
        assertFalse(result.output().contains("AOT"), result.output());
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> caches = files.filter(file -> file.toString().endsWith(".aot")).toList();
            assertEquals(1, caches.size());
            assertNotEquals(0, Files.size(caches.getFirst()));
        }
    }
}
