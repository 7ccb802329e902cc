package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.benchmark.load.Order;

/// Ten guests that move all they can on 100 connections each, at the same time: the slowest beside the fastest.
///
/// @param demand the slowest guest's bytes over the fastest's
record FairnessRow(Demand demand) implements Row<RouterBench> {
    private static final int GUESTS = 10;
    private static final int FLOWS = 100;
    /// From the order to the window: all begin, their windows grow.
    private static final double LEAD_SECONDS = 1.5;
    /// So that nobody has ended before the window has.
    private static final double TAIL_SECONDS = 0.2;
    private static final double NS = 1e9;

    @Override
    public String name() {
        return "fairness";
    }

    @Override
    public String title() {
        return "%d guests with %d connections each: bytes of the slowest beside the fastest".formatted(GUESTS, FLOWS);
    }

    @Override
    public void measure(RouterBench bench) throws IOException {
        if (!bench.options().contestants().contains(Router.VSWITCH.label())) {
            return;
        }
        List<String> taps = new ArrayList<>();
        List<String> options = new ArrayList<>(List.of("--link", RouterSwitch.ROUTER_URL));
        for (int i = 0; i < GUESTS; i++) {
            taps.add(Namespace.newName());
            options.addAll(List.of("--tap", taps.getLast()));
        }
        try (RouterSwitch router = RouterSwitch.start(bench, options)) {
            List<Guest> guests = new ArrayList<>();
            for (String tap : taps) {
                guests.add(router.onTap(tap));
                guests.getLast().gigabits(Direction.UP, 0);
            }
            for (Direction direction : Direction.values()) {
                measure(bench, guests, direction);
            }
        }
    }

    private void measure(RouterBench bench, List<Guest> guests, Direction direction) throws IOException {
        Samples ratios = new Samples();
        Samples sums = new Samples();
        double seconds = Math.max(1, 2 * bench.options().seconds());
        for (int i = -1; i < bench.options().alternations(); i++) {
            List<Long> bytes = run(bench, guests, direction, seconds);
            long sum = bytes.stream().mapToLong(Long::longValue).sum();
            bench.report().progress(direction.label(), bytes.stream().map(one -> one * 100 / Math.max(1, sum) + "%")
                    .toList() + " of " + Results.number(sum * 8 / NS / seconds) + " Gbit/s");
            if (i >= 0) {
                sums.add(sum * 8 / NS / seconds);
                ratios.add((double) bytes.stream().mapToLong(Long::longValue).min().orElse(0)
                        / Math.max(1, bytes.stream().mapToLong(Long::longValue).max().orElse(1)));
            }
        }
        bench.report().add(name(), "vswitch, all, " + direction.label(), "Gbit/s", sums);
        bench.report().demand(name(), "slowest / fastest guest, " + direction.label(), ratios, demand);
    }

    /// @return bytes that each guest moved within the window: counted where they arrive, at the server's sinks or by
    ///     the guests themselves
    private static List<Long> run(RouterBench bench, List<Guest> guests, Direction direction, double seconds)
            throws IOException {
        tell(guests, direction, Order.of("open").with("flows", FLOWS));
        for (Guest guest : guests) {
            guest.answer(seconds);
        }
        long from = System.nanoTime() + (long) (LEAD_SECONDS * NS);
        long to = from + (long) (seconds * NS);
        tell(guests, direction, Order.of("move").with("run", 0).with("from", from).with("to", to)
                .with("end", to + (long) (TAIL_SECONDS * NS)));
        Bench.sleepUntil(from);
        Order before = bench.server().ask(Order.of("count"), Bench.PATIENCE);
        Bench.sleepUntil(to);
        Order after = bench.server().ask(Order.of("count"), Bench.PATIENCE);
        List<Long> bytes = new ArrayList<>();
        for (int i = 0; i < guests.size(); i++) {
            long counted = guests.get(i).answer(LEAD_SECONDS + seconds).number("bytes");
            bytes.add(direction == Direction.UP ? after.number("s" + i) - before.number("s" + i) : counted);
        }
        return bytes;
    }

    private static void tell(List<Guest> guests, Direction direction, Order order) throws IOException {
        for (int i = 0; i < guests.size(); i++) {
            guests.get(i).tell(direction == Direction.UP ? order.with("sink", i) : order);
        }
    }
}
