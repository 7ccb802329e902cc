package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.vswitch.benchmark.load.LinkFlood;

/// Frames from one port of a switch of ours to another, where the program at both ports shares memory with the switch,
/// beside the same program at two ports of VDE's sockets; by turns, through one and the same switch.
///
/// @param name as `--rows` takes it
/// @param bytes length of a frame
/// @param ratio demanded of shared memory over sockets
record ShmRateRow(String name, int bytes, Demand ratio) implements Row<VhostBench> {
    private static final int TRIES = 2_000;
    private static final long RETRY_NS = 10_000_000;

    @Override
    public String title() {
        return bytes + "-byte frames between two ports of a switch of ours, one program at both: `shm://` and VDE's"
                + " sockets";
    }

    @Override
    public void measure(VhostBench bench) throws IOException {
        if (!bench.contestants().contains(VhostForwarder.VSWITCH)) {
            return;
        }
        Samples shared = new Samples();
        Samples sockets = new Samples();
        Path network = bench.workplace().newFile("shm");
        Path peers = bench.workplace().newFile("peers");
        try (Child ours = Child.start(bench.workplace(), "vswitch", List.of(
                bench.workplace().root().resolve("cli").resolve("vswitch").toString(),
                "--nostdin", "--sock", network.toString(), "--link", "shm://" + peers))) {
            await(ours, peers);
            for (int i = 0; i < bench.options().alternations(); i++) {
                shared.add(framesPerSecond(bench, "shm://" + peers + "[client]"));
                bench.report().progress("shm", Results.number(shared.values().getLast()) + " frames/s");
                sockets.add(framesPerSecond(bench, "vde://" + network + "[sockets]"));
                bench.report().progress("vde sockets", Results.number(sockets.values().getLast()) + " frames/s");
            }
        }
        bench.report().add(name, "shm", "frames/s", shared);
        bench.report().add(name, "vde sockets", "frames/s", sockets);
        bench.report().demand(name, "shm / vde sockets", shared.over(sockets), ratio);
    }

    private double framesPerSecond(VhostBench bench, String url) throws IOException {
        List<String> command = new ArrayList<>(bench.workplace().java());
        command.addAll(List.of(LinkFlood.class.getName(), url, url, Integer.toString(bytes),
                Double.toString(bench.options().seconds())));
        return Double.parseDouble(Command.run(command).strip());
    }

    private static void await(Child process, Path socket) {
        for (int i = 0; i < TRIES && process.isAlive(); i++) {
            if (Files.exists(socket)) {
                return;
            }
            LockSupport.parkNanos(RETRY_NS);
        }
        throw new HarnessException("no " + socket.getFileName() + ": " + process.lastErrors());
    }
}
