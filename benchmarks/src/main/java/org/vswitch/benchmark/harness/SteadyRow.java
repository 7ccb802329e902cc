package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.List;

/// Bytes that the data-plane thread allocates while the router moves bulk both ways and datagrams, as the JVM counts
/// them ([AllocationRow]); and what a connection costs, of which nothing is demanded.
///
/// @param demand for all the time together
record SteadyRow(Demand demand) implements Row<RouterBench> {
    private static final double WARM_UP_SECONDS = 3;
    private static final int CLIENTS = 8;
    private static final int DATAGRAM = 64;

    @Override
    public String name() {
        return "alloc";
    }

    @Override
    public String title() {
        return "bytes allocated by the data-plane thread in steady state: bulk up and down, datagrams";
    }

    @Override
    public void measure(RouterBench bench) throws IOException {
        if (!bench.options().contestants().contains(Router.VSWITCH.label())) {
            return;
        }
        String tap = Namespace.newName();
        Samples steady = new Samples();
        Samples perConnection = new Samples();
        try (RouterSwitch router = RouterSwitch.start(bench,
                List.of("--link", RouterSwitch.ROUTER_URL, "--tap", tap))) {
            Guest guest = router.onTap(tap);
            Trial.Connections turns = new Trial.Connections(CLIENTS);
            load(guest, WARM_UP_SECONDS);
            turns.run(guest, WARM_UP_SECONDS);
            for (int i = 0; i < bench.options().alternations(); i++) {
                double before = AllocationRow.allocated(router.pid());
                load(guest, bench.options().seconds());
                double between = AllocationRow.allocated(router.pid());
                double seconds = bench.options().seconds();
                double connections = turns.run(guest, seconds).getFirst() * seconds;
                steady.add(between - before);
                perConnection.add((AllocationRow.allocated(router.pid()) - between) / connections);
                bench.report().progress("vswitch", Results.number(steady.values().getLast()) + " bytes, and "
                        + Results.number(perConnection.values().getLast()) + " each connection");
            }
        }
        bench.report().add(name(), "vswitch", "bytes per connection", perConnection);
        bench.report().demand(name(), "vswitch, bytes", steady, demand);
    }

    private static void load(Guest guest, double seconds) throws IOException {
        for (Direction direction : Direction.values()) {
            guest.gigabits(direction, seconds);
        }
        new Trial.RoundTrips(DATAGRAM).run(guest, seconds);
    }
}
