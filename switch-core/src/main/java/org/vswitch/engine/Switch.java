package org.vswitch.engine;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.BridgePorts;
import org.vswitch.bridge.BridgeTree;
import org.vswitch.bridge.MacTable;
import org.vswitch.bridge.TreeSettings;
import org.vswitch.control.BridgeSettings;
import org.vswitch.control.CtlDirectory;
import org.vswitch.control.CtlSettings;
import org.vswitch.control.CtlSocket;
import org.vswitch.control.EventRelay;
import org.vswitch.control.LinkRegistry;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.NamedUrl;
import org.vswitch.control.SocketPermissions;
import org.vswitch.control.StartException;
import org.vswitch.control.SwitchControl;
import org.vswitch.control.SwitchEvents;
import org.vswitch.control.SwitchLinks;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.LinuxException;

/// A running switch: a data plane, a control thread, and what they work with. Callable from any thread but these two.
///
/// Theory of operation. Starting claims the directory first, so that clients can already connect while the rest comes
/// up, then runs the data plane, opens links, and takes connections. Ending goes the other way round: no more
/// connections, all endpoints detached, threads ended, directory removed. It is done by whoever calls [#close], or by a
/// thread of its own after [#end].
public final class Switch implements AutoCloseable {
    private final SwitchConfig config;
    private final Hooks hooks;
    private final CtlDirectory directory;
    private final ControlPlane controlPlane = new ControlPlane();
    private final ExecutorService opener =
            Executors.newSingleThreadExecutor(task -> ControlPlane.daemon(task, "links"));
    private final DataPlaneThread dataPlane;
    /// Null with one thread, the usual case, in which nothing on the way of a frame knows of others.
    private final DataPlanes workers;
    private final SwitchControl control;
    private final SwitchEvents events = new SwitchEvents();
    private final CtlSocket socket;
    private final LinkRegistry links;
    private final TreeSettings tree;
    private final Consoles consoles;
    private final long macAddress;
    private final long startNs = System.nanoTime();
    private final AtomicBoolean isEnding = new AtomicBoolean();
    private final CompletableFuture<Ending> ended = new CompletableFuture<>();

    private Switch(SwitchConfig config, Hooks hooks, CtlDirectory directory) throws LinuxException {
        this.config = config;
        this.hooks = hooks;
        this.directory = directory;
        BridgeSettings wanted = config.bridge();
        macAddress = wanted.macAddress() == BridgeSettings.RANDOM ? randomAddress() : wanted.macAddress();
        DataPlane plane = new DataPlane();
        Bridge bridge = new Bridge(new BridgePorts(wanted.portCount()),
                new MacTable(wanted.addresses().capacity()), plane.egress(), plane);
        bridge.hub(wanted.hub());
        bridge.events(new EventRelay(events, hooks::log, controlPlane.loop(), controlPlane::inASecond));
        workers = workers(plane, bridge);
        control = new SwitchControl(bridge, workers == null ? plane : workers);
        control.guards().begin(wanted.guards());
        dataPlane = new DataPlaneThread(plane, this::dataPlaneEnded);
        socket = new CtlSocket(control, controlPlane.loop(),
                new CtlSocket.Options(directory, managementPermissions(), config.limits()), hooks::log);
        links = new LinkRegistry(control, socket, new LinkRegistry.Threads(controlPlane.loop(), opener), hooks::log);
        tree = new BridgeTree(bridge, macAddress, wanted.priority(), startNs).tree();
        tree.enable(wanted.spanningTree() && !wanted.hub());
        consoles = new Consoles(this);
    }

    private DataPlanes workers(DataPlane plane, Bridge bridge) throws LinuxException {
        if (config.threads() == 1) {
            plane.forwarder(bridge);
            return null;
        }
        plane.forwarder(new CrossingForwarder(bridge));
        try {
            return new DataPlanes(plane, config.threads(), this::dataPlaneEnded);
        } catch (LinuxException refused) {
            plane.onClose();
            throw refused;
        }
    }

    /// What the surroundings of a switch provide.
    @FunctionalInterface
    public interface Hooks {
        /// Takes a line for the log: stderr or syslog. Called by any thread; must not block for long.
        ///
        /// @param line without time and program name
        void log(String line);
    }

    /// Why a switch ended.
    ///
    /// @param reason what happened
    /// @param detail for people; empty if the reason says it all
    public record Ending(Reason reason, String detail) {
        /// What ends a switch.
        public enum Reason {
            /// [Switch#close].
            CLOSED,
            /// The command `shutdown`.
            SHUTDOWN,
            /// An error of this program.
            FAILED
        }
    }

    /// Starts a switch.
    ///
    /// @param config what it is to be
    /// @param hooks its surroundings
    /// @return a switch that accepts plugs
    /// @throws StartException if it cannot be started; nothing is left behind
    public static Switch start(SwitchConfig config, Hooks hooks) throws StartException {
        CtlDirectory directory = CtlDirectory.claim(config.ctl());
        Switch started;
        try {
            started = new Switch(config, hooks, directory);
        } catch (LinuxException failure) {
            directory.remove(hooks::log);
            throw new StartException(StartException.Kind.SYSTEM, failure.getMessage());
        } catch (RuntimeException | Error bug) {
            directory.remove(hooks::log);
            throw bug;
        }
        started.dataPlane.start();
        if (started.workers != null) {
            started.workers.start();
        }
        try {
            started.openLinks();
            started.consoles.open();
        } catch (StartException | RuntimeException | Error failure) {
            started.close();
            throw failure;
        }
        started.socket.start();
        return started;
    }

    /// Questions and commands.
    ///
    /// @return control of this switch
    public SwitchControl control() {
        return control;
    }

    /// What happens in the switch, for consoles.
    ///
    /// @return delivers on the control thread
    public SwitchEvents events() {
        return events;
    }

    /// Links by URL.
    ///
    /// @return the registry
    public SwitchLinks links() {
        return links;
    }

    /// The spanning tree.
    ///
    /// @return used by the data-plane thread alone
    TreeSettings tree() {
        return tree;
    }

    /// Consoles on sockets and elsewhere.
    ///
    /// @return those of this switch
    public Consoles consoles() {
        return consoles;
    }

    /// The control thread, on which consoles run.
    ///
    /// @return the event loop
    public ControlPlane controlPlane() {
        return controlPlane;
    }

    /// The control socket's directory and permissions.
    ///
    /// @return with the directory resolved
    public CtlSettings ctl() {
        return directory.settings();
    }

    /// What the switch was started with.
    ///
    /// @return as given
    public SwitchConfig config() {
        return config;
    }

    /// The switch's own address.
    ///
    /// @return as given, or chosen at start
    public long macAddress() {
        return macAddress;
    }

    /// When it was started.
    ///
    /// @return by `System.nanoTime()`
    public long startNs() {
        return startNs;
    }

    /// Whether the end has begun, whoever brought it about.
    ///
    /// @return true until [#ended] is completed, and from then on
    public boolean isEnding() {
        return isEnding.get();
    }

    /// The end, whoever brings it about.
    ///
    /// @return completed when everything is cleaned up; go on with an executor of your own
    public CompletableFuture<Ending> ended() {
        return ended;
    }

    /// Ends the switch, without waiting: callable from every thread, the switch's own included.
    ///
    /// @param ending why
    public void end(Ending ending) {
        if (isEnding.compareAndSet(false, true)) {
            new Thread(() -> finish(ending), "ending").start();
        }
    }

    /// Ends the switch and cleans up; returns when that is done. A further call has no effect but to wait.
    @Override
    public void close() {
        if (isEnding.compareAndSet(false, true)) {
            finish(new Ending(Ending.Reason.CLOSED, ""));
        }
        ended.join();
    }

    /// Whatever goes wrong in one step, the others are taken.
    private void finish(Ending ending) {
        List<Runnable> steps = List.of(consoles::close, () -> socket.close().join(), links::close, opener::shutdown,
                dataPlane::close, this::closeWorkers, controlPlane::close, () -> directory.remove(hooks::log));
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (RuntimeException bug) {
                hooks.log("cleaning up: " + bug);
            }
        }
        ended.complete(ending);
    }

    private void closeWorkers() {
        if (workers != null) {
            workers.close();
        }
    }

    /// Tells the surroundings.
    void log(String line) {
        hooks.log(line);
    }

    private void dataPlaneEnded(Throwable bug) {
        if (bug == null) {
            return;
        }
        StackTraceElement[] trace = bug.getStackTrace();
        end(new Ending(Ending.Reason.FAILED, trace.length == 0 ? bug.toString() : bug + " at " + trace[0]));
    }

    private void openLinks() throws StartException {
        for (String tap : config.taps()) {
            try {
                links.open(null, new LinkUrl("tap", tap), SwitchLinks.ANY_PORT);
            } catch (LinuxException failure) {
                hooks.log("ERROR OPENING tap interface: " + tap + ": " + failure.getMessage());
            } catch (IOException mistake) {
                throw new StartException(StartException.Kind.LINK, "link tap://" + tap + ": " + mistake.getMessage());
            }
        }
        for (String link : config.links()) {
            NamedUrl wanted = NamedUrl.parse(link);
            try {
                links.open(wanted.name(), wanted.url(), SwitchLinks.ANY_PORT);
            } catch (IOException failure) {
                throw new StartException(StartException.Kind.LINK, "link " + link + ": " + failure.getMessage());
            }
        }
    }

    private SocketPermissions managementPermissions() {
        return config.management().map(ManagementSettings::permissions).orElse(SocketPermissions.DEFAULT);
    }

    /// 00:ff and four random bytes, as vde_switch has it.
    private static long randomAddress() {
        return 0x00ff_0000_0000L | ThreadLocalRandom.current().nextInt() & 0xffff_ffffL;
    }
}
