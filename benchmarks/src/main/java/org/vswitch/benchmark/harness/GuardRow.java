package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What looking at every frame costs: saturated delivery between two VDE ports that are guarded, and two that are not.
///
/// @param load frames of which the guard reads Ethernet, IPv4 and UDP headers
/// @param demand guarded over unguarded
record GuardRow(Load load, Demand demand) implements Row<Bench> {
    private static final List<String> GUARD = List.of("--guard", "clean-traffic+ip=" + Load.SOURCE_ADDRESS);

    @Override
    public String name() {
        return "guard-64";
    }

    @Override
    public String title() {
        return "saturated delivery, 64-byte datagrams, ports with the guard clean-traffic and without";
    }

    @Override
    public void measure(Bench bench) throws IOException {
        if (!bench.contestants().contains(Contestant.VSWITCH)) {
            return;
        }
        List<Samples> rates = List.of(new Samples(), new Samples());
        try (Lineup lineup = new Lineup(bench)) {
            lineup.add(Contestant.VSWITCH, "vswitch", 1, List.of());
            lineup.add(Contestant.VSWITCH, "vswitch-guarded", 1, GUARD);
            lineup.warmUp(load);
            List<Entrant> entrants = new ArrayList<>(lineup.entrants());
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (int j = 0; j < entrants.size(); j++) {
                    Load.Run run = load.run(bench, entrants.get(j), bench.options().seconds());
                    rates.get(j).add(run.perSecond());
                    bench.report().progress(entrants.get(j).name(), run.toString());
                }
            }
        }
        bench.report().add(name(), "vswitch", "frames/s", rates.getFirst());
        bench.report().add(name(), "vswitch clean-traffic", "frames/s", rates.getLast());
        bench.report().demand(name(), "clean-traffic / no guard", rates.getLast().over(rates.getFirst()), demand);
    }
}
