package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// DPDK's testpmd with two virtio-user ports: each sends to the other what it receives, so that a burst at the start
/// circulates for ever through whoever is at the other end of the ports. Its main and its forwarding thread share
/// the first processor.
final class Testpmd {
    /// Megabytes of huge pages that it and a rival take together, in pages.
    private static final int HUGE_PAGES = 640;
    private static final Path HUGE = Path.of("/proc/sys/vm/nr_hugepages");
    private static final Path PROGRAM = Path.of("/usr/bin/dpdk-testpmd");
    private static final Pattern RECEIVED = Pattern.compile("Rx-pps:\\s+(\\d+)");
    private static final List<String> ADDRESSES = List.of("02:00:00:00:00:01", "02:00:00:00:00:02");
    private static final int PORTS = 2;
    /// Until it has started, and the compiler of a JVM has had its say.
    private static final int LEAD_SECONDS = 4;
    /// It is asked to tell every second, but looks at the clock once a second, and may then find that one is not over.
    private static final int LONGEST_PERIOD = 2;

    private Testpmd() {
    }

    /// Whether it is installed, and may be given memory.
    static boolean isPossible() {
        return Files.isExecutable(PROGRAM) && Files.isWritable(HUGE);
    }

    /// Reserves its memory for as long as the harness lives.
    static void reserve(Workplace workplace) throws IOException {
        String before = Files.readString(HUGE).strip();
        if (Integer.parseInt(before) < HUGE_PAGES) {
            workplace.onClose(() -> write(before));
            write(Integer.toString(HUGE_PAGES));
        }
    }

    /// Lets frames circulate.
    ///
    /// @param between whose ports
    /// @param bytes length of a frame
    /// @param seconds of the measured window
    /// @return frames forwarded a second, both directions together
    static double framesPerSecond(VhostForwarder.Running between, int bytes, double seconds) throws IOException {
        int window = Math.max(1, (int) Math.round(seconds));
        List<String> command = new ArrayList<>(List.of("timeout", "--signal=INT", "--kill-after=5",
                Integer.toString(LEAD_SECONDS + LONGEST_PERIOD * (window + 1)), PROGRAM.toString(),
                "--lcores", "0@0,1@0", "--no-pci", "--in-memory", "--single-file-segments", "-m", "256",
                "--file-prefix=vbench"));
        for (int port = 0; port < PORTS; port++) {
            command.addAll(List.of("--vdev", "net_virtio_user%d,path=%s,queues=1,queue_size=1024,mac=%s".formatted(port,
                    port == 0 ? between.first() : between.second(), ADDRESSES.get(port))));
        }
        command.addAll(List.of("--", "--nb-cores=1", "--forward-mode=mac", "--eth-peer=0," + ADDRESSES.get(1),
                "--eth-peer=1," + ADDRESSES.get(0), "--tx-first", "--burst=64", "--txd=1024", "--rxd=1024",
                "--total-num-mbufs=8192", "--no-lsc-interrupt", "--stats-period", "1", "--txpkts=" + bytes));
        // its exit code tells by what signal it was ended
        List<Long> counts = received(Command.run(shell(command)));
        int first = counts.size() - PORTS * window;
        if (first < PORTS) {
            throw new HarnessException("testpmd has told " + counts.size() / PORTS + " times what it has received");
        }
        return counts.subList(first, counts.size()).stream().mapToLong(count -> count).sum() / (double) window;
    }

    private static List<String> shell(List<String> command) {
        List<String> line = new ArrayList<>(List.of("sh", "-c", "\"$@\"; true", "sh"));
        line.addAll(command);
        return line;
    }

    private static List<Long> received(String output) {
        List<Long> counts = new ArrayList<>();
        for (Matcher matcher = RECEIVED.matcher(output); matcher.find();) {
            counts.add(Long.parseLong(matcher.group(1)));
        }
        return counts;
    }

    private static void write(String pages) {
        try {
            Files.writeString(HUGE, pages);
        } catch (IOException refused) {
            throw new HarnessException("no huge pages: " + refused.getMessage());
        }
    }
}
