package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.List;
import org.vswitch.benchmark.load.Order;

/// Bytes that the data-plane thread allocates while the router moves bulk one way, the other way, and datagrams, as the
/// JVM counts them ([AllocationRow]). Connections are open before and stay open; what opening and closing one costs is
/// told too, of which nothing is demanded.
///
/// @param demand for each kind of load
record SteadyRow(Demand demand) implements Row<RouterBench> {
    private static final double WARM_UP_SECONDS = 4;
    private static final int CLIENTS = 8;
    private static final int FLOWS = 4;
    private static final int DATAGRAM = 64;
    /// From the start of a load to its window, and from there to its end, for the JVM to be asked meanwhile.
    private static final double LEAD_SECONDS = 0.5;
    private static final double TAIL_SECONDS = 2;
    private static final double NS = 1e9;

    /// A load that goes on for a while without beginning anything new.
    private enum Kind {
        UP("bulk up"), DOWN("bulk down"), DATAGRAMS("datagrams");

        private final String label;

        Kind(String label) {
            this.label = label;
        }
    }

    @Override
    public String name() {
        return "alloc";
    }

    @Override
    public String title() {
        return "bytes allocated by the data-plane thread in steady state";
    }

    @Override
    public void measure(RouterBench bench) throws IOException {
        if (!bench.options().contestants().contains(Router.VSWITCH.label())) {
            return;
        }
        String tap = Namespace.newName();
        List<Samples> steady = List.of(new Samples(), new Samples(), new Samples());
        Samples perConnection = new Samples();
        try (RouterSwitch router = RouterSwitch.start(bench,
                List.of("--link", RouterSwitch.ROUTER_URL, "--tap", tap))) {
            Guest guest = router.onTap(tap);
            guest.gigabits(Direction.UP, WARM_UP_SECONDS);
            guest.gigabits(Direction.DOWN, WARM_UP_SECONDS);
            allocatedByConnections(router, guest, WARM_UP_SECONDS);
            for (int i = -1; i < bench.options().alternations(); i++) {
                for (Kind kind : Kind.values()) {
                    double bytes = allocated(router, guest, kind, i < 0 ? WARM_UP_SECONDS : bench.options().seconds());
                    bench.report().progress(kind.label, Results.number(bytes) + " bytes");
                    if (i >= 0) {
                        steady.get(kind.ordinal()).add(bytes);
                    }
                }
                perConnection.add(allocatedByConnections(router, guest, bench.options().seconds()));
            }
        }
        bench.report().add(name(), "vswitch", "bytes per connection", perConnection);
        for (Kind kind : Kind.values()) {
            bench.report().demand(name(), "vswitch, bytes, " + kind.label, steady.get(kind.ordinal()), demand);
        }
    }

    private static double allocated(RouterSwitch router, Guest guest, Kind kind, double seconds) throws IOException {
        Order bulk = kind == Kind.UP ? Order.of("open").with("sink", 0) : Order.of("open");
        if (kind != Kind.DATAGRAMS) {
            guest.ask(bulk.with("flows", FLOWS), seconds);
        }
        long start = System.nanoTime();
        long from = start + (long) (LEAD_SECONDS * NS);
        long to = from + (long) (seconds * NS);
        Order window = (kind == Kind.DATAGRAMS ? Order.of("ping").with("length", DATAGRAM)
                : new Order("move", bulk.values())).with("run", 0).with("start", start).with("from", from)
                .with("to", to).with("end", to + (long) (TAIL_SECONDS * NS));
        guest.tell(window);
        Bench.sleepUntil(from);
        double before = AllocationRow.allocated(router.pid());
        Bench.sleepUntil(to);
        double bytes = AllocationRow.allocated(router.pid()) - before;
        Order moved = guest.answer(seconds);
        if (moved.number(kind == Kind.DATAGRAMS ? "answered" : "bytes") == 0) {
            throw new HarnessException(kind.label + ": nothing moves");
        }
        return bytes;
    }

    private static double allocatedByConnections(RouterSwitch router, Guest guest, double seconds) throws IOException {
        double before = AllocationRow.allocated(router.pid());
        double perSecond = new Trial.Connections(CLIENTS, false).run(guest, seconds).getFirst();
        return (AllocationRow.allocated(router.pid()) - before) / (perSecond * seconds);
    }
}
