package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// The switch with its router in it, running at the host, and guests on its ports.
final class RouterSwitch implements AutoCloseable {
    /// The router, whose own address means the host to guests.
    static final String ROUTER_URL = "slirp:///host-loopback=allow";
    private static final String ROUTER = "10.0.2.2";
    private static final int FIRST_GUEST = 15;
    private static final int TRIES = 400;
    private static final long RETRY_NS = 10_000_000;

    private final RouterBench bench;
    private final Path directory;
    private final Child process;
    private final List<Child> plugs = new ArrayList<>();
    private final List<Guest> guests = new ArrayList<>();
    private final List<Namespace> namespaces = new ArrayList<>();

    private RouterSwitch(RouterBench bench, Path directory, Child process) {
        this.bench = bench;
        this.directory = directory;
        this.process = process;
    }

    /// Starts one and waits until it accepts plugs.
    ///
    /// @param options without `--sock`
    static RouterSwitch start(RouterBench bench, List<String> options) throws IOException {
        Path directory = bench.workplace().newFile("vswitch");
        List<String> command = new ArrayList<>(List.of(
                bench.workplace().root().resolve("cli").resolve("vswitch").toString(), "--sock", directory.toString()));
        command.addAll(options);
        Child process = Child.start(bench.workplace(), "vswitch", bench.atHost(command));
        Bench.awaitPlugs(process, directory);
        return new RouterSwitch(bench, directory, process);
    }

    long pid() {
        return process.pid();
    }

    /// Where plugs go.
    Path directory() {
        return directory;
    }

    /// A guest on a tap that the switch has made.
    Guest onTap(String tap) throws IOException {
        Namespace namespace = newNamespace();
        namespace.takeFrom(bench.host(), tap, address(), ROUTER);
        return add(namespace);
    }

    /// A guest on a VDE port, with Debian's vde_plug2tap between.
    Guest onPlug2Tap() throws IOException {
        return onPlug(List.of("vde_plug2tap", "--sock", directory.toString(), "tap0"), 1500);
    }

    /// A guest on a VDE port, with Debian's vde_plug between.
    Guest onPlug(int mtu) throws IOException {
        return onPlug(List.of("vde_plug", "vde://" + directory, "tap://tap0"), mtu);
    }

    private Guest onPlug(List<String> command, int mtu) throws IOException {
        Namespace namespace = newNamespace();
        List<String> line = new ArrayList<>(namespace.prefix());
        line.addAll(command);
        plugs.add(Child.start(bench.workplace(), command.getFirst(), line));
        await(namespace, "tap0");
        namespace.ip("link", "set", "tap0", "mtu", Integer.toString(mtu));
        namespace.takeFrom(namespace, "tap0", address(), ROUTER);
        return add(namespace);
    }

    /// Waits until a device is there.
    static void await(Namespace namespace, String device) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            try {
                namespace.ip("link", "show", device);
                return;
            } catch (HarnessException notYet) {
                LockSupport.parkNanos(RETRY_NS);
            }
        }
        throw new HarnessException("no " + device);
    }

    /// A namespace that goes with the switch.
    Namespace newNamespace() throws IOException {
        Namespace namespace = bench.newNamespace();
        namespaces.add(namespace);
        return namespace;
    }

    private String address() {
        return "10.0.2." + (FIRST_GUEST + guests.size()) + "/24";
    }

    private Guest add(Namespace namespace) {
        Guest guest = new Guest(bench.workplace(), namespace.prefix(), ROUTER);
        guests.add(guest);
        return guest;
    }

    @Override
    public void close() {
        guests.forEach(Guest::leave);
        plugs.forEach(Child::kill);
        process.close();
        namespaces.forEach(Namespace::close);
    }
}
