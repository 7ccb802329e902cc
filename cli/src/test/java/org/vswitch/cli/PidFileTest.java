package org.vswitch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertEquals("Error in pidfile creation: File exists '" + file + "'", refusal(file));
        assertEquals("1\n", Files.readString(file));
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
