package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// `benchmarks/run tap`: taps in network namespaces, beside the kernel's own bridge, vde_switch and other routers, and
/// what the guard costs.
public final class TapHarness extends Suite<TapBench> {
    private static final double NO_AIM = Double.NaN;
    private static final List<Row<TapBench>> ROWS = List.of(
            switched(new PairRow("tap-tap", "TCP between two namespaces with a tap each",
                    new Trial.Bulk(Direction.UP), List.of(
                    new PairRow.Beside(Wiring.TAPS, Wiring.KERNEL, Demand.atLeast(0.9, 1)),
                    new PairRow.Beside(Wiring.VDE_PLUGS, Wiring.KERNEL, Demand.NONE)))),
            routed(new RouterRow("tap-router-up", "TCP from a namespace with a tap through the router",
                    new Trial.Bulk(Direction.UP), RouterHarness.bulk(1.0))),
            routed(new RouterRow("tap-router-down", "TCP to a namespace with a tap through the router",
                    new Trial.Bulk(Direction.DOWN), RouterHarness.bulk(0.9))),
            switched(new PairRow("tap-client",
                    "TCP from a namespace with a tap to one with vde_plug2tap, a client of libvdeplug",
                    new Trial.Bulk(Direction.UP), List.of(
                    new PairRow.Beside(Wiring.TAP_AND_PLUG, Wiring.VDE_TAP_AND_PLUG, Demand.atLeast(1.5, NO_AIM))))),
            switched(ping("ping", "ping between two namespaces, one after the other", 0)),
            switched(ping("ping-100", "ping between two namespaces, 100 a second", 10)),
            switched(new GuardRow(Load.saturated(64), Demand.atLeast(0.9, 0.97))),
            switched(new PairRow("guard-tcp", "TCP between two namespaces, with the guard and without",
                    new Trial.Bulk(Direction.UP), List.of(
                    new PairRow.Beside(Wiring.GUARDED, Wiring.TAPS, Demand.atLeast(0.9, 0.97))))),
            switched(new ManyPairsRow(Demand.atLeast(0.9, NO_AIM))));

    private TapHarness() {
        super("tap", "taps in namespaces, beside the kernel, vde_switch and other routers", ROWS);
    }

    /// Measures and writes results.
    ///
    /// @param arguments the root of the checkout, then options
    /// @throws IOException if a file cannot be written
    public static void main(String[] arguments) throws IOException {
        if (RouterBench.isPossible() || arguments.length > 1 && arguments[1].startsWith("--l")) {
            System.exit(new TapHarness().run(arguments));
        }
        System.err.println("left out: needs root, for network namespaces");
    }

    private static Row<TapBench> switched(Row<Bench> row) {
        return new TapBench.Part<>(row, TapBench::switches);
    }

    private static Row<TapBench> routed(Row<RouterBench> row) {
        return new TapBench.Part<>(row, TapBench::routers);
    }

    private static PairRow ping(String name, String title, int intervalMs) {
        return new PairRow(name, title, new Trial.Echoes(intervalMs), List.of(
                new PairRow.Beside(Wiring.TAPS, Wiring.VDE_PLUGS, Demand.atMost(1, 0.5)),
                new PairRow.Beside(Wiring.TAPS, Wiring.KERNEL, Demand.NONE)));
    }

    @Override
    List<String> contestants() {
        return Stream.concat(Arrays.stream(Contestant.values()).map(Contestant::label),
                Arrays.stream(Router.values()).map(Router::label)).distinct().toList();
    }

    @Override
    boolean isPlaced() {
        return true;
    }

    @Override
    TapBench open(Workplace workplace, Options options, Report report) throws IOException {
        return TapBench.open(workplace, options, report);
    }

    @Override
    Map<String, Object> facts(Options options) throws IOException {
        return RouterHarness.versions();
    }
}
