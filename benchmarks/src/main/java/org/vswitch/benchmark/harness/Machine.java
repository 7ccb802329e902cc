package org.vswitch.benchmark.harness;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

/// What numbers depend on: the machine and the programs compared.
final class Machine {
    private Machine() {
    }

    /// Names and values for the head of a report.
    static Map<String, Object> describe(Options options) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        facts.put("processor", processor());
        facts.put("cores", Runtime.getRuntime().availableProcessors());
        facts.put("kernel", read("/proc/sys/kernel/osrelease"));
        facts.put("java", Runtime.version().toString());
        facts.put("net.unix.max_dgram_qlen", read("/proc/sys/net/unix/max_dgram_qlen"));
        facts.put("net.core.wmem_default", read("/proc/sys/net/core/wmem_default"));
        facts.put("load before", read("/proc/loadavg").replaceAll(" \\d+/.*", ""));
        facts.put("alternations", options.alternations());
        facts.put("seconds per run", options.seconds());
        return facts;
    }

    private static String processor() {
        return read("/proc/cpuinfo").lines().filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst()
                .orElse(System.getProperty("os.arch"));
    }

    static String read(String file) {
        // In one read: what lies under /proc/sys ends after the first, and has no size by which to choose a buffer.
        try (var input = new FileInputStream(file)) {
            return new String(input.readNBytes(1 << 16), StandardCharsets.UTF_8).strip();
        } catch (IOException failure) {
            return "unknown";
        }
    }
}
