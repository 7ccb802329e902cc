package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.vswitch.benchmark.load.GuestPair;
import org.vswitch.benchmark.load.Visitor;

/// A front-end is killed again and again while it sends and receives; the next one attaches to the same port. Between
/// two other ports numbered frames pass all the while, of which one in 16 goes to everybody: how many are lost. And
/// what is left in the switch of those who were killed.
record KillFrontEndRow() implements Row<VhostBench> {
    private static final Demand NONE = Demand.atMost(0, Double.NaN);
    private static final long LIMIT_NS = 30_000_000_000L;
    private static final long TURN_NS = 100_000;
    private static final int BURST = 4;
    private static final int FLOODS = 16;

    /// What a switch has of its guests.
    ///
    /// @param mappings of files without a name, which guests' memory is
    /// @param descriptors of connections, events and memory
    private record Held(long mappings, long descriptors) {
        static Held by(long pid) {
            Path process = Path.of("/proc", Long.toString(pid));
            try (Stream<String> maps = Files.lines(process.resolve("maps"));
                    Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
                return new Held(maps.filter(line -> line.contains("memfd:")).count(),
                        descriptors.filter(Held::isOfGuests).count());
            } catch (IOException failure) {
                throw new HarnessException("pid=" + pid + ": " + failure.getMessage());
            }
        }

        private static boolean isOfGuests(Path descriptor) {
            try {
                return Files.readSymbolicLink(descriptor).toString().matches("socket:.*|.*eventfd.*|.*memfd.*");
            } catch (IOException closedMeanwhile) {
                return false;
            }
        }
    }

    @Override
    public String name() {
        return "kill-front-end";
    }

    @Override
    public String title() {
        return "kill -9 of a front-end while frames pass: what others lose, what is left in the switch";
    }

    @Override
    public void measure(VhostBench bench) throws IOException {
        if (!bench.hasOurs()) {
            return;
        }
        Path folder = bench.workplace().newFile("kill");
        Files.createDirectory(folder);
        try (GuestPair guests = new GuestPair(folder.resolve("v0").toString(), folder.resolve("v1").toString(), FLOODS);
                Child network = bench.startOurs(List.of("--sock", folder.resolve("ctl").toString(),
                        "--link", "vhost-user://" + folder.resolve("v0") + "[client]",
                        "--link", "vhost-user://" + folder.resolve("v1") + "[client]",
                        "--link", "vhost-user://" + folder.resolve("v2")))) {
            await(guests, () -> guests.look() && guests.arrived() > 0);
            settle(guests);
            long lostBefore = guests.sent() - guests.arrived(); // one of the two was there first
            Held before = Held.by(network.pid());
            int kills = bench.kills();
            int attached = 0;
            for (int i = 0; i < kills; i++) {
                attached += visit(bench, guests, folder, i) ? 1 : 0;
            }
            await(guests, () -> Held.by(network.pid()).equals(before));
            settle(guests);
            bench.report().add(name(), "between the others", "frames", Samples.of(guests.sent()));
            bench.report().demand(name(), "frames of others lost",
                    Samples.of(guests.sent() - guests.arrived() - lostBefore), NONE);
            bench.report().demand(name(), "attached, of " + kills, Samples.of(attached),
                    Demand.atLeast(kills, Double.NaN));
            Held after = Held.by(network.pid());
            bench.report().demand(name(), "mappings left", Samples.of(after.mappings() - before.mappings()), NONE);
            bench.report().demand(name(), "descriptors left", Samples.of(after.descriptors() - before.descriptors()),
                    NONE);
        }
    }

    private boolean visit(VhostBench bench, GuestPair guests, Path folder, int number) throws IOException {
        List<String> command = new ArrayList<>(bench.workplace().java());
        command.addAll(List.of(Visitor.class.getName(), folder.resolve("v2").toString(), Integer.toString(number)));
        long startNs = System.nanoTime();
        try (Child visitor = Child.start(bench.workplace(), "visitor", command)) {
            boolean attached = await(guests, () -> guests.visitor() == number);
            bench.report().progress("visitor " + number, attached ? "%.0f ms until its frames come"
                    .formatted((System.nanoTime() - startNs) / 1e6) : "does not attach: " + visitor.lastErrors());
            visitor.kill();
            return attached;
        }
    }

    /// Until what was sent has come, or has not for a second.
    private static void settle(GuestPair guests) {
        for (long lastNs = System.nanoTime(); System.nanoTime() - lastNs < 1_000_000_000
                && guests.arrived() < guests.sent();) {
            lastNs = guests.turn(0) > 0 ? System.nanoTime() : lastNs;
        }
    }

    /// Waits while frames pass.
    ///
    /// @return whether it came true in time
    private static boolean await(GuestPair guests, BooleanSupplier condition) {
        for (long endNs = System.nanoTime() + LIMIT_NS; System.nanoTime() < endNs;) {
            if (condition.getAsBoolean()) {
                return true;
            }
            guests.turn(BURST);
            LockSupport.parkNanos(TURN_NS);
        }
        return false;
    }
}
