package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/// Frames that circulate between two vhost-user ports, through each forwarder in turn; those whose turn it is not
/// pause.
///
/// @param name as `--rows` takes it
/// @param bytes length of a frame
/// @param rate demanded of ours, in frames a second, both directions together
/// @param ratio demanded of ours over the rival's
record VhostRateRow(String name, int bytes, Demand rate, Demand ratio) implements Row<VhostBench> {
    @Override
    public String title() {
        return bytes + "-byte frames between two vhost-user ports, both directions, testpmd at both";
    }

    @Override
    public void measure(VhostBench bench) throws IOException {
        if (!Testpmd.isPossible()) {
            bench.report().note(name, "left out: needs root, for huge pages, and DPDK's testpmd (Debian's dpdk-dev)");
            return;
        }
        Testpmd.reserve(bench.workplace());
        Map<VhostForwarder, VhostForwarder.Running> running = new EnumMap<>(VhostForwarder.class);
        Map<VhostForwarder, Samples> samples = new EnumMap<>(VhostForwarder.class);
        try {
            for (VhostForwarder forwarder : bench.contestants()) {
                running.put(forwarder, forwarder.start(bench.workplace()));
                running.get(forwarder).pause();
                samples.put(forwarder, new Samples());
            }
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (VhostForwarder forwarder : running.keySet()) {
                    double rate = run(bench, running.get(forwarder));
                    samples.get(forwarder).add(rate);
                    bench.report().progress(forwarder.label(), Results.number(rate) + " frames/s");
                }
            }
        } finally {
            running.values().forEach(VhostForwarder.Running::close);
        }
        report(bench.report(), samples);
    }

    private double run(VhostBench bench, VhostForwarder.Running forwarder) throws IOException {
        forwarder.resume();
        try {
            return Testpmd.framesPerSecond(forwarder, bytes, bench.options().seconds());
        } finally {
            forwarder.pause();
        }
    }

    private void report(Report report, Map<VhostForwarder, Samples> samples) {
        samples.forEach((forwarder, rates) -> report.add(name, forwarder.label(), "frames/s", rates));
        Samples ours = samples.get(VhostForwarder.VSWITCH);
        Samples rival = samples.get(VhostForwarder.OVS_DPDK);
        if (ours != null) {
            report.demand(name, "vswitch, frames/s", ours, rate);
        }
        if (ours != null && rival != null) {
            report.demand(name, "vswitch / ovs-dpdk", ours.over(rival), ratio);
        }
    }
}
