package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Two network namespaces that are to reach each other somehow, and the processes that see to it. In one of them a
/// client asks, in the other iperf3 serves.
final class NamespacePair implements AutoCloseable {
    private static final String PREFIX_LENGTH = "/24";

    private final Bench bench;
    private final Namespace client;
    private final Namespace server;
    private final String clientAddress;
    private final String serverAddress;
    private final Guest guest;
    private final List<Child> children = new ArrayList<>();
    private final List<Namespace> others = new ArrayList<>();
    private Child serving;

    private NamespacePair(Bench bench, int number) throws IOException {
        this.bench = bench;
        client = Namespace.make(bench.workplace());
        server = Namespace.make(bench.workplace());
        clientAddress = "10.111." + number + ".1";
        serverAddress = "10.111." + number + ".2";
        guest = new Guest(bench.workplace(), client.prefix(), serverAddress);
    }

    /// Makes two namespaces with nothing between them.
    ///
    /// @param number of the pair on its network, 0 to 255; says which addresses they have
    static NamespacePair make(Bench bench, int number) throws IOException {
        return new NamespacePair(bench, number);
    }

    /// Who asks.
    Guest guest() {
        return guest;
    }

    /// Where he is asked.
    Namespace server() {
        return server;
    }

    /// The links with which a vswitch reaches both.
    List<String> tapLinks() {
        return List.of("--link", tapUrl(client, clientAddress), "--link", tapUrl(server, serverAddress));
    }

    private static String tapUrl(Namespace namespace, String address) {
        return "tap://eth0[netns=%s,up,addr=%s%s]".formatted(namespace.name(), address, PREFIX_LENGTH);
    }

    /// Moves an existing interface to the client.
    void giveClient(String device) throws IOException {
        client.take(device, clientAddress + PREFIX_LENGTH);
    }

    /// Moves an existing interface to the server.
    void giveServer(String device) throws IOException {
        server.take(device, serverAddress + PREFIX_LENGTH);
    }

    /// Makes the client one of Debian's VDE clients.
    void plugClient(Entrant into) throws IOException {
        plug(client, clientAddress, into);
    }

    /// Makes the server one of Debian's VDE clients.
    void plugServer(Entrant into) throws IOException {
        plug(server, serverAddress, into);
    }

    private void plug(Namespace namespace, String address, Entrant into) throws IOException {
        List<String> command = new ArrayList<>(namespace.prefix());
        command.addAll(List.of("vde_plug2tap", "--sock", into.directory().toString(), "tap0"));
        children.add(Child.start(bench.workplace(), "vde_plug2tap", command));
        RouterSwitch.await(namespace, "tap0");
        namespace.ip("addr", "add", address + PREFIX_LENGTH, "dev", "tap0");
        namespace.ip("link", "set", "tap0", "up");
    }

    /// Puts a bridge of the kernel's between them, in a namespace of its own, with a veth to each.
    ///
    /// @return where the bridge is
    Namespace bridge() throws IOException {
        Namespace middle = Namespace.make(bench.workplace());
        others.add(middle);
        middle.ip("link", "add", "bridge", "type", "bridge");
        middle.ip("link", "set", "bridge", "up");
        join(middle);
        return middle;
    }

    /// Connects both with another pair's bridge.
    void join(Namespace middle) throws IOException {
        connect(middle, client, clientAddress);
        connect(middle, server, serverAddress);
    }

    private static void connect(Namespace middle, Namespace end, String address) throws IOException {
        String port = Namespace.newName();
        middle.ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", end.name());
        middle.ip("link", "set", port, "master", "bridge", "up");
        end.ip("addr", "add", address + PREFIX_LENGTH, "dev", "eth0");
        end.ip("link", "set", "eth0", "up");
    }

    /// Starts iperf3 at the server.
    NamespacePair serve() throws IOException {
        serving = Iperf.serve(bench.workplace(), server.prefix(), serverAddress);
        children.add(serving);
        return this;
    }

    /// The process at the server, once it serves.
    long serverPid() {
        return serving.pid();
    }

    /// A process that is to end with the pair.
    void adopt(Child child) {
        children.add(child);
    }

    @Override
    public void close() {
        guest.leave();
        children.forEach(Child::kill);
        others.forEach(Namespace::close);
        client.close();
        server.close();
    }
}
