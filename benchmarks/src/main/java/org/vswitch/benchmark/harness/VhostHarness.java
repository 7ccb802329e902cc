package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// `benchmarks/run vhost`: guests' shared memory, beside Open vSwitch on DPDK. DPDK's testpmd stands for the guests.
public final class VhostHarness extends Suite<VhostBench> {
    private static final double NO_AIM = Double.NaN;
    private static final List<Row<VhostBench>> ROWS = List.of(
            new VhostRateRow("vhost-64", 64, Demand.atLeast(5_000_000, NO_AIM), Demand.aimAtLeast(1)),
            new VhostRateRow("vhost-1514", 1514, Demand.NONE, Demand.atLeast(0.5, 1)));

    private VhostHarness() {
        super("vhost", "vhost-user ports beside Open vSwitch on DPDK", ROWS);
    }

    /// Measures and writes results.
    ///
    /// @param arguments the root of the checkout, then options
    /// @throws IOException if a file cannot be written
    public static void main(String[] arguments) throws IOException {
        if (Testpmd.isPossible() || arguments.length > 1 && arguments[1].startsWith("--l")) {
            System.exit(new VhostHarness().run(arguments));
        }
        System.err.println("left out: needs root, for huge pages, and DPDK's testpmd (Debian's dpdk-dev)");
    }

    @Override
    List<String> contestants() {
        return Arrays.stream(VhostForwarder.values()).map(VhostForwarder::label).toList();
    }

    @Override
    boolean isPlaced() {
        return false;
    }

    @Override
    VhostBench open(Workplace workplace, Options options, Report report) throws IOException {
        Testpmd.reserve(workplace);
        return new VhostBench(workplace, options, report);
    }

    @Override
    Map<String, Object> facts(Options options) throws IOException {
        return RouterHarness.versions(List.of("dpdk", "openvswitch-switch-dpdk"));
    }
}
