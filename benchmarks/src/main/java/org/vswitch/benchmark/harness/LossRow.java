package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// TCP over a bad link to the guest: each way loses 1 % of the frames and takes 10 ms. The other end is the router, or
/// another namespace across the same link, so Linux itself.
///
/// The guest sends frames of one MTU, or a whole super-frame would be lost at once. Linux's TCP is CUBIC where
/// something is demanded, whatever the machine's default: BBR does not take loss for congestion. A fresh switch in each
/// run, with the run's number for a seed.
///
/// @param demandUp ours over Linux's, from the guest
/// @param demandDown ours over Linux's, to the guest
record LossRow(Demand demandUp, Demand demandDown) implements Row<RouterBench> {
    private static final String SERVER = "10.0.2.2";
    private static final double LONGER = 5;

    /// Who is across the link, and how the kernels there control congestion.
    private enum Peer {
        ROUTER("vswitch", "cubic"),
        LINUX("linux", "cubic"),
        ROUTER_BBR("vswitch, guest with bbr", "bbr"),
        LINUX_BBR("linux, bbr", "bbr");

        private final String label;
        private final String congestionControl;

        Peer(String label, String congestionControl) {
            this.label = label;
            this.congestionControl = congestionControl;
        }

        boolean isRouter() {
            return this == ROUTER || this == ROUTER_BBR;
        }
    }

    @Override
    public String name() {
        return "loss";
    }

    @Override
    public String title() {
        return "TCP with 1 % loss and 20 ms between guest and router, beside Linux's own across the same link";
    }

    @Override
    public void measure(RouterBench bench) throws IOException {
        if (!bench.options().contestants().contains(Router.VSWITCH.label())) {
            return;
        }
        String available = Machine.read("/proc/sys/net/ipv4/tcp_available_congestion_control");
        Map<Peer, Map<Direction, Samples>> rates = new LinkedHashMap<>();
        for (int i = 0; i < bench.options().alternations(); i++) {
            for (Peer peer : Peer.values()) {
                if (available.contains(peer.congestionControl)) {
                    Map<Direction, Samples> samples = rates.computeIfAbsent(peer, any -> new EnumMap<>(Map.of(
                            Direction.UP, new Samples(), Direction.DOWN, new Samples())));
                    measure(bench, peer, i + 1, samples);
                }
            }
        }
        for (Direction direction : Direction.values()) {
            rates.forEach((peer, samples) -> bench.report().add(name(), peer.label + ", " + direction.label(),
                    "Mbit/s", samples.get(direction)));
        }
        compare(bench.report(), rates, Direction.UP, demandUp);
        compare(bench.report(), rates, Direction.DOWN, demandDown);
    }

    private void compare(Report report, Map<Peer, Map<Direction, Samples>> rates, Direction direction, Demand demand) {
        Map<Peer, Peer> pairs = new EnumMap<>(Map.of(Peer.ROUTER, Peer.LINUX, Peer.ROUTER_BBR, Peer.LINUX_BBR));
        pairs.forEach((one, other) -> {
            if (rates.containsKey(one) && rates.containsKey(other)) {
                report.demand(name() + " " + direction.label(), one.label + " / " + other.label,
                        rates.get(one).get(direction).over(rates.get(other).get(direction)),
                        one == Peer.ROUTER ? demand : Demand.NONE);
            }
        });
    }

    private void measure(RouterBench bench, Peer peer, int seed, Map<Direction, Samples> into) throws IOException {
        String tap = Namespace.newName();
        String otherTap = Namespace.newName();
        String bad = "impair://tap://" + tap + "[loss=1%,delay=10ms,seed=" + seed + "]";
        List<String> options = peer.isRouter() ? List.of("--link", RouterSwitch.ROUTER_URL, "--link", bad)
                : List.of("--tap", otherTap, "--link", bad);
        Child iperf = null;
        try (RouterSwitch between = RouterSwitch.start(bench, options)) {
            if (!peer.isRouter()) {
                Namespace server = between.newNamespace();
                server.takeFrom(bench.host(), otherTap, SERVER + "/24", "10.0.2.3");
                iperf = Iperf.serve(bench.workplace(), server.prefix(), SERVER);
            }
            Guest guest = between.onTap(tap);
            guest.run("ethtool", "-K", tap, "tso", "off", "gso", "off");
            for (Direction direction : Direction.values()) {
                double megabits = guest.gigabits(direction, LONGER * bench.options().seconds(), "--congestion",
                        peer.congestionControl) * 1000;
                bench.report().progress(peer.label + " " + direction.label(), Results.number(megabits) + " Mbit/s");
                into.get(direction).add(megabits);
            }
        } finally {
            if (iperf != null) {
                iperf.kill();
            }
        }
    }
}
