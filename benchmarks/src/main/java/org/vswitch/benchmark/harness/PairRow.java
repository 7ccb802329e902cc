package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One trial between two namespaces over several wirings, in alternation. For root only.
///
/// @param name as `--rows` takes it
/// @param title for the reader
/// @param trial what the one namespace does with the other
/// @param besides what is compared
record PairRow(String name, String title, Trial trial, List<Beside> besides) implements Row<Bench> {
    private static final double WARM_UP_SECONDS = 2;

    /// A comparison.
    ///
    /// @param one whose numbers are divided
    /// @param other by whose
    /// @param demand of the ratio
    record Beside(Wiring one, Wiring other, Demand demand) {
    }

    @Override
    public void measure(Bench bench) throws IOException {
        if (!RouterBench.isPossible()) {
            bench.report().note(name, "left out: needs root");
            return;
        }
        Map<Wiring, List<Samples>> samples = new EnumMap<>(Wiring.class);
        Map<Wiring, NamespacePair> pairs = new EnumMap<>(Wiring.class);
        try {
            for (Wiring wiring : wirings(bench)) {
                pairs.put(wiring, wiring.start(bench));
                samples.put(wiring, trial.units().stream().map(unit -> new Samples()).toList());
                pairs.get(wiring).guest().gigabits(Direction.UP, 0);
                trial.run(pairs.get(wiring).guest(), Math.max(WARM_UP_SECONDS, bench.options().seconds()));
            }
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (Map.Entry<Wiring, NamespacePair> entry : pairs.entrySet()) {
                    add(bench, samples.get(entry.getKey()), entry.getKey(), entry.getValue().guest());
                }
            }
        } finally {
            pairs.values().forEach(NamespacePair::close);
        }
        report(bench.report(), samples);
    }

    private void add(Bench bench, List<Samples> samples, Wiring wiring, Guest guest) throws IOException {
        List<Double> values = trial.run(guest, bench.options().seconds());
        List<String> told = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            samples.get(i).add(values.get(i));
            told.add(Results.number(values.get(i)) + " " + trial.units().get(i));
        }
        bench.report().progress(wiring.label(), String.join(", ", told));
    }

    private Set<Wiring> wirings(Bench bench) {
        Set<Wiring> all = new LinkedHashSet<>();
        for (Beside beside : besides) {
            all.add(beside.one());
            all.add(beside.other());
        }
        all.removeIf(wiring -> !wiring.isIn(bench.contestants()));
        return all;
    }

    private void report(Report report, Map<Wiring, List<Samples>> samples) {
        for (int i = 0; i < trial.units().size(); i++) {
            int unit = i;
            samples.forEach((wiring, all) -> report.add(name, wiring.label(), trial.units().get(unit), all.get(unit)));
        }
        for (Beside beside : besides) {
            if (samples.containsKey(beside.one()) && samples.containsKey(beside.other())) {
                report.demand(name, beside.one().label() + " / " + beside.other().label(),
                        samples.get(beside.one()).getFirst().over(samples.get(beside.other()).getFirst()),
                        beside.demand());
            }
        }
    }
}
