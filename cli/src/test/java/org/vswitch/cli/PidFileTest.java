package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Processes;

class PidFileTest {
    @TempDir
    private Path folder;

    @Test
    void shouldHoldTheProcessIdUntilItIsClosed() throws IOException {
        Path file = folder.resolve("pid");
        try (PidFile _ = PidFile.create(file.toString())) {
            assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(file));
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void shouldLeaveAnExistingFileAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("pid"), "1\n");
        assertEquals("Error in pidfile creation: File exists '" + file + "' (process 1 is alive)", refusal(file));
        assertEquals("1\n", Files.readString(file));
    }

    @Test
    void shouldReplaceWhatAKilledProcessLeft() throws Exception {
        Process killed = Processes.start(new ProcessBuilder("true"));
        killed.waitFor();
        for (long gone : new long[] {killed.pid(), ProcessHandle.current().pid()}) {
            Path file = Files.writeString(folder.resolve("pid"), gone + "\n");
            PidFile.check(Optional.of(file.toString()));
            assertEquals(gone + "\n", Files.readString(file));
            try (PidFile _ = PidFile.create(file.toString())) {
                assertEquals(ProcessHandle.current().pid() + "\n", Files.readString(file));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-5", "4194305x", "4194305\n\n", "4194305\n4194306\n", "notes", "99999999999"})
    void shouldLeaveAFileAloneThatNamesNoProcess(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("pid"), content);
        assertEquals("Error in pidfile creation: File exists '" + file + "'", refusal(file));
        assertEquals(refusal(file), assertThrows(IOException.class,
                () -> PidFile.check(Optional.of(file.toString()))).getMessage());
        assertEquals(content, Files.readString(file));
    }

    @Test
    void shouldNotFollowALink() throws IOException {
        Path target = Files.writeString(folder.resolve("target"), "4194305\n");
        Path link = Files.createSymbolicLink(folder.resolve("pid"), target);
        assertEquals("Error in pidfile creation: File exists '" + link + "'", refusal(link));
        assertEquals("4194305\n", Files.readString(target));
    }

    @Test
    void shouldSayWhyItCannotBeWritten() {
        Path file = folder.resolve("missing/pid");
        assertEquals("Error in pidfile creation: No such file or directory '" + file + "'", refusal(file));
    }

    @Test
    void shouldNotTakeTheCurrentDirectoryForAFileWithoutName() {
        assertEquals("Error in pidfile creation: No such file or directory ''",
                assertThrows(IOException.class, () -> PidFile.create("").close()).getMessage());
    }

    private static String refusal(Path file) {
        return assertThrows(IOException.class, () -> PidFile.create(file.toString()).close()).getMessage();
    }
}
