package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.vswitch.benchmark.load.Order;

/// What 10,000 connections cost that are open and silent: memory of the router with its heap at rest, and throughput of
/// one more. A fresh router in each alternation, since memory that has grown stays. The throughput is measured before
/// the memory, with them as without: behind the many collections that bring the heap to rest a download is slower for a
/// while. And it is the median of several turns: three threads on two cores make single transfers of one router differ
/// by half, which is far more than the connections can cost.
///
/// @param demandOfBytes resident memory per connection
/// @param demandOfRate throughput with them over throughput without
record ManyFlowsRow(Demand demandOfBytes, Demand demandOfRate) implements Row<RouterBench> {
    private static final int FLOWS = 10_000;
    private static final double SECONDS_TO_OPEN = 40;
    private static final double WARM_UP_SECONDS = 2;
    private static final int TURNS = 5;

    @Override
    public String name() {
        return "flows-10000";
    }

    @Override
    public String title() {
        return "memory per silent connection with 10,000 of a guest, and TCP of one more";
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
            String tap = Namespace.newName();
            try (RouterSwitch router = RouterSwitch.start(bench, List.of("--link", RouterSwitch.ROUTER_URL,
                    "--tap", tap))) {
                Guest guest = router.onTap(tap);
                new Trial.Connections(1, false).run(guest, WARM_UP_SECONDS);
                warmUp(guest);
                transfer(bench, guest, before);
                long emptyKiB = Jcmd.residentKiB(router.pid());
                open(bench, guest);
                warmUp(guest);
                transfer(bench, guest, after);
                perFlow.add((Jcmd.residentKiB(router.pid()) - emptyKiB) * 1024.0 / FLOWS);
                bench.report().progress("vswitch", Results.number(perFlow.values().getLast()) + " bytes each");
            }
        }
        report(bench.report(), perFlow, before, after);
    }

    /// So that what is compiled and grown for any load is not counted as the connections'.
    private static void warmUp(Guest guest) throws IOException {
        guest.gigabits(Direction.UP, WARM_UP_SECONDS);
        guest.gigabits(Direction.DOWN, WARM_UP_SECONDS);
    }

    private static void open(RouterBench bench, Guest guest) throws IOException {
        guest.tell(Order.of("hold").with("flows", FLOWS));
        guest.answer(SECONDS_TO_OPEN);
        long held = bench.server().ask(Order.of("count"), Bench.PATIENCE).number("held");
        if (held != FLOWS) {
            throw new HarnessException("connections at the server: " + held);
        }
    }

    private static void transfer(RouterBench bench, Guest guest, Map<Direction, Samples> into) throws IOException {
        Map<Direction, Samples> turns = samples();
        for (int i = 0; i < TURNS; i++) {
            for (Direction direction : Direction.values()) {
                turns.get(direction).add(guest.gigabits(direction, bench.options().seconds()));
            }
        }
        for (Direction direction : Direction.values()) {
            double median = turns.get(direction).median();
            bench.report().progress("vswitch " + direction.label(), Results.number(median) + " Gbit/s");
            into.get(direction).add(median);
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
