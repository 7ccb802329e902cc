package org.vswitch.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.Signal;
import org.vswitch.plug.Cable;

/// `vslirp [OPTIONS] [URL]`: a router to the host's network, plugged into a VDE network until that ends or it is told
/// to. Called `slirpvde` it reads the options of VDE's program of this name.
///
/// Theory of operation. Router and network are the two ends of a [Cable]. Whatever ends the process completes one
/// future, at which the main thread waits; it alone cleans up.
final class VslirpCommand {
    private static final int REFUSED = 1;
    /// `EX_SOFTWARE` of sysexits.h.
    private static final int PROGRAM_ERROR = 70;
    private static final int KILLED_BY = 128;
    private static final int ROUTER = 0;
    private static final int NETWORK = 1;

    private final String name;
    private final Log log;
    /// The exit code.
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();

    /// A command.
    ///
    /// @param name under which it was called
    VslirpCommand(String name) {
        this.name = name;
        log = new Log(name);
    }

    /// Runs the command.
    ///
    /// @param arguments without the program's name
    /// @param reader of this name's options
    /// @return exit code
    int run(String[] arguments, VslirpOptions.Reader reader) {
        try {
            Optional<VslirpOptions> options = reader.read(arguments);
            return options.isPresent() ? run(options.get()) : 0;
        } catch (BadCommandLine mistake) {
            log.line(mistake.getMessage());
            return REFUSED;
        }
    }

    private int run(VslirpOptions options) throws BadCommandLine {
        if (Readiness.isAwaited() && !options.daemon()) {
            Readiness.decline();
            return 0;
        }
        if (options.daemon() && !Readiness.isAwaited()) {
            throw new BadCommandLine("--daemon: only cli/" + name + " can start a daemon");
        }
        ExitSignals.handledBy(signal ->
                ended.complete(signal == Signal.SIGTERM ? 0 : KILLED_BY + signal.number()));
        try (Cable cable = new Cable(name, log::line)) {
            PidFile.check(options.pidFile());
            cable.plug(ROUTER, options.router());
            String farewell = plugNetwork(cable, options.network());
            cable.ended().whenComplete((_, bug) -> {
                if (bug != null || !ended.isDone()) { // by a signal it has ended as it was told to
                    log.line(bug == null ? farewell : "internal error: " + bug);
                }
                ended.complete(bug == null ? 0 : PROGRAM_ERROR);
            });
            return serve(options);
        } catch (IOException refused) {
            log.line(refused.getMessage());
            return REFUSED;
        }
    }

    /// Plugs the network in.
    ///
    /// @return what to say when it has ended
    private static String plugNetwork(Cable cable, String network) throws IOException {
        String home = System.getenv("HOME");
        try {
            LinkUrl url = PlugName.resolve(network, home);
            if (PlugName.isRouter(url)) {
                throw new IOException("that is a router itself; URL names the network that is to get one");
            }
            cable.plug(NETWORK, url);
            return PlugName.farewell(network, url, home);
        } catch (IOException refused) {
            throw new IOException("vde_open " + PlugName.shown(network, home) + ": " + refused.getMessage(), refused);
        }
    }

    private int serve(VslirpOptions options) throws IOException {
        if (options.pidFile().isEmpty()) {
            return await(options.daemon());
        }
        try (PidFile _ = PidFile.create(options.pidFile().get())) {
            return await(options.daemon());
        }
    }

    private int await(boolean daemon) throws IOException {
        if (daemon) {
            Readiness.declare();
            log.daemon();
        }
        return ended.join();
    }
}
