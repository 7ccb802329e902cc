package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.vswitch.benchmark.load.Order;

/// What 10,000 connections cost that are open and silent: memory of the router, and throughput of one more. A fresh
/// router in each alternation, since memory that has grown stays.
///
/// @param demandOfBytes resident memory per connection
/// @param demandOfRate throughput with them over throughput without
record ManyFlowsRow(Demand demandOfBytes, Demand demandOfRate) implements Row<RouterBench> {
    /// A guest has a quarter of all connections at most, and there are no more of these than descriptors allow.
    private static final int GUESTS = 4;
    private static final int FLOWS_EACH = 2500;
    private static final double SECONDS_TO_OPEN = 40;
    private static final double SETTLE_SECONDS = 1;
    private static final double WARM_UP_SECONDS = 2;

    @Override
    public String name() {
        return "flows-10000";
    }

    @Override
    public String title() {
        return "memory per silent connection with 10,000 of %d guests, and TCP of one more".formatted(GUESTS);
    }

    @Override
    public void measure(RouterBench bench) throws IOException {
        if (!bench.options().contestants().contains(Router.VSWITCH.label())) {
            return;
        }
        Samples perFlow = new Samples();
        Map<Direction, Samples> before = samples();
        Map<Direction, Samples> after = samples();
        for (int i = 0; i < bench.options().alternations(); i++) {
            List<String> taps = Stream.generate(Namespace::newName).limit(GUESTS).toList();
            List<String> options = new ArrayList<>(List.of("--link", RouterSwitch.ROUTER_URL));
            taps.forEach(tap -> options.addAll(List.of("--tap", tap)));
            try (RouterSwitch router = RouterSwitch.start(bench, options)) {
                List<Guest> guests = new ArrayList<>();
                for (String tap : taps) {
                    guests.add(router.onTap(tap));
                }
                warmUp(guests);
                transfer(bench, guests.getFirst(), before);
                long emptyKiB = ProcessTimes.residentKiB(router.pid());
                open(bench, guests);
                Bench.sleepUntil(System.nanoTime() + (long) (SETTLE_SECONDS * 1e9));
                perFlow.add((ProcessTimes.residentKiB(router.pid()) - emptyKiB) * 1024.0 / (GUESTS * FLOWS_EACH));
                bench.report().progress("vswitch", Results.number(perFlow.values().getLast()) + " bytes each");
                transfer(bench, guests.getFirst(), after);
            }
        }
        report(bench.report(), perFlow, before, after);
    }

    /// So that what is compiled and grown for any load is not counted as the connections'.
    private static void warmUp(List<Guest> guests) throws IOException {
        Trial.Connections turns = new Trial.Connections(GUESTS);
        for (Guest guest : guests) {
            guest.gigabits(Direction.UP, WARM_UP_SECONDS);
            guest.gigabits(Direction.DOWN, WARM_UP_SECONDS);
            turns.run(guest, WARM_UP_SECONDS);
        }
    }

    private static void open(RouterBench bench, List<Guest> guests) throws IOException {
        for (Guest guest : guests) {
            guest.tell(Order.of("hold").with("flows", FLOWS_EACH));
        }
        for (Guest guest : guests) {
            guest.answer(SECONDS_TO_OPEN);
        }
        long held = bench.server().ask(Order.of("count"), Bench.PATIENCE).number("held");
        if (held != GUESTS * FLOWS_EACH) {
            throw new HarnessException("connections at the server: " + held);
        }
    }

    private static void transfer(RouterBench bench, Guest guest, Map<Direction, Samples> into) throws IOException {
        for (Direction direction : Direction.values()) {
            double gigabits = guest.gigabits(direction, bench.options().seconds());
            bench.report().progress("vswitch " + direction.label(), Results.number(gigabits) + " Gbit/s");
            into.get(direction).add(gigabits);
        }
    }

    private void report(Report report, Samples perFlow, Map<Direction, Samples> before,
                        Map<Direction, Samples> after) {
        report.demand(name(), "bytes per connection", perFlow, demandOfBytes);
        for (Direction direction : Direction.values()) {
            report.add(name(), "vswitch, empty, " + direction.label(), "Gbit/s", before.get(direction));
            report.add(name(), "vswitch, 10,000, " + direction.label(), "Gbit/s", after.get(direction));
            report.demand(name(), "one more / empty, " + direction.label(),
                    after.get(direction).over(before.get(direction)), demandOfRate);
        }
    }

    private static Map<Direction, Samples> samples() {
        return new EnumMap<>(Map.of(Direction.UP, new Samples(), Direction.DOWN, new Samples()));
    }
}
