package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Map;

/// Resident memory of the switch at the end of saturated runs.
///
/// @param load what the generator does
/// @param demand ours, in MiB
record MemoryRow(Load load, Demand demand) implements Row<Bench> {
    @Override
    public String name() {
        return "rss";
    }

    @Override
    public String title() {
        return "resident memory under saturation with 1514 bytes";
    }

    @Override
    public void measure(Bench bench) throws IOException {
        Map<Contestant, Samples> residents = bench.series(load, 1).residents();
        residents.forEach((contestant, samples) -> bench.report().add(name(), contestant.label(), "MiB", samples));
        if (residents.containsKey(Contestant.VSWITCH)) {
            bench.report().demand(name(), "vswitch, MiB", residents.get(Contestant.VSWITCH), demand);
        }
    }
}
