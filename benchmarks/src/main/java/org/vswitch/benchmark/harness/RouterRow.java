package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One trial on several routers, each with one guest, in alternation.
///
/// @param name as `--rows` takes it
/// @param title for the reader
/// @param trial what is done
/// @param besides what is compared
record RouterRow(String name, String title, Trial trial, List<Beside> besides) implements Row<RouterBench> {
    /// Until the compiler of a JVM has had its say about a load of few calls a second, such as connections.
    private static final double WARM_UP_SECONDS = 5;

    /// A comparison.
    ///
    /// @param one whose numbers are divided
    /// @param other by whose
    /// @param demand of the ratio
    record Beside(Router one, Router other, Demand demand) {
    }

    @Override
    public void measure(RouterBench bench) throws IOException {
        Map<Router, List<Samples>> samples = new LinkedHashMap<>();
        List<Router.Running> running = new ArrayList<>();
        try {
            for (Router router : contestants(bench)) {
                Router.Running started = router.start(bench);
                running.add(started);
                warmUp(bench, started);
                samples.put(router, trial.units().stream().map(unit -> new Samples()).toList());
            }
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (Router.Running router : running) {
                    List<Double> values = trial.run(router.guest(), bench.options().seconds());
                    for (int j = 0; j < values.size(); j++) {
                        samples.get(router.router()).get(j).add(values.get(j));
                        bench.report().progress(router.router().label(),
                                Results.number(values.get(j)) + " " + trial.units().get(j));
                    }
                }
            }
        } finally {
            running.forEach(Router.Running::close);
        }
        report(bench.report(), samples);
    }

    /// Until a connection succeeds, then as in a run.
    private void warmUp(RouterBench bench, Router.Running started) throws IOException {
        started.guest().gigabits(Direction.UP, 0);
        trial.run(started.guest(), Math.max(WARM_UP_SECONDS, bench.options().seconds()));
    }

    private Set<Router> contestants(RouterBench bench) {
        Set<Router> all = new LinkedHashSet<>();
        for (Beside beside : besides) {
            all.add(beside.one());
            all.add(beside.other());
        }
        all.removeIf(router -> !bench.options().contestants().contains(router.label()));
        return all;
    }

    private void report(Report report, Map<Router, List<Samples>> samples) {
        for (int i = 0; i < trial.units().size(); i++) {
            int unit = i;
            samples.forEach((router, all) -> report.add(name, router.label(), trial.units().get(unit), all.get(unit)));
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
