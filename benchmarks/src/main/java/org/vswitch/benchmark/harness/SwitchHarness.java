package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// `benchmarks/run switch`: the switch beside Debian's vde_switch and beside the limit.
public final class SwitchHarness extends Suite<Bench> {
    private static final double NO_AIM = Double.NaN;
    private static final Load SMALL = Load.saturated(64);
    private static final Load LARGE = Load.saturated(1514);
    private static final List<Row<Bench>> ROWS = List.of(
            new DeliveryRow("delivery-64", "saturated delivery, 64 bytes, sendmmsg load", SMALL, 1,
                    Demand.atLeast(2.1, NO_AIM), Demand.atLeast(0.9, 0.97)),
            new DeliveryRow("delivery-1514", "saturated delivery, 1514 bytes, sendmmsg load", LARGE, 1,
                    Demand.atLeast(2.1, NO_AIM), Demand.atLeast(0.9, 0.97)),
            new DeliveryRow("delivery-64-single", "saturated delivery, 64 bytes, sent one by one as libvdeplug does",
                    new Load("single", 64, 1, 0), 1, Demand.NONE, Demand.NONE),
            new CpuRow(SMALL, Demand.atMost(0.45, 0.40)),
            new NoLossRow(Demand.atLeast(2, 3)),
            new RoundTripRow(Demand.atMost(1.05, 0.8), Demand.atMost(1.1, 0.8)),
            new ScaleRow("scale-macs", "throughput with 100,000 learned MACs against 1", 100_000, 0,
                    Demand.atLeast(0.9, 0.97)),
            new ScaleRow("scale-ports", "throughput with 500 idle ports against 2 ports", 1, 500,
                    Demand.atLeast(0.9, 0.97)),
            new DeliveryRow("flood", "one sender to 16 receivers, 64 bytes, frames received by all together",
                    new Load("batch", 64, 0, 0), 16, Demand.atLeast(2, 3), Demand.NONE),
            new PairRow("tap-tcp", "TCP between two namespaces on the switch's taps", new Trial.Bulk(Direction.UP),
                    List.of(new PairRow.Beside(Wiring.TAPS, Wiring.KERNEL, Demand.atLeast(0.8, 1)),
                            new PairRow.Beside(Wiring.VDE_TAPS, Wiring.KERNEL, Demand.NONE))),
            new AllocationRow(Demand.atMost(0, NO_AIM)),
            new IdleRow(Demand.atMost(0.2, 0.05)),
            new StartRow(Demand.atMost(250, 150)),
            new MemoryRow(LARGE, Demand.atMost(80, 64)));

    private SwitchHarness() {
        super("switch", "vswitch beside vde_switch", ROWS);
    }

    /// Measures and writes results.
    ///
    /// @param arguments the root of the checkout, then options
    /// @throws IOException if a file cannot be written
    public static void main(String[] arguments) throws IOException {
        System.exit(new SwitchHarness().run(arguments));
    }

    @Override
    List<String> contestants() {
        return Arrays.stream(Contestant.values()).map(Contestant::label).toList();
    }

    @Override
    boolean isPlaced() {
        return true;
    }

    @Override
    Bench open(Workplace workplace, Options options, Report report) throws IOException {
        return new Bench(workplace, options.without(label -> !Contestant.of(label).isInstalled(workplace)), report);
    }

    @Override
    Map<String, Object> facts(Options options) {
        return Map.of("placement", options.placement().toString());
    }
}
