package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Bytes that the running data-plane thread allocates while a million frames and more pass, as the JVM itself counts
/// them per thread. A quarter of the time frames go to everybody.
///
/// The JVM prints the sum in KiB from 10 KiB on: what is below that resolution over a million frames is none per frame.
/// The test suite measures the same to the byte inside one process.
record AllocationRow(Demand demand) implements Row<Bench> {
    private static final String THREAD = "data-plane";
    private static final Pattern ALLOCATED = Pattern.compile(" allocated=([0-9.]+)([BKMG]) ");
    private static final Map<String, Double> UNITS = Map.of("B", 1.0, "K", 1024.0, "M", 1048576.0, "G", 1073741824.0);
    private static final long FRAMES = 1_000_000;

    @Override
    public String name() {
        return "alloc";
    }

    @Override
    public String title() {
        return "bytes allocated by the data-plane thread over 1 M frames";
    }

    @Override
    public void measure(Bench bench) throws IOException {
        if (!bench.contestants().contains(Contestant.VSWITCH)) {
            return;
        }
        Load toOne = Load.saturated(64);
        Load toAll = new Load("batch", 64, 0, 0);
        try (Lineup lineup = new Lineup(bench)) {
            Entrant entrant = lineup.add(Contestant.VSWITCH, "vswitch", 2, List.of());
            long pid = entrant.process().pid();
            toOne.run(bench, entrant, 3);
            toAll.run(bench, entrant, 3);
            report(bench.report(), pid, demand,
                    () -> toOne.run(bench, entrant, 1).sent() + toAll.run(bench, entrant, 0.3).sent());
        }
    }

    /// Reports what the data-plane thread of a switch allocates meanwhile.
    ///
    /// @param load has frames pass, and says how many; called until it were enough
    static void report(Report report, long pid, Demand demand, LongSupplier load) throws IOException {
        double before = allocated(pid);
        long frames = 0;
        while (frames < FRAMES) {
            frames += load.getAsLong();
        }
        report.demand("alloc", "vswitch, bytes per 1 M frames",
                Samples.of((allocated(pid) - before) * FRAMES / frames), demand);
    }

    /// What the data-plane thread of a switch has allocated so far, in bytes.
    static double allocated(long pid) throws IOException {
        for (String line : Jcmd.ask(pid, "Thread.print", "-e").lines().toList()) {
            Matcher matcher = ALLOCATED.matcher(line);
            if (line.toLowerCase(Locale.ROOT).contains(THREAD) && matcher.find()) {
                return Double.parseDouble(matcher.group(1)) * UNITS.get(matcher.group(2));
            }
        }
        throw new HarnessException("no thread " + THREAD + " in pid=" + pid);
    }
}
