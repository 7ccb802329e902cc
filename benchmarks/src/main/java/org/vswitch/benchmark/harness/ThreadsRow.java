package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.vswitch.benchmark.load.PortPairs;

/// Two pairs of plugs at one switch whose links lie on one thread or on two: what passes in all.
///
/// Four processors are needed for a ratio that means something: the ends want some as well.
///
/// @param ratio demanded of two threads over one
record ThreadsRow(Demand ratio) implements Row<VhostBench> {
    private static final int PROCESSORS = 4;
    private static final double SETTLE_SECONDS = 2;
    private static final int TRIES = 2_000;
    private static final long RETRY_NS = 10_000_000;

    /// How many threads.
    private enum Threads {
        ONE(1), TWO(2);

        private final int count;

        Threads(int count) {
            this.count = count;
        }

        String label() {
            return "vswitch --threads " + count;
        }
    }

    @Override
    public String name() {
        return "threads";
    }

    @Override
    public String title() {
        return "64-byte frames between two pairs of VDE ports, links on two threads against one";
    }

    @Override
    public void measure(VhostBench bench) throws IOException {
        if (!bench.contestants().contains(VhostForwarder.VSWITCH)) {
            return;
        }
        Map<Threads, Samples> rates = new EnumMap<>(Threads.class);
        for (int i = 0; i < bench.options().alternations(); i++) {
            for (Threads threads : Threads.values()) {
                double rate = run(bench, threads);
                rates.computeIfAbsent(threads, _ -> new Samples()).add(rate);
                bench.report().progress(threads.label(), Results.number(rate) + " frames/s");
            }
        }
        rates.forEach((threads, samples) -> bench.report().add(name(), threads.label(), "frames/s", samples));
        bench.report().demand(name(), "two threads / one", rates.get(Threads.TWO).over(rates.get(Threads.ONE)),
                ratio);
        int processors = Runtime.getRuntime().availableProcessors();
        if (processors < PROCESSORS) {
            bench.report().note(name(), processors + " processors here, shared with the ends; the aim needs "
                    + PROCESSORS);
        }
    }

    private static double run(VhostBench bench, Threads threads) throws IOException {
        Workplace workplace = bench.workplace();
        Path directory = workplace.newFile("ctl");
        try (Child process = Child.start(workplace, "vswitch", List.of(
                workplace.root().resolve("cli").resolve("vswitch").toString(), "--sock", directory.toString(),
                "--threads", Integer.toString(threads.count)))) {
            for (int i = 0; i < TRIES && process.isAlive() && !Files.exists(directory.resolve("ctl")); i++) {
                LockSupport.parkNanos(RETRY_NS);
            }
            List<String> command = new ArrayList<>(workplace.java());
            command.addAll(List.of(PortPairs.class.getName(), directory.toString(), Double.toString(SETTLE_SECONDS),
                    Double.toString(bench.options().seconds())));
            return Double.parseDouble(Command.run(command).strip());
        }
    }
}
