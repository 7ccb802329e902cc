package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Who can forward between two vhost-user ports, with learning.
enum VhostForwarder {
    /// This project's switch, as its launcher starts it.
    VSWITCH("vswitch"),
    /// Debian's Open vSwitch on DPDK, its polling thread on the last processor.
    OVS_DPDK("ovs-dpdk");

    private static final Path OVS = Path.of("/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk");
    private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");
    private static final int TRIES = 2_000;
    private static final long RETRY_NS = 10_000_000;

    private final String label;

    VhostForwarder(String label) {
        this.label = label;
    }

    /// As it stands in tables and on the command line.
    String label() {
        return label;
    }

    static VhostForwarder of(String label) {
        for (VhostForwarder forwarder : values()) {
            if (forwarder.label.equals(label)) {
                return forwarder;
            }
        }
        throw new IllegalArgumentException("unknown contestant: " + label);
    }

    /// Whether it can be started here.
    boolean isInstalled() {
        return this == VSWITCH || Files.isExecutable(OVS);
    }

    /// A forwarder that runs, though it may pause, since one that polls would take a processor from the others.
    ///
    /// @param process which polls
    /// @param first socket of a port on which it listens
    /// @param second socket of the other
    /// @param others that end with it
    record Running(Child process, Path first, Path second, List<Child> others) implements AutoCloseable {
        void pause() throws IOException {
            signal("-STOP");
        }

        void resume() throws IOException {
            signal("-CONT");
        }

        @Override
        public void close() {
            process.kill();
            others.forEach(Child::kill);
        }

        private void signal(String which) throws IOException {
            Command.run(List.of("kill", which, Long.toString(process.pid())));
        }
    }

    /// Starts it and waits until it listens.
    Running start(Workplace workplace) throws IOException {
        Path folder = workplace.newFile(label);
        Files.createDirectory(folder);
        Path first = folder.resolve("v0");
        Path second = folder.resolve("v1");
        Running running = this == VSWITCH ? ours(workplace, folder, first, second)
                : ovs(workplace, folder, first, second);
        await(running.process(), first);
        await(running.process(), second);
        return running;
    }

    private Running ours(Workplace workplace, Path folder, Path first, Path second) throws IOException {
        Child process = Child.start(workplace, label, List.of(
                workplace.root().resolve("cli").resolve("vswitch").toString(),
                "--sock", folder.resolve("ctl").toString(),
                "--link", "vhost-user://" + first, "--link", "vhost-user://" + second));
        return new Running(process, first, second, List.of());
    }

    /// With a database, a folder for sockets and memory of its own: an Open vSwitch that runs here is left alone.
    private Running ovs(Workplace workplace, Path folder, Path first, Path second) throws IOException {
        Path database = folder.resolve("conf.db");
        Path socket = folder.resolve("db");
        Command.run(List.of("ovsdb-tool", "create", database.toString(), SCHEMA.toString()));
        List<Child> others = new ArrayList<>();
        others.add(Child.start(workplace, "ovsdb-server", in(folder, "ovsdb-server", database.toString(),
                "--remote=punix:" + socket, "--pidfile=" + folder.resolve("db.pid"))));
        await(others.getFirst(), socket);
        List<String> set = List.of("--", "set", "Open_vSwitch", ".");
        List<String> options = List.of("dpdk-init=true", "dpdk-socket-mem=256", "dpdk-lcore-mask=0x1",
                "pmd-cpu-mask=0x" + Integer.toHexString(1 << Runtime.getRuntime().availableProcessors() - 1),
                "dpdk-extra=--in-memory");
        List<String> command = new ArrayList<>(List.of("--no-wait", "init"));
        for (String option : options) {
            command.addAll(set);
            command.add("other_config:" + option);
        }
        control(socket, command);
        Child process = Child.start(workplace, label, in(folder, OVS.toString(), "unix:" + socket,
                "--pidfile=" + folder.resolve("pid")));
        control(socket, List.of("--timeout=20", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev"));
        for (Path port : List.of(first, second)) {
            String name = port.getFileName().toString();
            control(socket, List.of("--timeout=20", "add-port", "br0", name,
                    "--", "set", "Interface", name, "type=dpdkvhostuser"));
        }
        return new Running(process, first, second, others);
    }

    private static List<String> in(Path folder, String... command) {
        List<String> line = new ArrayList<>(List.of("env", "OVS_RUNDIR=" + folder, "OVS_LOGDIR=" + folder,
                "OVS_DBDIR=" + folder, "OVS_SYSCONFDIR=" + folder));
        line.addAll(List.of(command));
        return line;
    }

    private static void control(Path socket, List<String> command) throws IOException {
        List<String> line = new ArrayList<>(List.of("ovs-vsctl", "--db=unix:" + socket));
        line.addAll(command);
        Command.run(line);
    }

    private static void await(Child process, Path socket) {
        for (int i = 0; i < TRIES; i++) {
            if (Files.exists(socket)) {
                return;
            }
            if (!process.isAlive()) {
                break;
            }
            LockSupport.parkNanos(RETRY_NS);
        }
        throw new HarnessException("no " + socket.getFileName() + ": " + process.lastErrors());
    }
}
