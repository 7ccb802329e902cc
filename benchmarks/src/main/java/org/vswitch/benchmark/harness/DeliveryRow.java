package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Delivery under a load as high as the generator can make it: frames that reach the receivers per second, and what CPU
/// time each costs the switch.
///
/// @param name as `--rows` takes it
/// @param title for the reader
/// @param load what the generator does
/// @param receivers how many plugs get each frame
/// @param demands what is wanted, by the name of the ratio
record DeliveryRow(String name, String title, Bench.Load load, int receivers, Map<String, Demand> demands)
        implements Row {
    /// Frames per second, ours over vde_switch's.
    static final String RATE = "frames/s, vswitch / vde_switch";
    /// Frames per second, ours over the limit's.
    static final String LIMIT = "frames/s, vswitch / limit";
    /// CPU time per frame, ours over vde_switch's.
    static final String CPU = "CPU per frame, vswitch / vde_switch";
    private static final double LEAST_LIMIT = 2.2;

    @Override
    public void measure(Bench bench, Report report) throws IOException {
        Map<Contestant, Samples> rates = new EnumMap<>(Contestant.class);
        Map<Contestant, Samples> costs = new EnumMap<>(Contestant.class);
        try (Lineup lineup = new Lineup(bench)) {
            for (Contestant contestant : bench.options().contestants()) {
                lineup.add(contestant, contestant.label(), receivers, List.of());
                rates.put(contestant, new Samples());
                costs.put(contestant, new Samples());
            }
            lineup.warmUp(load);
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (Entrant entrant : lineup.entrants()) {
                    Bench.Run run = bench.run(entrant, load, bench.options().seconds());
                    rates.get(entrant.contestant()).add(run.perSecond());
                    costs.get(entrant.contestant()).add(run.cpuUsPerFrame());
                    report.progress(name, entrant.name(), "%,.0f frames/s, %.2f us, sent %,d, %s".formatted(run.perSecond(),
                            run.cpuUsPerFrame(), run.sent(), run.receiver().line()));
                }
            }
        }
        rates.forEach((contestant, samples) -> report.add(name, contestant.label(), "frames/s", samples));
        costs.forEach((contestant, samples) -> report.add(name, contestant.label(), "us CPU per frame", samples));
        compare(report, rates, costs);
    }

    private void compare(Report report, Map<Contestant, Samples> rates, Map<Contestant, Samples> costs) {
        Samples vde = rates.get(Contestant.VDE);
        Samples ours = rates.get(Contestant.VSWITCH);
        Samples limit = rates.get(Contestant.LIMIT);
        if (ours != null && vde != null) {
            report.ratio(name, RATE, ours.over(vde), demands.getOrDefault(RATE, Demand.NONE));
            report.ratio(name, CPU, costs.get(Contestant.VSWITCH).over(costs.get(Contestant.VDE)),
                    demands.getOrDefault(CPU, Demand.NONE));
        }
        if (ours != null && limit != null) {
            report.ratio(name, LIMIT, ours.over(limit), demands.getOrDefault(LIMIT, Demand.NONE));
        }
        if (limit != null && vde != null) {
            Samples room = limit.over(vde);
            report.ratio(name, "frames/s, limit / vde_switch", room, Demand.NONE);
            if (demands.containsKey(LIMIT) && room.median() < LEAST_LIMIT) {
                report.note(name, "void: the limit itself is below %.1f x vde_switch here".formatted(LEAST_LIMIT));
            }
        }
    }
}
