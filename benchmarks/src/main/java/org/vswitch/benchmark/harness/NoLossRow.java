package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The highest rate without loss (RFC 2544, 26.1, shortened): at this rate every frame of three trials came, the 99th
/// percentile of latency within bounds; one step higher not.
///
/// Rates are the powers of 1.05. The first search for a contestant begins where quick trials fail, the next ones where
/// the last one ended; from there they walk down or up.
///
/// @param demand ours over vde_switch's
record NoLossRow(Demand demand) implements Row<Bench> {
    private static final int LENGTH = 64;
    private static final double STEP = 1.05;
    private static final int LOWEST = 140;
    private static final int HIGHEST = 300;
    private static final int TRIALS = 3;
    private static final double TRIAL_SECONDS = 5;
    private static final double QUICK_SECONDS = 0.5;
    private static final double LATENCY_LIMIT_MS = 10;

    /// How a rate was found.
    private record Found(int step, double p99Ms) {
    }

    @Override
    public String name() {
        return "noloss";
    }

    @Override
    public String title() {
        return "highest rate with no loss, 64 bytes, 3 of 3 trials of 5 s, p99 latency under 10 ms";
    }

    @Override
    public void measure(Bench bench) throws IOException {
        Map<Contestant, Samples> rates = new EnumMap<>(Contestant.class);
        Map<Contestant, Samples> latencies = new EnumMap<>(Contestant.class);
        Map<Contestant, Integer> steps = new EnumMap<>(Contestant.class);
        try (Lineup lineup = new Lineup(bench)) {
            for (Contestant contestant : bench.contestants()) {
                lineup.add(contestant, contestant.label(), 1, List.of());
                rates.put(contestant, new Samples());
                latencies.put(contestant, new Samples());
            }
            lineup.warmUp(Load.saturated(LENGTH));
            lineup.entrants().forEach(entrant -> steps.put(entrant.contestant(), guess(bench, entrant)));
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (Entrant entrant : lineup.entrants()) {
                    Found found = search(bench, entrant, steps.get(entrant.contestant()));
                    steps.put(entrant.contestant(), found.step());
                    bench.report().progress(entrant.name(), "%,d frames/s without loss, p99 %.3f ms"
                            .formatted(rate(found.step()), found.p99Ms()));
                    boolean none = Double.isNaN(found.p99Ms());
                    rates.get(entrant.contestant()).add(none ? 0 : rate(found.step()));
                    latencies.get(entrant.contestant()).add(none ? LATENCY_LIMIT_MS : found.p99Ms());
                }
            }
        }
        if (rates.values().stream().anyMatch(samples -> samples.min() == 0)) {
            bench.report().note(name(), "0 means that even %,d frames/s had losses".formatted(rate(LOWEST)));
        }
        rates.forEach((contestant, samples) -> bench.report().add(name(), contestant.label(), "frames/s", samples));
        latencies.forEach((contestant, samples) -> bench.report().add(name(), contestant.label(), "ms p99", samples));
        bench.report().compare(name(), rates, Pairing.OURS_TO_VDE, demand);
    }

    private static Found search(Bench bench, Entrant entrant, int from) {
        int step = from;
        double p99Ms = trials(bench, entrant, step);
        if (Double.isNaN(p99Ms)) {
            while (Double.isNaN(p99Ms) && step > LOWEST) {
                p99Ms = trials(bench, entrant, --step);
            }
            return new Found(step, p99Ms);
        }
        for (double next = trials(bench, entrant, step + 1); !Double.isNaN(next);
                next = trials(bench, entrant, step + 1)) {
            step++;
            p99Ms = next;
        }
        return new Found(step, p99Ms);
    }

    /// By bisection with short trials, of which one in two must pass.
    private static int guess(Bench bench, Entrant entrant) {
        int passed = LOWEST;
        int failed = HIGHEST;
        while (failed - passed > 1) {
            int middle = (passed + failed) / 2;
            if (Double.isNaN(trial(bench, entrant, middle, QUICK_SECONDS))
                    && Double.isNaN(trial(bench, entrant, middle, QUICK_SECONDS))) {
                failed = middle;
            } else {
                passed = middle;
            }
        }
        return passed;
    }

    private static double trials(Bench bench, Entrant entrant, int step) {
        double worst = 0;
        double seconds = Math.min(TRIAL_SECONDS, 2.5 * bench.options().seconds());
        for (int i = 0; i < TRIALS && !Double.isNaN(worst); i++) {
            double p99Ms = trial(bench, entrant, step, seconds);
            worst = Double.isNaN(p99Ms) ? p99Ms : Math.max(worst, p99Ms);
        }
        return worst;
    }

    /// @return the latency, or NaN if the trial failed
    private static double trial(Bench bench, Entrant entrant, int step, double seconds) {
        Load.Run run = Load.paced(LENGTH, rate(step)).trial(bench, entrant, seconds);
        boolean passed = run.isComplete() && run.sent() == (long) (seconds * 1000) * rate(step) / 1000
                && run.p99Ms() < LATENCY_LIMIT_MS;
        return passed ? run.p99Ms() : Double.NaN;
    }

    private static long rate(int step) {
        return Math.round(Math.pow(STEP, step));
    }
}
