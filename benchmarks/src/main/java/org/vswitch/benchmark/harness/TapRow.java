package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// TCP between two namespaces over two taps of a switch, beside the kernel's own veth pairs and bridge. For root only.
///
/// @param demand ours over the kernel's
record TapRow(Demand demand) implements Row<Bench> {
    private static final String KERNEL = "veth and bridge";

    /// Two namespaces that reach each other somehow.
    private record Pair(String subject, Namespace client, Namespace server) {
        static final String CLIENT = "10.111.0.1";
        static final String SERVER = "10.111.0.2";
    }

    @Override
    public String name() {
        return "tap-tcp";
    }

    @Override
    public String title() {
        return "TCP between two namespaces on the switch's taps";
    }

    @Override
    public void measure(Bench bench) throws IOException {
        if (!Files.isWritable(Path.of("/run/netns")) && !Files.isWritable(Path.of("/run"))) {
            bench.report().note(name(), "left out: needs root");
            return;
        }
        Map<Pair, Samples> rates = new LinkedHashMap<>();
        List<Child> children = new ArrayList<>();
        try {
            rates.put(kernelPair(bench), new Samples());
            for (Contestant contestant : bench.contestants(Contestant.LIMIT)) {
                rates.put(tapPair(bench, contestant, children), new Samples());
            }
            for (Pair pair : rates.keySet()) {
                children.add(Iperf.serve(bench.workplace(), pair.server().prefix(), Pair.SERVER));
                Iperf.gigabits(pair.client().prefix(), Pair.SERVER, bench.options().seconds());
            }
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (Map.Entry<Pair, Samples> entry : rates.entrySet()) {
                    double gigabits = Iperf.gigabits(entry.getKey().client().prefix(), Pair.SERVER,
                            bench.options().seconds());
                    bench.report().progress(entry.getKey().subject(), "%.2f Gbit/s".formatted(gigabits));
                    entry.getValue().add(gigabits);
                }
            }
        } finally {
            children.forEach(Child::kill);
            rates.keySet().forEach(pair -> pair.client().close());
            rates.keySet().forEach(pair -> pair.server().close());
        }
        report(bench.report(), rates);
    }

    private void report(Report report, Map<Pair, Samples> rates) {
        Map<String, Samples> bySubject = new LinkedHashMap<>();
        rates.forEach((pair, samples) -> {
            bySubject.put(pair.subject(), samples);
            report.add(name(), pair.subject(), "Gbit/s", samples);
        });
        for (Contestant contestant : List.of(Contestant.VSWITCH, Contestant.VDE)) {
            if (bySubject.containsKey(contestant.label())) {
                report.demand(name(), contestant.label() + " / " + KERNEL,
                        bySubject.get(contestant.label()).over(bySubject.get(KERNEL)),
                        contestant == Contestant.VSWITCH ? demand : Demand.NONE);
            }
        }
    }

    /// Client and server with a veth each to a bridge in the server's namespace.
    private static Pair kernelPair(Bench bench) throws IOException {
        Namespace client = Namespace.make(bench.workplace());
        Namespace server = Namespace.make(bench.workplace());
        Namespace middle = Namespace.make(bench.workplace());
        middle.ip("link", "add", "bridge", "type", "bridge");
        middle.ip("link", "set", "bridge", "up");
        String[] addresses = {Pair.CLIENT, Pair.SERVER};
        Namespace[] ends = {client, server};
        for (int i = 0; i < ends.length; i++) {
            String inner = "v" + i;
            middle.ip("link", "add", inner, "type", "veth", "peer", "name", "eth0", "netns", ends[i].name());
            middle.ip("link", "set", inner, "master", "bridge", "up");
            ends[i].ip("addr", "add", addresses[i] + "/24", "dev", "eth0");
            ends[i].ip("link", "set", "eth0", "up");
        }
        return new Pair(KERNEL, client, server);
    }

    private static Pair tapPair(Bench bench, Contestant contestant, List<Child> children) throws IOException {
        String clientTap = Namespace.newName();
        String serverTap = Namespace.newName();
        Entrant entrant = bench.start(contestant, contestant.label() + "-tap",
                List.of("--tap", clientTap, "--tap", serverTap));
        children.add(entrant.process());
        Namespace client = Namespace.make(bench.workplace());
        Namespace server = Namespace.make(bench.workplace());
        client.take(clientTap, Pair.CLIENT + "/24");
        server.take(serverTap, Pair.SERVER + "/24");
        return new Pair(contestant.label(), client, server);
    }
}
