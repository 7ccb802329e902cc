package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.vswitch.benchmark.load.Order;

/// Round trips through an otherwise idle switch: one frame there and back, then the next.
///
/// @param demandOfMedian ours over vde_switch's, the median trip
/// @param demandOfTail ours over vde_switch's, the 99th percentile
record RoundTripRow(Demand demandOfMedian, Demand demandOfTail) implements Row<Bench> {
    private static final int LENGTH = 98;
    private static final long LEAD_NS = 50_000_000;
    private static final long TAIL_NS = 20_000_000;

    @Override
    public String name() {
        return "rtt";
    }

    @Override
    public String title() {
        return "round trip of %d bytes between two clients, unloaded".formatted(LENGTH);
    }

    @Override
    public void measure(Bench bench) throws IOException {
        Map<Contestant, Samples> medians = new EnumMap<>(Contestant.class);
        Map<Contestant, Samples> tails = new EnumMap<>(Contestant.class);
        try (Lineup lineup = new Lineup(bench)) {
            for (Contestant contestant : bench.contestants()) {
                ping(bench, lineup.add(contestant, contestant.label(), 1, List.of()));
                medians.put(contestant, new Samples());
                tails.put(contestant, new Samples());
            }
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (Entrant entrant : lineup.entrants()) {
                    Order trips = ping(bench, entrant);
                    bench.report().progress(entrant.name(), trips.line());
                    medians.get(entrant.contestant()).add(trips.number("p50") / 1e3);
                    tails.get(entrant.contestant()).add(trips.number("p99") / 1e3);
                }
            }
        }
        medians.forEach((contestant, samples) -> bench.report().add(name(), contestant.label(), "us p50", samples));
        tails.forEach((contestant, samples) -> bench.report().add(name(), contestant.label(), "us p99", samples));
        bench.report().compare(name() + " p50", medians, Pairing.OURS_TO_VDE, demandOfMedian);
        bench.report().compare(name() + " p99", tails, Pairing.OURS_TO_VDE, demandOfTail);
    }

    private static Order ping(Bench bench, Entrant entrant) {
        long start = System.nanoTime() + LEAD_NS;
        long end = start + (long) (bench.options().seconds() * 1e9);
        bench.nextRun();
        bench.receiver().tell(bench.order("echo", entrant, start, end + TAIL_NS).with("from", start).with("to", end));
        bench.generator().tell(bench.order("ping", entrant, start, end).with("length", LENGTH));
        Duration limit = Bench.PATIENCE.plusSeconds((long) bench.options().seconds());
        Order trips = bench.generator().answer(limit);
        bench.receiver().answer(limit);
        if (trips.number("answered") == 0) {
            throw new HarnessException(entrant.name() + " answers no ping");
        }
        return trips;
    }
}
