package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.Map;

/// Delivery under a load as high as the generator can make it: frames that reach the receivers per second.
///
/// @param name as `--rows` takes it
/// @param title for the reader
/// @param load what the generator does
/// @param receivers how many plugs get each frame
/// @param demand ours over vde_switch's
/// @param demandOfLimit ours over the limit's, which is void if the limit itself is not far enough ahead
record DeliveryRow(String name, String title, Load load, int receivers, Demand demand, Demand demandOfLimit)
        implements Row<Bench> {
    private static final double LEAST_LIMIT = 2.2;

    @Override
    public void measure(Bench bench) throws IOException {
        Map<Contestant, Samples> rates = bench.series(load, receivers).rates();
        Report report = bench.report();
        rates.forEach((contestant, samples) -> report.add(name, contestant.label(), "frames/s", samples));
        report.compare(name, rates, Pairing.OURS_TO_VDE, demand);
        report.compare(name, rates, Pairing.OURS_TO_LIMIT, demandOfLimit);
        report.compare(name, rates, Pairing.LIMIT_TO_VDE, Demand.NONE);
        if (demandOfLimit.isMade() && rates.containsKey(Contestant.LIMIT) && rates.containsKey(Contestant.VDE)
                && rates.get(Contestant.LIMIT).over(rates.get(Contestant.VDE)).median() < LEAST_LIMIT) {
            report.note(name, "void: the limit itself is below " + LEAST_LIMIT + " x vde_switch");
        }
    }
}
