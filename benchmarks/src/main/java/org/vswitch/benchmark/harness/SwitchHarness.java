package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `benchmarks/run switch`: the switch beside Debian's vde_switch and beside the limit.
public final class SwitchHarness {
    private static final List<Row> ROWS = List.of(
            new DeliveryRow("delivery-64", "saturated delivery, 64 bytes, sendmmsg load", Bench.Load.saturated(64), 1,
                    Map.of(DeliveryRow.RATE, Demand.atLeast(2.1, Double.NaN),
                            DeliveryRow.LIMIT, Demand.atLeast(0.9, 0.97),
                            DeliveryRow.CPU, Demand.atMost(0.45, 0.40))),
            new DeliveryRow("delivery-1514", "saturated delivery, 1514 bytes, sendmmsg load",
                    Bench.Load.saturated(1514), 1,
                    Map.of(DeliveryRow.RATE, Demand.atLeast(2.1, Double.NaN),
                            DeliveryRow.LIMIT, Demand.atLeast(0.9, 0.97))),
            new DeliveryRow("delivery-64-single", "saturated delivery, 64 bytes, frame by frame",
                    new Bench.Load("single", 64, 1, 0), 1, Map.of()),
            new DeliveryRow("flood", "one sender to 16 receivers, 64 bytes", new Bench.Load("batch", 64, 0, 0), 16,
                    Map.of(DeliveryRow.RATE, Demand.atLeast(2, 3))));

    private SwitchHarness() {
    }

    /// Measures and writes results.
    ///
    /// @param arguments the root of the checkout, then options
    /// @throws IOException if a file cannot be written
    public static void main(String[] arguments) throws IOException {
        List<String> rest = List.of(arguments).subList(1, arguments.length);
        List<String> names = ROWS.stream().map(Row::name).toList();
        if (rest.contains("--list")) {
            ROWS.forEach(row -> System.out.printf("%-20s %s%n", row.name(), row.title()));
            return;
        }
        try {
            measure(Path.of(arguments[0]), Options.parse(rest, names));
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage() + System.lineSeparator() + Options.USAGE);
            System.exit(2);
        }
    }

    private static void measure(Path root, Options options) throws IOException {
        Report report = new Report();
        List<String> failures = new ArrayList<>();
        try (Workplace workplace = new Workplace(root)) {
            Bench bench = new Bench(workplace, options);
            for (Row row : ROWS) {
                if (options.rows().contains(row.name())) {
                    try {
                        row.measure(bench, report);
                    } catch (HarnessException failure) {
                        failures.add(row.name() + ": " + failure.getMessage());
                        report.note(row.name(), "failed: " + failure.getMessage());
                    }
                }
            }
        }
        report.measures().forEach(m -> System.out.printf("%s %s %s %.3f [%.3f..%.3f]%n", m.row(), m.subject(), m.unit(), m.samples().median(), m.samples().min(), m.samples().max()));
        report.ratios().forEach(m -> System.out.printf("%s %s %.3f [%.3f..%.3f] %s%n", m.row(), m.label(), m.samples().median(), m.samples().min(), m.samples().max(), m.demand().verdict(m.samples().median())));
        report.notes().forEach(System.out::println);
        System.exit(failures.isEmpty() ? 0 : 1);
    }
}
