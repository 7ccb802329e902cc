package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A table and how it comes about: reads options, measures the rows that are wanted, writes results.
///
/// @param <B> what its rows measure with
abstract class Suite<B> {
    private final String name;
    private final String title;
    private final List<Row<B>> rows;

    /// @param name as the launcher takes it, and of the files with results
    /// @param title of the table
    /// @param rows in the table's order
    Suite(String name, String title, List<Row<B>> rows) {
        this.name = name;
        this.title = title;
        this.rows = rows;
    }

    /// What `--contestants` knows.
    abstract List<String> contestants();

    /// Whether options of [Options.Placement] make sense.
    abstract boolean isPlaced();

    /// Prepares what rows measure with; it lives as long as the workplace.
    abstract B open(Workplace workplace, Options options, Report report) throws IOException;

    /// What numbers depend on besides the machine, for the head of the results.
    abstract Map<String, Object> facts(Options options) throws IOException;

    /// Measures and writes results, or tells what can be measured.
    ///
    /// @param arguments the root of the checkout, then options
    /// @return the exit code: 0 if every row could be measured, whatever it showed
    final int run(String... arguments) throws IOException {
        List<String> rest = List.of(arguments).subList(1, arguments.length);
        Options.Known known = new Options.Known(name, rows.stream().map(Row::name).toList(), contestants(), isPlaced());
        if (rest.contains("--help")) {
            System.out.println(known.usage());
        } else if (rest.contains("--list")) {
            rows.forEach(row -> System.out.printf("%-20s %s%n", row.name(), row.title()));
        } else {
            try {
                return measure(Path.of(arguments[0]).toRealPath(), Options.parse(rest, known)) ? 0 : 1;
            } catch (IllegalArgumentException wrong) {
                System.err.println(wrong.getMessage() + System.lineSeparator() + known.usage());
                return 2;
            }
        }
        return 0;
    }

    private boolean measure(Path root, Options options) throws IOException {
        Map<String, Object> machine = Machine.describe(options);
        machine.putAll(facts(options));
        Map<String, String> titles = new LinkedHashMap<>();
        Report report = new Report();
        boolean complete = true;
        try (Workplace workplace = new Workplace(root)) {
            B bench = open(workplace, options, report);
            for (Row<B> row : rows) {
                if (options.rows().contains(row.name())) {
                    titles.put(row.name(), row.title());
                    complete &= measure(row, bench, report);
                }
            }
        }
        Results results = new Results(title, machine, titles, report);
        System.out.print(results.markdown(""));
        results.write(options.output().isEmpty() ? root.resolve("benchmarks").resolve("results")
                : Path.of(options.output()), name);
        return complete;
    }

    private boolean measure(Row<B> row, B bench, Report report) throws IOException {
        System.err.println(row.name() + ": " + row.title());
        try {
            row.measure(bench);
            return true;
        } catch (HarnessException failure) {
            System.err.println("  failed: " + failure.getMessage());
            report.note(row.name(), "failed: " + failure.getMessage());
            return false;
        }
    }
}
