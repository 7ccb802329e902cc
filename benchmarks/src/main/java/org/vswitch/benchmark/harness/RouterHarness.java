package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vswitch.benchmark.harness.RouterRow.Beside;

/// `benchmarks/run slirp`: the router beside Debian's slirp4netns and pasta, and beside none.
///
/// Everybody serves a guest that asks a server on the host's loopback.
public final class RouterHarness extends Suite<RouterBench> {
    private static final double NO_AIM = Double.NaN;
    /// Why the router works where it does.
    private static final Beside THREADS = new Beside(Router.VSWITCH, Router.VSWITCH_THREAD, Demand.NONE);
    private static final List<Row<RouterBench>> ROWS = List.of(
            new RouterRow("tcp-up", "TCP from a guest on a tap as it comes (MTU 1500, offloads on)",
                    new Trial.Bulk(Direction.UP), bulk(1.0)),
            new RouterRow("tcp-down", "TCP to a guest on a tap as it comes (MTU 1500, offloads on)",
                    new Trial.Bulk(Direction.DOWN), bulk(0.9)),
            new RouterRow("tcp-vde-up", "TCP from a guest on a VDE port, MTU 1500, vde_plug2tap between",
                    new Trial.Bulk(Direction.UP), List.of(
                    new Beside(Router.VSWITCH_VDE, Router.SLIRP4NETNS_1500, Demand.atLeast(1.4, NO_AIM)))),
            new RouterRow("tcp-vde-down", "TCP to a guest on a VDE port, MTU 1500, vde_plug2tap between",
                    new Trial.Bulk(Direction.DOWN), List.of(
                    new Beside(Router.VSWITCH_VDE, Router.SLIRP4NETNS_1500, Demand.atLeast(0.6, NO_AIM)))),
            new RouterRow("tcp-9000-up", "TCP from a guest on a VDE port, MTU 9000 with vde_plug against 1500",
                    new Trial.Bulk(Direction.UP), jumbo()),
            new RouterRow("tcp-9000-down", "TCP to a guest on a VDE port, MTU 9000 with vde_plug against 1500",
                    new Trial.Bulk(Direction.DOWN), jumbo()),
            new RouterRow("connect", "new connections from a guest, a byte each way, 32 at a time",
                    new Trial.Connections(32, false), connections(Demand.atLeast(1.5, 3))),
            new RouterRow("connect-threads", "the same with a thread for each connection at both ends",
                    new Trial.Connections(32, true), connections(Demand.atLeast(1.5, 3))),
            new RouterRow("connect-single", "new connections from a guest, a byte each way, one after the other",
                    new Trial.Connections(1, true), connections(Demand.NONE)),
            new RouterRow("udp-rtt", "UDP request and response of 64 bytes, one at a time",
                    new Trial.RoundTrips(64), List.of(
                    new Beside(Router.VSWITCH, Router.SLIRP4NETNS, Demand.atMost(1.0, 0.8)),
                    new Beside(Router.VSWITCH_VDE, Router.SLIRP4NETNS, Demand.atMost(1.25, 0.8)),
                    new Beside(Router.VSWITCH, Router.PASTA, Demand.NONE),
                    new Beside(Router.VSWITCH, Router.LOOPBACK, Demand.NONE),
                    THREADS)),
            new ManyFlowsRow(Demand.atMost(8192, 2048), Demand.atLeast(0.9, NO_AIM)),
            new FairnessRow(Demand.atLeast(0.7, 0.9)),
            new LossRow(Demand.atLeast(0.9, 1), Demand.atLeast(0.8, 1)),
            new SteadyRow(Demand.atMost(0, NO_AIM)),
            new SlirpvdeRow());

    private RouterHarness() {
        super("slirp", "the router beside slirp4netns and pasta", ROWS);
    }

    /// Measures and writes results.
    ///
    /// @param arguments the root of the checkout, then options
    /// @throws IOException if a file cannot be written
    public static void main(String[] arguments) throws IOException {
        if (RouterBench.isPossible() || arguments.length > 1 && arguments[1].startsWith("--l")) {
            System.exit(new RouterHarness().run(arguments));
        }
        System.err.println("left out: needs root, for network namespaces");
    }

    /// What bulk through the router is compared with.
    ///
    /// @param ofPasta what is demanded beside pasta
    static List<Beside> bulk(double ofPasta) {
        return List.of(new Beside(Router.VSWITCH, Router.SLIRP4NETNS, Demand.atLeast(2, NO_AIM)),
                new Beside(Router.VSWITCH, Router.SLIRP4NETNS_1500, Demand.NONE),
                new Beside(Router.VSWITCH, Router.PASTA, Demand.atLeast(ofPasta, NO_AIM)),
                new Beside(Router.VSWITCH, Router.LOOPBACK, Demand.aimAtLeast(0.6)), THREADS);
    }

    private static List<Beside> jumbo() {
        return List.of(new Beside(Router.VSWITCH_9000, Router.VSWITCH_VDE, Demand.atLeast(2, NO_AIM)),
                new Beside(Router.VSWITCH_9000, Router.VSWITCH_PLUG, Demand.NONE));
    }

    private static List<Beside> connections(Demand demand) {
        return List.of(new Beside(Router.VSWITCH, Router.SLIRP4NETNS, demand),
                new Beside(Router.VSWITCH, Router.PASTA, Demand.NONE),
                new Beside(Router.VSWITCH, Router.LOOPBACK, Demand.NONE), THREADS);
    }

    @Override
    List<String> contestants() {
        return Arrays.stream(Router.values()).map(Router::label).toList();
    }

    @Override
    boolean isPlaced() {
        return false;
    }

    @Override
    RouterBench open(Workplace workplace, Options options, Report report) throws IOException {
        return new RouterBench(workplace, options.without(label -> !Router.of(label).isInstalled()), report);
    }

    @Override
    Map<String, Object> facts(Options options) throws IOException {
        return versions();
    }

    /// What is installed of those who are compared, and of those who measure.
    static Map<String, Object> versions() throws IOException {
        Map<String, Object> facts = versions(List.of("slirp4netns", "passt", "vde2", "vdeplug", "iperf3"));
        facts.put("TCP of the kernel", Machine.read("/proc/sys/net/ipv4/tcp_congestion_control"));
        return facts;
    }

    /// What is installed of Debian's packages.
    static Map<String, Object> versions(List<String> packages) throws IOException {
        Map<String, Object> facts = new LinkedHashMap<>();
        for (String name : packages) {
            facts.put(name, version(name));
        }
        return facts;
    }

    private static String version(String debianPackage) throws IOException {
        try {
            return Command.run(List.of("dpkg-query", "-W", "-f", "${Version}", debianPackage));
        } catch (HarnessException | IOException none) {
            return "none";
        }
    }
}
