package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What alternating runs of one load did to all contestants.
///
/// @param rates frames delivered per second
/// @param costs microseconds of CPU time the switch spent per delivered frame
/// @param residents MiB of memory the switch held at the end of a run
record Series(Map<Contestant, Samples> rates, Map<Contestant, Samples> costs, Map<Contestant, Samples> residents) {
    static Series measure(Bench bench, Load load, int receivers) throws IOException {
        Series series = new Series(new EnumMap<>(Contestant.class), new EnumMap<>(Contestant.class),
                new EnumMap<>(Contestant.class));
        try (Lineup lineup = new Lineup(bench)) {
            for (Contestant contestant : bench.contestants()) {
                lineup.add(contestant, contestant.label(), receivers, List.of());
                series.rates.put(contestant, new Samples());
                series.costs.put(contestant, new Samples());
                series.residents.put(contestant, new Samples());
            }
            lineup.warmUp(load);
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (Entrant entrant : lineup.entrants()) {
                    series.add(entrant, load.run(bench, entrant, bench.options().seconds()), bench.report());
                }
            }
        }
        return series;
    }

    private void add(Entrant entrant, Load.Run run, Report report) {
        rates.get(entrant.contestant()).add(run.perSecond());
        costs.get(entrant.contestant()).add(run.cpuUsPerFrame());
        residents.get(entrant.contestant()).add(ProcessTimes.residentKiB(entrant.process().pid()) / 1024.0);
        report.progress(entrant.name(), run.toString());
    }
}
