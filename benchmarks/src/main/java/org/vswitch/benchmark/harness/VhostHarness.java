package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// `benchmarks/run vhost`: guests' shared memory, beside Open vSwitch on DPDK, with DPDK's testpmd for the guests;
/// guests of QEMU; and what is killed.
public final class VhostHarness extends Suite<VhostBench> {
    private static final double NO_AIM = Double.NaN;
    private static final List<Row<VhostBench>> ROWS = List.of(
            new VhostRateRow("vhost-64", 64, Demand.atLeast(5_000_000, NO_AIM), Demand.aimAtLeast(1)),
            new VhostRateRow("vhost-1514", 1514, Demand.NONE, Demand.atLeast(0.5, 1)),
            new ShmRateRow("shm-64", 64, Demand.atLeast(5, 20)),
            new QemuRow("qemu-tcp", QemuWiring.VHOST_USER, QemuWiring.VDE, Demand.atLeast(2, 4)),
            new QemuRow("qemu-stream", QemuWiring.STREAM, QemuWiring.VDE, Demand.atLeast(1, NO_AIM)),
            new KillSwitchRow(Demand.atMost(1500, 500)),
            new KillFrontEndRow(),
            new VhostAllocationRow(Demand.atMost(0, NO_AIM)),
            new ThreadsRow(Demand.aimAtLeast(1.6)),
            new CrossingRow());

    private VhostHarness() {
        super("vhost", "guests, and vhost-user ports beside Open vSwitch on DPDK", ROWS);
    }

    /// Measures and writes results.
    ///
    /// @param arguments the root of the checkout, then options
    /// @throws IOException if a file cannot be written
    public static void main(String[] arguments) throws IOException {
        System.exit(new VhostHarness().run(arguments));
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
    VhostBench open(Workplace workplace, Options options, Report report) {
        return new VhostBench(workplace, options, report);
    }

    @Override
    Map<String, Object> facts(Options options) throws IOException {
        return RouterHarness.versions(List.of("dpdk", "openvswitch-switch-dpdk", "qemu-system-x86"));
    }
}
