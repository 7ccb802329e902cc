package org.vswitch.console;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.MacTable;
import org.vswitch.control.Accounts;
import org.vswitch.control.CtlSettings;
import org.vswitch.control.DataPlaneGate;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.control.SwitchControl;
import org.vswitch.control.SwitchEvents;
import org.vswitch.control.SwitchLinks;
import org.vswitch.engine.DataPlane;
import org.vswitch.link.DatagramLink;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.Sockets;

/// Our bridge, data plane and console, with plugs that need no control socket.
final class OwnSwitch implements SwitchWithConsole {
    final List<String> log = new CopyOnWriteArrayList<>();
    final AtomicBoolean shutDown = new AtomicBoolean();
    final ConsoleHost host;
    final SwitchControl control;
    private final Path directory;
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Thread mover;
    private volatile boolean stopped;
    private final ConsoleServer server;
    private long lastId = 4;

    OwnSwitch(Path directory) throws IOException {
        this.directory = directory;
        DataPlane dataPlane = new DataPlane();
        Bridge bridge = new Bridge(new BridgePorts(32), new MacTable(4096), dataPlane.egress(), dataPlane);
        dataPlane.forwarder(bridge);
        SwitchEvents events = new SwitchEvents();
        bridge.events(events);
        control = new SwitchControl(bridge, dataPlane);
        SocketPermissions permissions = new SocketPermissions(0600, SocketPermissions.NO_GROUP);
        ManagementSettings management = new ManagementSettings(management().toString(), permissions);
        ConsoleSubject subject = new ConsoleSubject(control, new StillTree(bridge), new FewLinks(), new Accounts(),
                new ConsoleSubject.Start(CtlSettings.of(directory.resolve("ctl").toString(), OptionalInt.empty(),
                        OptionalInt.empty(), SocketPermissions.NO_GROUP), Optional.of(management), 128,
                        System.nanoTime()));
        host = new ConsoleHost(new Menus(subject, List.of()), events, () -> shutDown.set(true), log::add);
        mover = new Thread(() -> {
            while (!stopped) {
                dataPlane.doWork();
            }
            dataPlane.onClose();
        }, "data plane of a test");
        mover.start();
        server = ConsoleServer.open(management, host, loop());
    }

    EventLoop loop() {
        return (EventLoop) group.iterator().next();
    }

    @Override
    public Path management() {
        return directory.resolve("mgmt");
    }

    @Override
    public Plug plug(int port, String description) throws IOException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.DATAGRAM, true);
        DatagramLink link = DatagramLink.buffered(pair.first(), 9234, null);
        long id = ++lastId;
        int uid = uid();
        Endpoint endpoint = control.ask(bridge -> {
            int number = port == 0 ? bridge.ports().free() : port;
            if (bridge.ports().port(number) == null) {
                control.settings().create(number, true);
            }
            if (!bridge.ports().port(number).isActive()) {
                bridge.ports().port(number).currentUser(uid);
            }
            return control.gate().attach(new DataPlaneGate.Plug(id, number, link,
                    new LinkLabel("unix prog", description), () -> { }));
        }).join();
        return new Plug() {
            @Override
            public void send(byte[] frame) {
                Sockets.send(pair.second(), frame);
            }

            @Override
            public void unplug() {
                control.ask(_ -> {
                    control.gate().detach(endpoint);
                    return null;
                }).join();
                pair.second().close();
            }
        };
    }

    private static int uid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    @Override
    public void close() {
        server.close();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        stopped = true;
        control.ask(_ -> null);
        try {
            mover.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Links that open if their scheme is `null`.
    private static final class FewLinks implements SwitchLinks {
        private final List<Opened> opened = new ArrayList<>();

        @Override
        public CompletableFuture<Opened> add(String name, LinkUrl url, int port) {
            if (!url.scheme().equals("null")) {
                return CompletableFuture.failedFuture(new IOException("link: no such scheme: " + url.scheme()));
            }
            Opened link = new Opened(name == null ? "null-1" : name, url, port < 0 ? 1 : port);
            opened.add(link);
            return CompletableFuture.completedFuture(link);
        }

        @Override
        public CompletableFuture<Boolean> remove(String name) {
            return CompletableFuture.completedFuture(opened.removeIf(link -> link.name().equals(name)));
        }

        @Override
        public CompletableFuture<List<Opened>> list() {
            return CompletableFuture.completedFuture(List.copyOf(opened));
        }
    }
}
