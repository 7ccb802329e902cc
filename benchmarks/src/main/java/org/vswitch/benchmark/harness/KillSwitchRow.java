package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.vswitch.benchmark.load.GuestPair;

/// The switch is killed while frames pass, started again at once, and connects to the front-ends that were left: how
/// long until frames pass again. The front-ends are this project's own, in the harness's process, so that the times are
/// those of the switch.
///
/// @param demand of the median, in milliseconds
record KillSwitchRow(Demand demand) implements Row<VhostBench> {
    private static final double MS = 1e6;
    private static final long LIMIT_NS = 20_000_000_000L;
    private static final long TRAFFIC_NS = 100_000_000;
    private static final long TURN_NS = 20_000;
    private static final int BURST = 8;

    @Override
    public String name() {
        return "kill-switch";
    }

    @Override
    public String title() {
        return "kill -9 of the switch, started again at once, until frames pass between two guests again";
    }

    @Override
    public void measure(VhostBench bench) throws IOException {
        if (!bench.hasOurs()) {
            return;
        }
        Path folder = bench.workplace().newFile("kill");
        Files.createDirectory(folder);
        Samples total = new Samples();
        Samples connected = new Samples();
        Samples told = new Samples();
        Samples passing = new Samples();
        int kills = bench.kills();
        try (GuestPair guests = new GuestPair(folder.resolve("v0").toString(), folder.resolve("v1").toString(), 0)) {
            Child network = start(bench, folder);
            awaitFrames(guests, System.nanoTime());
            for (int i = 0; i < kills; i++) {
                pass(guests);
                long plugs = guests.plugs();
                long killedNs = System.nanoTime();
                network.kill();
                network = start(bench, folder);
                long toldNs = awaitPlugs(guests, plugs + 2, killedNs);
                long passingNs = awaitFrames(guests, killedNs);
                connected.add((guests.connectedNs() - killedNs) / MS);
                told.add((toldNs - guests.connectedNs()) / MS);
                passing.add((passingNs - toldNs) / MS);
                total.add((passingNs - killedNs) / MS);
                bench.report().progress("vswitch", "%.0f ms, %.0f of them until it connected".formatted(
                        total.values().getLast(), connected.values().getLast()));
            }
            network.close();
        }
        bench.report().add(name(), "until it has connected", "ms", connected);
        bench.report().add(name(), "from there until it was told of rings", "ms", told);
        bench.report().add(name(), "from there to the first frame", "ms", passing);
        bench.report().demand(name(), "vswitch, ms", total, demand);
        bench.report().demand(name(), "resumed, of " + kills, Samples.of(total.values().size()),
                Demand.atLeast(kills, Double.NaN));
    }

    private static Child start(VhostBench bench, Path folder) throws IOException {
        return bench.startOurs(List.of("--sock", folder.resolve("ctl").toString(),
                "--link", "vhost-user://" + folder.resolve("v0") + "[client]",
                "--link", "vhost-user://" + folder.resolve("v1") + "[client]"));
    }

    private static void pass(GuestPair guests) {
        for (long end = System.nanoTime() + TRAFFIC_NS; System.nanoTime() < end;) {
            guests.turn(BURST);
            LockSupport.parkNanos(TURN_NS);
        }
    }

    private static long awaitPlugs(GuestPair guests, long plugs, long sinceNs) {
        while (!guests.look() || guests.plugs() < plugs) {
            rest(sinceNs);
        }
        guests.turn(0); // what the former switch delivered
        return System.nanoTime();
    }

    private static long awaitFrames(GuestPair guests, long sinceNs) {
        while (!guests.look() || guests.turn(BURST) == 0) {
            rest(sinceNs);
        }
        return System.nanoTime();
    }

    private static void rest(long sinceNs) {
        if (System.nanoTime() - sinceNs > LIMIT_NS) {
            throw new HarnessException("no frame within " + LIMIT_NS / 1_000_000_000 + " s");
        }
        LockSupport.parkNanos(TURN_NS);
    }
}
