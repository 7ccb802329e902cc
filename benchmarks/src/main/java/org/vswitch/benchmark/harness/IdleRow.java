package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vswitch.benchmark.load.Receiver;

/// CPU time of switches to which silent clients are attached; all contestants at the same time.
///
/// @param demand ours, in percent of a core
record IdleRow(Demand demand) implements Row<Bench> {
    private static final int CLIENTS = 32;
    private static final double SECONDS = 60;
    private static final double CALM_SECONDS = 5;

    @Override
    public String name() {
        return "idle-cpu";
    }

    @Override
    public String title() {
        return "CPU of an idle switch with %d silent clients over %.0f s".formatted(CLIENTS, SECONDS);
    }

    @Override
    public void measure(Bench bench) throws IOException {
        // A short window for --quick, the full one otherwise.
        double seconds = bench.options().seconds() < 1 ? bench.options().seconds() * 4 : SECONDS;
        Child clients = Child.station(bench.workplace(), Receiver.class, List.of());
        Map<Entrant, Long> before = new HashMap<>();
        try (clients) {
            for (Contestant contestant : bench.contestants(Contestant.LIMIT)) {
                Entrant entrant = bench.start(contestant, contestant.label() + "-idle",
                        List.of("--numports", "64"));
                bench.attach(clients, entrant, CLIENTS);
                before.put(entrant, 0L);
            }
            Bench.sleepUntil(System.nanoTime() + (long) (Math.min(CALM_SECONDS, seconds) * 1e9));
            before.replaceAll((entrant, none) -> ProcessTimes.cpuNs(entrant.process().pid()));
            Bench.sleepUntil(System.nanoTime() + (long) (seconds * 1e9));
            before.forEach((entrant, start) -> report(bench.report(), entrant,
                    (ProcessTimes.cpuNs(entrant.process().pid()) - start) / (seconds * 1e7)));
        } finally {
            before.keySet().forEach(entrant -> entrant.process().close());
        }
    }

    private void report(Report report, Entrant entrant, double percent) {
        Samples samples = new Samples();
        samples.add(percent);
        report.progress(entrant.name(), "%.4f %% of a core".formatted(percent));
        report.add(name(), entrant.contestant().label(), "% of a core", samples);
        if (entrant.contestant() == Contestant.VSWITCH) {
            report.demand(name(), "vswitch, % of a core", samples, demand);
        }
    }
}
