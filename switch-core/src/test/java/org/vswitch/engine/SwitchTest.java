package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.vswitch.fixture.PlugClient;

/// A whole switch, with real sockets.
@Timeout(60)
class SwitchTest {
    @TempDir
    Path folder;

    @Test
    void shouldCarryFramesBetweenTwoPlugs() throws Exception {
        Path directory = folder.resolve("sw");
        try (Switch _ = Switch.start(SwitchConfig.in(directory.toString()), line -> { });
                PlugClient first = PlugClient.plug(directory, 0);
                PlugClient second = PlugClient.plug(directory, 0)) {
            byte[] frame = new byte[60];
            java.util.Arrays.fill(frame, 0, 6, (byte) 0xff);
            frame[6] = 2;
            first.frame(frame);
            assertArrayEquals(frame, second.frame());
        }
        assertFalse(Files.exists(directory));
    }
}
