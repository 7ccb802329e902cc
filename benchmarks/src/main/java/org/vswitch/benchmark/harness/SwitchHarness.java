package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `benchmarks/run switch`: the switch beside Debian's vde_switch and beside the limit.
public final class SwitchHarness {
    private static final double NO_AIM = Double.NaN;
    private static final Load SMALL = Load.saturated(64);
    private static final Load LARGE = Load.saturated(1514);
    private static final List<Row> ROWS = List.of(
            new DeliveryRow("delivery-64", "saturated delivery, 64 bytes, sendmmsg load", SMALL, 1,
                    Demand.atLeast(2.1, NO_AIM), Demand.atLeast(0.9, 0.97)),
            new DeliveryRow("delivery-1514", "saturated delivery, 1514 bytes, sendmmsg load", LARGE, 1,
                    Demand.atLeast(2.1, NO_AIM), Demand.atLeast(0.9, 0.97)),
            new DeliveryRow("delivery-64-single", "saturated delivery, 64 bytes, sent one by one as libvdeplug does",
                    new Load("single", 64, 1, 0), 1, Demand.NONE, Demand.NONE),
            new CpuRow(SMALL, Demand.atMost(0.45, 0.40)),
            new NoLossRow(Demand.atLeast(2, 3)),
            new RoundTripRow(Demand.atMost(1.05, 0.8), Demand.atMost(1.1, 0.8)),
            new ScaleRow("scale-macs", "throughput with 100,000 learned MACs against 1", 100_000, 0,
                    Demand.atLeast(0.9, 0.97)),
            new ScaleRow("scale-ports", "throughput with 500 idle ports against 2 ports", 1, 500,
                    Demand.atLeast(0.9, 0.97)),
            new DeliveryRow("flood", "one sender to 16 receivers, 64 bytes, frames received by all together",
                    new Load("batch", 64, 0, 0), 16, Demand.atLeast(2, 3), Demand.NONE),
            new TapRow(Demand.atLeast(0.8, 1)),
            new AllocationRow(Demand.atMost(0, NO_AIM)),
            new IdleRow(Demand.atMost(0.2, 0.05)),
            new StartRow(Demand.atMost(250, 150)),
            new MemoryRow(LARGE, Demand.atMost(80, 64)));

    private SwitchHarness() {
    }

    /// Measures and writes results.
    ///
    /// @param arguments the root of the checkout, then options
    /// @throws IOException if a file cannot be written
    public static void main(String[] arguments) throws IOException {
        List<String> rest = List.of(arguments).subList(1, arguments.length);
        if (rest.contains("--help")) {
            System.out.println(Options.USAGE);
        } else if (rest.contains("--list")) {
            ROWS.forEach(row -> System.out.printf("%-20s %s%n", row.name(), row.title()));
        } else {
            try {
                Options options = Options.parse(rest, ROWS.stream().map(Row::name).toList());
                System.exit(measure(Path.of(arguments[0]).toRealPath(), options) ? 0 : 1);
            } catch (IllegalArgumentException wrong) {
                System.err.println(wrong.getMessage() + System.lineSeparator() + Options.USAGE);
                System.exit(2);
            }
        }
    }

    /// @return whether every row could be measured, whatever it showed
    private static boolean measure(Path root, Options options) throws IOException {
        Map<String, Object> machine = Machine.describe(options);
        Map<String, String> titles = new LinkedHashMap<>();
        Report report = new Report();
        boolean complete = true;
        try (Workplace workplace = new Workplace(root)) {
            Options present = options.without(contestant -> !contestant.isInstalled(workplace));
            Bench bench = new Bench(workplace, present, report);
            for (Row row : ROWS) {
                if (options.rows().contains(row.name())) {
                    titles.put(row.name(), row.title());
                    complete &= measure(row, bench);
                }
            }
        }
        Results results = new Results("vswitch beside vde_switch", machine, titles, report);
        System.out.print(results.markdown(""));
        results.write(options.output().isEmpty() ? root.resolve("benchmarks").resolve("results")
                : Path.of(options.output()), "switch");
        return complete;
    }

    private static boolean measure(Row row, Bench bench) throws IOException {
        System.err.println(row.name() + ": " + row.title());
        try {
            row.measure(bench);
            return true;
        } catch (HarnessException failure) {
            System.err.println("  failed: " + failure.getMessage());
            bench.report().note(row.name(), "failed: " + failure.getMessage());
            return false;
        }
    }
}
