package org.vswitch.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Takes the place of each of three vde_switches in a recorded triangle, hears what that one heard, and must say what
/// it said, byte for byte, but for the age of the root in seconds, which depends on how a clock ticks.
class VdeSwitchTranscriptTest {
    private static final int AGE_OFFSET = 44;

    @ParameterizedTest
    @CsvSource({"A, 00ff0000000a", "B, 00ff0000000b", "C, 00ff0000000c"})
    void shouldSayWhatVdeSwitchSaid(String name, String mac) throws IOException {
        TreeRig rig = new TreeRig(0x8000L << 48 | Long.parseLong(mac, 16));
        Map<Integer, List<String>> expected = new HashMap<>();
        Map<Integer, List<String>> actual = new HashMap<>();
        long startNs = rig.nowNs;
        for (Line line : transcript(name)) {
            rig.pass((startNs + line.timeMs * 1_000_000 - rig.nowNs) / 1_000_000);
            switch (line.what) {
                case "start" -> rig.enabled();
                case "plug" -> rig.plug(line.port);
                case "in" -> rig.hear(0, line.port, HexFormat.of().parseHex(line.frame));
                default -> expected.computeIfAbsent(line.port, _ -> new ArrayList<>()).add(withoutAge(line.frame));
            }
        }
        rig.pass(10);
        for (int port = 1; port <= 2; port++) {
            actual.put(port, rig.said(port).stream()
                    .map(bpdu -> withoutAge(HexFormat.of().formatHex(bpdu.emit()))).toList());
        }
        assertEquals(expected, actual);
    }

    private static String withoutAge(String frame) {
        return frame.substring(0, 2 * AGE_OFFSET) + "...." + frame.substring(2 * AGE_OFFSET + 4);
    }

    private record Line(long timeMs, int port, String what, String frame) {
    }

    private static List<Line> transcript(String name) throws IOException {
        try (InputStream file = VdeSwitchTranscriptTest.class.getResourceAsStream("vde-switch-triangle.txt")) {
            assertNotNull(file);
            return new String(file.readAllBytes(), StandardCharsets.US_ASCII).lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" "))
                    .filter(words -> words[1].equals(name))
                    .map(words -> new Line(Math.round(Double.parseDouble(words[0]) * 1_000),
                            Integer.parseInt(words[2]), words[3], words.length > 4 ? words[4] : ""))
                    .toList();
        }
    }
}
