package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.benchmark.load.HostServer;
import org.vswitch.benchmark.load.Order;

/// Many namespaces with a tap each on one switch: what all pairs of them move together, beside one pair alone.
///
/// @param demand the sum over one pair's
record ManyPairsRow(Demand demand) implements Row<Bench> {
    private static final int PAIRS = 32;
    /// Port 0 is nobody's, and the harness looks whether it is served.
    private static final int SPARE_PORTS = 2;
    private static final double SECONDS_TO_OPEN = 5;
    /// From the order to the window: all begin, their windows grow.
    private static final double LEAD_SECONDS = 1.5;
    /// So that nobody has ended before the window has.
    private static final double TAIL_SECONDS = 0.2;
    private static final double NS = 1e9;

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
        List<NamespacePair> pairs = new ArrayList<>();
        try {
            List<String> options = new ArrayList<>(List.of("--numports", Integer.toString(2 * PAIRS + SPARE_PORTS)));
            for (int i = 0; i < PAIRS; i++) {
                pairs.add(NamespacePair.make(bench, i));
                options.addAll(pairs.getLast().tapLinks());
            }
            pairs.getFirst().adopt(bench.start(Contestant.VSWITCH, "vswitch-64", options).process());
            for (NamespacePair pair : pairs) {
                pair.adopt(Child.stationAt(pair.server().prefix(), bench.workplace(), HostServer.class));
                pair.serve().guest().gigabits(Direction.UP, 0);
            }
            alternate(bench, pairs);
        } finally {
            pairs.forEach(NamespacePair::close);
        }
    }

    private void alternate(Bench bench, List<NamespacePair> pairs) throws IOException {
        Samples alone = new Samples();
        Samples together = new Samples();
        for (int i = -1; i < bench.options().alternations(); i++) {
            double one = gigabits(pairs.subList(0, 1), bench.options().seconds());
            double all = gigabits(pairs, bench.options().seconds());
            bench.report().progress("one pair", Results.number(one) + " Gbit/s");
            bench.report().progress("all pairs", Results.number(all) + " Gbit/s");
            if (i >= 0) {
                alone.add(one);
                together.add(all);
            }
        }
        bench.report().add(name(), "vswitch, one pair", "Gbit/s", alone);
        bench.report().add(name(), "vswitch, %d pairs".formatted(PAIRS), "Gbit/s", together);
        bench.report().demand(name(), "all / one", together.over(alone), demand);
    }

    /// What some pairs move within one window that all have in common, counted where it arrives.
    private static double gigabits(List<NamespacePair> pairs, double seconds) throws IOException {
        for (NamespacePair pair : pairs) {
            pair.guest().tell(Order.of("open").with("flows", 1));
        }
        for (NamespacePair pair : pairs) {
            pair.guest().answer(SECONDS_TO_OPEN);
        }
        long from = System.nanoTime() + (long) (LEAD_SECONDS * NS);
        long to = from + (long) (seconds * NS);
        for (NamespacePair pair : pairs) {
            pair.guest().tell(Order.of("move").with("run", 0).with("from", from).with("to", to)
                    .with("end", to + (long) (TAIL_SECONDS * NS)));
        }
        long bytes = 0;
        for (NamespacePair pair : pairs) {
            bytes += pair.guest().answer(LEAD_SECONDS + seconds).number("bytes");
        }
        return bytes * 8 / NS / seconds;
    }
}
