package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Many pairs of namespaces on one switch: what all of them move together, beside one pair alone. The kernel's bridge
/// does the same.
///
/// Each pair has its iperf3 at either end. Bytes are counted where they arrive, by the receivers' interfaces, within a
/// window in which all send.
///
/// @param demand the sum over one pair's
record ManyPairsRow(Demand demand) implements Row<Bench> {
    private static final int PAIRS = 32;
    /// Port 0 is nobody's, and the harness looks whether it is served.
    private static final int SPARE_PORTS = 2;
    /// From the start of the clients to the window: all begin, their windows grow.
    private static final double LEAD_SECONDS = 2;
    /// So that nobody has ended before the window has.
    private static final double TAIL_SECONDS = 0.5;
    private static final double NS = 1e9;

    /// What one switch moved.
    private record Contender(String label, List<NamespacePair> pairs, Samples alone, Samples together) {
        Contender(String label, List<NamespacePair> pairs) {
            this(label, pairs, new Samples(), new Samples());
        }
    }

    @Override
    public String name() {
        return "pairs-32";
    }

    @Override
    public String title() {
        return "%d namespaces with a tap each: TCP of all %d pairs beside one pair".formatted(2 * PAIRS, PAIRS);
    }

    @Override
    public void measure(Bench bench) throws IOException {
        if (!RouterBench.isPossible() || !bench.contestants().contains(Contestant.VSWITCH)) {
            return;
        }
        List<NamespacePair> ours = new ArrayList<>();
        List<NamespacePair> bridged = new ArrayList<>();
        try {
            connect(bench, ours);
            bridge(bench, bridged);
            List<Contender> contenders =
                    List.of(new Contender("vswitch", ours), new Contender("veth and bridge", bridged));
            for (int i = -1; i < bench.options().alternations(); i++) {
                for (Contender contender : contenders) {
                    alternate(bench, contender, i >= 0);
                }
            }
            report(bench.report(), contenders);
        } finally {
            ours.forEach(NamespacePair::close);
            bridged.forEach(NamespacePair::close);
        }
    }

    private static void connect(Bench bench, List<NamespacePair> pairs) throws IOException {
        List<String> options = new ArrayList<>(List.of("--numports", Integer.toString(2 * PAIRS + SPARE_PORTS)));
        for (int i = 0; i < PAIRS; i++) {
            pairs.add(NamespacePair.make(bench, i));
            options.addAll(pairs.getLast().tapLinks());
        }
        pairs.getFirst().adopt(bench.start(Contestant.VSWITCH, "vswitch-64", options).process());
        serve(pairs);
    }

    private static void bridge(Bench bench, List<NamespacePair> pairs) throws IOException {
        for (int i = 0; i < PAIRS; i++) {
            pairs.add(NamespacePair.make(bench, i));
        }
        Namespace middle = pairs.getFirst().bridge();
        for (NamespacePair pair : pairs.subList(1, PAIRS)) {
            pair.join(middle);
        }
        serve(pairs);
    }

    private static void serve(List<NamespacePair> pairs) throws IOException {
        for (NamespacePair pair : pairs) {
            pair.serve().guest().gigabits(Direction.UP, 0);
        }
    }

    private static void alternate(Bench bench, Contender contender, boolean counts) throws IOException {
        double one = gigabits(bench, contender.pairs.subList(0, 1));
        double all = gigabits(bench, contender.pairs);
        bench.report().progress(contender.label + ", one pair", Results.number(one) + " Gbit/s");
        bench.report().progress(contender.label + ", all pairs", Results.number(all) + " Gbit/s");
        if (counts) {
            contender.alone.add(one);
            contender.together.add(all);
        }
    }

    private void report(Report report, List<Contender> contenders) {
        for (Contender each : contenders) {
            report.add(name(), each.label + ", one pair", "Gbit/s", each.alone);
            report.add(name(), "%s, %d pairs".formatted(each.label, PAIRS), "Gbit/s", each.together);
            report.demand(name(), each.label + ", all / one", each.together.over(each.alone),
                    each == contenders.getFirst() ? demand : Demand.NONE);
        }
    }

    /// What some pairs move within a window.
    private static double gigabits(Bench bench, List<NamespacePair> pairs) throws IOException {
        double seconds = bench.options().seconds();
        List<Child> clients = new ArrayList<>();
        try {
            for (NamespacePair pair : pairs) {
                clients.add(pair.guest().send(LEAD_SECONDS + seconds + TAIL_SECONDS));
            }
            pause(LEAD_SECONDS);
            long fromNs = System.nanoTime();
            long[] before = received(pairs);
            pause(seconds);
            double window = (System.nanoTime() - fromNs) / NS;
            long[] after = received(pairs);
            long bytes = 0;
            for (int i = 0; i < before.length; i++) {
                if (after[i] == before[i]) {
                    throw new HarnessException("pair " + i + " moves nothing: " + clients.get(i).lastErrors());
                }
                bytes += after[i] - before[i];
            }
            return bytes * 8 / NS / window;
        } finally {
            clients.forEach(Child::close);
        }
    }

    private static long[] received(List<NamespacePair> pairs) throws IOException {
        long[] bytes = new long[pairs.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = received(pairs.get(i).serverPid());
        }
        return bytes;
    }

    /// Bytes that arrived where a process is (proc_pid_net(5), dev).
    private static long received(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "net/dev"))) {
            if (line.strip().startsWith("eth0:")) {
                return Long.parseLong(line.strip().substring("eth0:".length()).strip().split(" +")[0]);
            }
        }
        throw new HarnessException("no eth0 where process " + pid + " is");
    }

    private static void pause(double seconds) {
        long untilNs = System.nanoTime() + (long) (seconds * NS);
        for (long left = untilNs - System.nanoTime(); left > 0; left = untilNs - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
