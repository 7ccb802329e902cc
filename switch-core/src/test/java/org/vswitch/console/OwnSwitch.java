package org.vswitch.console;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.vswitch.control.Accounts;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.engine.Switch;
import org.vswitch.engine.SwitchConfig;

/// Our switch with a console.
final class OwnSwitch implements SwitchWithConsole {
    final List<String> log = new CopyOnWriteArrayList<>();
    final AtomicBoolean shutDown = new AtomicBoolean();
    final ConsoleHost host;
    private final Path directory;
    private final Switch running;
    private final ConsoleServer server;
    private final List<RawPlug> clients = new ArrayList<>();

    OwnSwitch(Path directory) throws IOException {
        this.directory = directory;
        running = Switch.start(SwitchConfig.in(directory.resolve("ctl").toString()), log::add);
        ManagementSettings management = new ManagementSettings(management().toString(),
                new SocketPermissions(0600, SocketPermissions.NO_GROUP));
        ConsoleSubject subject = new ConsoleSubject(running.control(), new StillTree(running.control()),
                running.links(), new Accounts(),
                new ConsoleSubject.Start(running.ctl(), Optional.of(management), 128, running.startNs()));
        host = new ConsoleHost(new Menus(subject, List.of()), running.events(), loop(), () -> shutDown.set(true),
                log::add);
        server = ConsoleServer.open(management, host, loop());
    }

    EventLoop loop() {
        return running.controlPlane().loop();
    }

    @Override
    public Path management() {
        return directory.resolve("mgmt");
    }

    @Override
    public Plug plug(int port, String description) throws IOException {
        RawPlug client = new RawPlug(directory.resolve("ctl"), directory.resolve("c" + clients.size()));
        clients.add(client);
        client.attach(port, description);
        return client;
    }

    /// Ends what is plugged in at a port, as if its other side had gone.
    void end(int port) {
        running.control().ask(bridge -> {
            running.control().gate().detach(bridge.ports().port(port).endpoints()[0]);
            return null;
        }).join();
    }

    @Override
    public void close() {
        clients.forEach(RawPlug::unplug);
        server.close();
        running.close();
    }
}
