package org.vswitch.engine;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.vswitch.console.ConsoleHost;
import org.vswitch.console.ConsoleServer;
import org.vswitch.console.ConsoleSubject;
import org.vswitch.console.Menus;
import org.vswitch.console.StartupScript;
import org.vswitch.console.StdinConsole;
import org.vswitch.control.Accounts;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.StartException;

/// The consoles of a switch. Commands are put together when the first console asks for them, not at start.
public final class Consoles implements AutoCloseable {
    private final Switch subject;
    private Optional<ConsoleServer> server = Optional.empty();
    private ConsoleHost host;

    Consoles(Switch subject) {
        this.subject = subject;
    }

    /// Runs a file of commands; what they print is thrown away.
    ///
    /// @param path of the file
    /// @param executor runs one task at a time, in order; not the data-plane thread
    /// @return completed when all lines have run: true, or false if the file cannot be read
    public CompletableFuture<Boolean> runFile(String path, Executor executor) {
        return StartupScript.run(path, host().menus(), executor);
    }

    /// Makes a console of an input and an output.
    ///
    /// @param streams not closed here
    /// @param executor runs one task at a time, in order; of this console alone
    /// @return to be run on a thread of its own
    public StdinConsole on(StdinConsole.Streams streams, Executor executor) {
        return new StdinConsole(streams, host(), executor);
    }

    /// Opens the management socket if there is to be one.
    void open() throws StartException {
        Optional<ManagementSettings> wanted = subject.config().management();
        if (wanted.isPresent()) {
            try {
                server = Optional.of(ConsoleServer.open(wanted.get(), host(), subject.controlPlane().loop()));
            } catch (IOException refused) {
                throw new StartException(StartException.Kind.SYSTEM, "mgmt " + refused.getMessage());
            }
        }
    }

    /// Disconnects everybody and removes the management socket.
    @Override
    public void close() {
        server.ifPresent(ConsoleServer::close);
    }

    private synchronized ConsoleHost host() {
        if (host == null) {
            SwitchConfig config = subject.config();
            ConsoleSubject.Start start = new ConsoleSubject.Start(subject.ctl(), config.management(),
                    config.bridge().addresses().hashSize(), subject.startNs());
            Menus menus = new Menus(new ConsoleSubject(subject.control(), subject.tree(), subject.links(),
                    new Accounts(), start), List.of());
            Switch.Ending shutdown = new Switch.Ending(Switch.Ending.Reason.SHUTDOWN, "");
            host = new ConsoleHost(menus, subject.events(), subject.controlPlane().loop(), () -> subject.end(shutdown),
                    subject::log);
        }
        return host;
    }
}
