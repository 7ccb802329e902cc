package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// From starting the command to the end of the first handshake, when everything has been built and cached before.
///
/// @param demand ours, in milliseconds
record StartRow(Demand demand) implements Row<Bench> {
    private static final int STARTS = 10;

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String title() {
        return "start to accepting plugs, warm";
    }

    @Override
    public void measure(Bench bench) throws IOException {
        Map<Contestant, Samples> times = new EnumMap<>(Contestant.class);
        for (int i = -1; i < STARTS; i++) {
            for (Contestant contestant : bench.contestants(Contestant.LIMIT)) {
                double ms = startMs(bench, contestant);
                if (i >= 0) {
                    times.computeIfAbsent(contestant, any -> new Samples()).add(ms);
                    bench.report().progress(contestant.label(), "%.1f ms".formatted(ms));
                }
            }
        }
        times.forEach((contestant, samples) -> bench.report().add(name(), contestant.label(), "ms", samples));
        if (times.containsKey(Contestant.VSWITCH)) {
            bench.report().demand(name(), "vswitch, ms", times.get(Contestant.VSWITCH), demand);
        }
    }

    private static double startMs(Bench bench, Contestant contestant) throws IOException {
        Path directory = bench.workplace().newFile(contestant.label());
        long before = System.nanoTime();
        try (Child process = contestant.start(bench.workplace(), directory, List.of())) {
            Bench.awaitPlugs(process, directory);
            return (System.nanoTime() - before) / 1e6;
        }
    }
}
