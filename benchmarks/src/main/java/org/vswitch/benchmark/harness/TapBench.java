package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Function;

/// What rows about taps measure with: the ends of the switch's rows, and the host of the router's.
///
/// @param switches for rows between ports
/// @param routers for rows through the router
record TapBench(Bench switches, RouterBench routers) {
    /// Prepares both, each with those contestants that it knows.
    static TapBench open(Workplace workplace, Options options, Report report) throws IOException {
        Options switches = options.without(label -> Arrays.stream(Contestant.values())
                .noneMatch(known -> known.label().equals(label) && known.isInstalled(workplace)));
        Options routers = options.without(label -> Arrays.stream(Router.values())
                .noneMatch(known -> known.label().equals(label) && known.isInstalled()));
        return new TapBench(new Bench(workplace, switches, report), new RouterBench(workplace, routers, report));
    }

    /// A row that measures with a part.
    ///
    /// @param <B> the part
    /// @param row what is measured
    /// @param part which
    record Part<B>(Row<B> row, Function<TapBench, B> part) implements Row<TapBench> {
        @Override
        public String name() {
            return row.name();
        }

        @Override
        public String title() {
            return row.title();
        }

        @Override
        public void measure(TapBench bench) throws IOException {
            row.measure(part.apply(bench));
        }
    }
}
