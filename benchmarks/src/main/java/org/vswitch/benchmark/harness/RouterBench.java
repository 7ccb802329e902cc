package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.benchmark.load.HostServer;

/// The host of all routers under test: a network namespace in which they run, and servers on its 127.0.0.1.
///
/// It is not the machine's own, so that nothing of the machine can be reached through a router, ports do not run out
/// (its limits are set here), and pasta finds an address and a way out to copy. A pair of interfaces that leads nowhere
/// stands for the network.
final class RouterBench {
    private static final String ADDRESS = "198.51.100.2/24";
    /// The next hop that the host would use; pasta maps it to the host's loopback.
    static final String NEXT_HOP = "198.51.100.1";
    private static final String LOOPBACK = "127.0.0.1";

    private final Workplace workplace;
    private final Options options;
    private final Report report;
    private final Namespace host;
    private final Child server;

    /// Makes the namespace and starts the servers.
    RouterBench(Workplace workplace, Options options, Report report) throws IOException {
        this.workplace = workplace;
        this.options = options;
        this.report = report;
        host = newNamespace();
        host.ip("link", "add", "host0", "type", "veth", "peer", "name", "host1");
        host.ip("addr", "add", ADDRESS, "dev", "host0");
        host.ip("link", "set", "host0", "up");
        host.ip("link", "set", "host1", "up");
        host.ip("route", "add", "default", "via", NEXT_HOP);
        server = Child.stationAt(host.prefix(), workplace, HostServer.class);
        Iperf.serve(workplace, host.prefix(), LOOPBACK);
    }

    /// Whether namespaces and taps can be made here.
    static boolean isPossible() {
        return Files.isWritable(Path.of("/run/netns")) || Files.isWritable(Path.of("/run"));
    }

    Workplace workplace() {
        return workplace;
    }

    Options options() {
        return options;
    }

    Report report() {
        return report;
    }

    /// Where routers run.
    Namespace host() {
        return host;
    }

    /// What commands the servers.
    Child server() {
        return server;
    }

    /// Who needs no router.
    Guest neighbour() {
        return new Guest(workplace, host.prefix(), LOOPBACK);
    }

    /// A namespace in which connections may come and go faster than usual.
    Namespace newNamespace() throws IOException {
        Namespace made = Namespace.make(workplace);
        made.ip("link", "set", "lo", "up");
        // A router that makes 20,000 connections a second would use up the ports that wait for a minute after each.
        made.sysctl("net.ipv4.ip_local_port_range=10000 65000");
        made.sysctl("net.ipv4.tcp_max_tw_buckets=1000");
        return made;
    }

    /// The command line of a program that runs where routers run.
    List<String> atHost(List<String> command) {
        List<String> line = new ArrayList<>(host.prefix());
        line.addAll(command);
        return line;
    }
}
