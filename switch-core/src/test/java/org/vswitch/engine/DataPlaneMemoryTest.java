package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// What a data plane leaves behind.
class DataPlaneMemoryTest {
    private static final int PLANES = 200;
    /// Each maps more than 20 MiB. Other tests of this process map less at the same time than 100 of them.
    private static final long MOST_BYTES = 100L * (20 << 20);
    private static final long PAGE = 4096;

    @Test
    void shouldGiveItsMemoryBack() throws Exception {
        long before = mappedBytes();
        for (int i = 0; i < PLANES; i++) {
            new DataPlane().onClose();
        }
        long grown = mappedBytes() - before;
        assertTrue(grown < MOST_BYTES, "grown by " + grown);
    }

    @Test
    void shouldEndOnce() throws Exception {
        DataPlane plane = new DataPlane();
        plane.onClose();
        plane.onClose();
    }

    private static long mappedBytes() throws Exception {
        return PAGE * Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[0]);
    }
}
