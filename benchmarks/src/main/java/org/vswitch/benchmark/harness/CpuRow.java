package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Map;

/// CPU time that the switch spends per frame it delivers, under saturation.
///
/// @param load what the generator does
/// @param demand ours over vde_switch's
record CpuRow(Load load, Demand demand) implements Row<Bench> {
    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String title() {
        return "CPU time of the switch per delivered frame, 64 bytes, sendmmsg load";
    }

    @Override
    public void measure(Bench bench) throws IOException {
        Map<Contestant, Samples> costs = bench.series(load, 1).costs();
        costs.forEach((contestant, samples) -> bench.report().add(name(), contestant.label(), "us", samples));
        bench.report().compare(name(), costs, Pairing.OURS_TO_VDE, demand);
        bench.report().compare(name(), costs, Pairing.OURS_TO_LIMIT, Demand.NONE);
    }
}
