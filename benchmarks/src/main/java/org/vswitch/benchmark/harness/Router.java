package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What can stand between a guest and the host.
enum Router {
    /// Ours, the guest on the switch's own tap as it comes: MTU 1500, with offloads.
    VSWITCH("vswitch", "ip"),
    /// The same, but the router on a thread of its own.
    VSWITCH_THREAD("vswitch-thread", "ip"),
    /// Ours, the guest on a VDE port through Debian's vde_plug2tap, MTU 1500.
    VSWITCH_VDE("vswitch-vde", "vde_plug2tap"),
    /// Ours, the guest on a VDE port through Debian's vde_plug, MTU 1500.
    VSWITCH_PLUG("vswitch-plug", "vde_plug"),
    /// Ours, the guest on a VDE port through Debian's vde_plug, MTU 9000.
    VSWITCH_9000("vswitch-9000", "vde_plug"),
    /// Debian's slirp4netns with the MTU that its users are told to take, 65520.
    SLIRP4NETNS("slirp4netns", "slirp4netns"),
    /// Debian's slirp4netns with its default MTU, 1500.
    SLIRP4NETNS_1500("slirp4netns-1500", "slirp4netns"),
    /// Debian's pasta with its default MTU, 65520.
    PASTA("pasta", "pasta"),
    /// No router: the host asks itself.
    LOOPBACK("loopback", "iperf3");

    private static final String NOBODY = "65534";

    private final String label;
    private final String program;

    Router(String label, String program) {
        this.label = label;
        this.program = program;
    }

    /// As it stands in tables and on the command line.
    String label() {
        return label;
    }

    static Router of(String label) {
        for (Router router : values()) {
            if (router.label.equals(label)) {
                return router;
            }
        }
        throw new IllegalArgumentException("unknown contestant: " + label);
    }

    /// Whether what it needs from Debian is there.
    boolean isInstalled() {
        return List.of("/usr/bin", "/usr/sbin", "/bin", "/sbin").stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /// A router that runs, with one guest behind it.
    ///
    /// @param router what it is
    /// @param guest who is behind it
    /// @param end ends both
    record Running(Router router, Guest guest, Runnable end) implements AutoCloseable {
        @Override
        public void close() {
            end.run();
        }
    }

    /// Starts it.
    Running start(RouterBench bench) throws IOException {
        return switch (this) {
            case VSWITCH -> onTap(bench, RouterSwitch.ROUTER_URL);
            case VSWITCH_THREAD -> onTap(bench, RouterSwitch.ROUTER_URL + "/thread=own");
            case VSWITCH_VDE -> {
                RouterSwitch ours = ours(bench, RouterSwitch.ROUTER_URL);
                yield new Running(this, ours.onPlug2Tap(), ours::close);
            }
            case VSWITCH_PLUG -> {
                RouterSwitch ours = ours(bench, RouterSwitch.ROUTER_URL);
                yield new Running(this, ours.onPlug(1500), ours::close);
            }
            case VSWITCH_9000 -> {
                RouterSwitch ours = ours(bench, RouterSwitch.ROUTER_URL + "/mtu=9000");
                yield new Running(this, ours.onPlug(9000), ours::close);
            }
            case SLIRP4NETNS -> slirp4netns(bench, 65_520);
            case SLIRP4NETNS_1500 -> slirp4netns(bench, 1500);
            case PASTA -> pasta(bench);
            case LOOPBACK -> {
                Guest host = bench.neighbour();
                yield new Running(this, host, host::leave);
            }
        };
    }

    private Running onTap(RouterBench bench, String url) throws IOException {
        String tap = Namespace.newName();
        RouterSwitch ours = ours(bench, url, "--tap", tap);
        return new Running(this, ours.onTap(tap), ours::close);
    }

    private static RouterSwitch ours(RouterBench bench, String url, String... more) throws IOException {
        List<String> options = new ArrayList<>(List.of("--link", url));
        options.addAll(List.of(more));
        return RouterSwitch.start(bench, options);
    }

    private Running slirp4netns(RouterBench bench, int mtu) throws IOException {
        Namespace namespace = bench.newNamespace();
        Child process = Child.start(bench.workplace(), label, bench.atHost(List.of("slirp4netns",
                "--netns-type=path", "--configure", "--mtu=" + mtu, "/run/netns/" + namespace.name(), "tap0")));
        RouterSwitch.await(namespace, "tap0");
        Guest guest = new Guest(bench.workplace(), namespace.prefix(), "10.0.2.2");
        return new Running(this, guest, () -> {
            guest.leave();
            process.kill();
            namespace.close();
        });
    }

    /// It refuses to run as root, and joins only namespaces of its own user, who may not open the machine's
    /// `/dev/net/tun` everywhere: so it sees one that he may.
    private Running pasta(RouterBench bench) throws IOException {
        List<String> asNobody = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups");
        List<String> owner = new ArrayList<>(asNobody);
        owner.addAll(List.of("unshare", "--user", "--map-root-user", "--net", "sleep", "infinity"));
        Child namespace = Child.start(bench.workplace(), "namespace", bench.atHost(owner));
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c",
                "mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec \"$@\"", "sh"));
        command.addAll(asNobody);
        command.addAll(List.of("pasta", "--quiet", "--foreground", "--config-net", "--ipv4-only", "--mtu", "65520",
                "--ns-ifname", "tap0", "-t", "none", "-u", "none", "-T", "none", "-U", "none",
                Long.toString(namespace.pid())));
        awaitOwnNetwork(namespace);
        Child process = Child.start(bench.workplace(), label, bench.atHost(command));
        Guest guest = new Guest(bench.workplace(),
                List.of("nsenter", "--net=/proc/" + namespace.pid() + "/ns/net"), RouterBench.NEXT_HOP);
        return new Running(this, guest, () -> {
            guest.leave();
            process.kill();
            namespace.kill();
        });
    }

    /// Waits until a process has become what its command line says: before that it is still in the host's network.
    private static void awaitOwnNetwork(Child process) throws IOException {
        Path link = Path.of("/proc", Long.toString(process.pid()), "comm");
        long deadline = System.nanoTime() + Bench.PATIENCE.toNanos();
        while (!Files.readString(link).strip().equals("sleep")) {
            if (System.nanoTime() > deadline) {
                throw new HarnessException("no user namespace: " + process.lastErrors());
            }
            Bench.sleepUntil(System.nanoTime() + 1_000_000);
        }
    }
}
