package org.vswitch.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePort;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.MacTable;
import org.vswitch.bridge.PortSettings;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.DatagramLink;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.LinkLabel;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;

/// The data planes of a switch, run by the test, pass by pass in whatever order it likes. Time is a number.
final class ThreadsRig implements AutoCloseable {
    static final long STATION = 0x0200_0000_0000L;

    final DataPlane deciding;
    final DataPlanes planes;
    final Bridge bridge;
    final PortSettings settings;
    /// By port number; null where nothing is plugged in.
    final Fd[] clients;
    /// By port number, the one plugged in last.
    final Endpoint[] endpoints;
    /// Past ones included.
    final List<Endpoint> all = new ArrayList<>();
    long nowNs = 1_000_000_000;
    int detached;
    private final byte[] buffer = new byte[FrameSlab.MAX_FRAME];

    ThreadsRig(int threads, int ports) throws LinuxException {
        deciding = new DataPlane(() -> nowNs);
        bridge = new Bridge(new BridgePorts(ports + 1), new MacTable(1024), deciding.egress(), deciding);
        deciding.forwarder(new CrossingForwarder(bridge));
        planes = new DataPlanes(deciding, threads, bug -> { });
        settings = new PortSettings(bridge);
        clients = new Fd[ports + 1];
        endpoints = new Endpoint[ports + 1];
    }

    /// Plugs in a client; whoever runs the data planes does the rest.
    void plug(int port, int thread) throws LinuxException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
        clients[port] = pair.second();
        plug(port, thread, DatagramLink.buffered(pair.first(), FrameSlab.MAX_FRAME, null));
    }

    void plug(int port, int thread, Link link) {
        if (bridge.ports().port(port) == null) {
            settings.create(port, true);
        }
        endpoints[port] = planes.attach(new Plug(port, port, link, new LinkLabel("unix prog", "test"),
                () -> detached++, thread));
        all.add(endpoints[port]);
    }

    void unplug(int port) {
        planes.detach(endpoints[port]);
        clients[port].close();
        clients[port] = null;
    }

    /// One pass of a data plane, which does not wait.
    int pass(int thread) {
        DataPlane plane = thread == 0 ? deciding : planes.worker(thread).plane();
        plane.wake();
        return plane.doWork();
    }

    /// Passes of all, so often that whatever can move has moved.
    void passes(int count) {
        for (int i = 0; i < count; i++) {
            for (int thread = 0; thread < planes.threads(); thread++) {
                pass(thread);
            }
        }
    }

    /// @return whether the socket took it
    boolean send(int port, byte[] frame) {
        return Sockets.send(clients[port], frame) == frame.length;
    }

    /// @return a frame that waited, or null
    byte[] receive(int port) {
        int count = Sockets.receive(clients[port], buffer);
        return count < 0 ? null : java.util.Arrays.copyOf(buffer, count);
    }

    /// @return how many frames waited
    int drain(int port) {
        int count = 0;
        while (Sockets.receive(clients[port], buffer) >= 0) {
            count++;
        }
        return count;
    }

    /// Frames that came in and went out so far.
    long moved() {
        long sum = 0;
        for (int number = 1; number < bridge.ports().count(); number++) {
            sum += bridge.ports().port(number).received() + endpoints[number].sent();
        }
        return sum;
    }

    /// Both ledgers (invariant 5), or what is wrong with them.
    String imbalance() {
        for (int number = 1; number < bridge.ports().count(); number++) {
            BridgePort port = bridge.ports().port(number);
            if (port != null) {
                long discarded = Drop.ALL.stream().mapToLong(port::discarded).sum();
                if (port.received() != port.consumed() + discarded + port.passedOn()) {
                    return "port " + number + ": received=" + port.received() + " discarded=" + discarded;
                }
            }
        }
        long offered = 0;
        for (Endpoint endpoint : all) {
            Endpoint.Ledger ledger = endpoint.ledger();
            long lost = Drop.ALL.stream().mapToLong(ledger::lost).sum();
            if (ledger.queued() < 0 || ledger.offered() != ledger.sent() + ledger.queued() + lost) {
                return "endpoint of port " + endpoint.port() + ": " + ledger;
            }
            offered += ledger.offered();
        }
        return offered == bridge.fanOut() ? "" : "offered=" + offered + " fan-out=" + bridge.fanOut();
    }

    @Override
    public void close() {
        CompletableFuture<Void> ending = CompletableFuture.runAsync(deciding::onClose); // may wait for the others
        while (!ending.isDone()) {
            for (int thread = 1; thread < planes.threads(); thread++) {
                pass(thread);
            }
        }
        for (int thread = 1; thread < planes.threads(); thread++) {
            planes.worker(thread).plane().onClose();
        }
        for (Fd client : clients) {
            if (client != null) {
                client.close();
            }
        }
    }
}
