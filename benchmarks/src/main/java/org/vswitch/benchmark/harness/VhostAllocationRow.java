package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.vswitch.benchmark.load.GuestPair;

/// Bytes that the running data-plane thread allocates while a million frames and more pass from guest to guest, as
/// [AllocationRow] counts them. A part of them goes to everybody.
///
/// @param demand of the bytes
record VhostAllocationRow(Demand demand) implements Row<VhostBench> {
    /// Until the JIT has compiled what is seldom called as well: it then makes the strings of a class, in the thread
    /// whose call it compiles.
    private static final double WARM_UP_SECONDS = 10;
    private static final int FLOODS = 16;
    private static final int BURST = 64;

    @Override
    public String name() {
        return "alloc";
    }

    @Override
    public String title() {
        return "bytes allocated by the data-plane thread over 1 M frames between guests' shared memory";
    }

    @Override
    public void measure(VhostBench bench) throws IOException {
        if (!bench.hasOurs()) {
            return;
        }
        Path folder = bench.workplace().newFile("alloc");
        Files.createDirectory(folder);
        try (GuestPair guests = new GuestPair(folder.resolve("v0").toString(), folder.resolve("v1").toString(), FLOODS);
                Child network = bench.startOurs(List.of("--sock", folder.resolve("ctl").toString(),
                        "--link", "vhost-user://" + folder.resolve("v0") + "[client]",
                        "--link", "vhost-user://" + folder.resolve("v1") + "[client]"))) {
            for (long endNs = System.nanoTime() + Bench.PATIENCE.toNanos(); !guests.look();) {
                if (System.nanoTime() > endNs) {
                    throw new HarnessException("nobody connects: " + network.lastErrors());
                }
                Thread.onSpinWait();
            }
            pass(guests, WARM_UP_SECONDS);
            AllocationRow.report(bench.report(), network.pid(), demand,
                    () -> pass(guests, bench.options().seconds()));
        }
    }

    private static long pass(GuestPair guests, double seconds) {
        long before = guests.arrived();
        for (long endNs = System.nanoTime() + (long) (seconds * 1e9); System.nanoTime() < endNs;) {
            guests.turn(BURST);
        }
        if (guests.arrived() == before) {
            throw new HarnessException("no frame passes");
        }
        return guests.arrived() - before;
    }
}
