package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vswitch.benchmark.load.Receiver;

/// How throughput holds when something grows: the same switch with little and with much of it, in alternation.
///
/// @param name as `--rows` takes it
/// @param title for the reader
/// @param macs addresses of the receiver that frames go to, all learned before
/// @param idlePorts further plugs, attached and silent
/// @param demand much over little, for ours
record ScaleRow(String name, String title, int macs, int idlePorts, Demand demand) implements Row<Bench> {
    private static final int LENGTH = 64;
    private static final int OTHER_PORTS = 16;

    @Override
    public void measure(Bench bench) throws IOException {
        for (Contestant contestant : bench.contestants(Contestant.LIMIT)) {
            measure(bench, contestant);
        }
    }

    private void measure(Bench bench, Contestant contestant) throws IOException {
        Map<Entrant, Samples> rates = new HashMap<>();
        Map<Entrant, Load> loads = new HashMap<>();
        Child idle = Child.station(bench.workplace(), Receiver.class, List.of());
        try (Lineup lineup = new Lineup(bench)) {
            Entrant small = lineup.add(contestant, contestant.label() + "-small", 1, List.of());
            Entrant large = lineup.add(contestant, contestant.label() + "-large", 1,
                    options(contestant));
            bench.attach(idle, large, idlePorts);
            loads.put(small, new Load("batch", LENGTH, 1, 0));
            loads.put(large, new Load("batch", LENGTH, macs, 0));
            for (Entrant entrant : List.of(small, large)) {
                rates.put(entrant, new Samples());
                bench.introduce(entrant, loads.get(entrant).macs());
                loads.get(entrant).run(bench, entrant, Math.max(2, bench.options().seconds()));
            }
            for (int i = 0; i < bench.options().alternations(); i++) {
                for (Entrant entrant : List.of(small, large)) {
                    bench.introduce(entrant, loads.get(entrant).macs());
                    Load.Run run = loads.get(entrant).run(bench, entrant, bench.options().seconds());
                    bench.report().progress(entrant.name(), run.toString());
                    rates.get(entrant).add(run.perSecond());
                }
            }
            report(bench.report(), contestant, rates.get(small), rates.get(large));
        } finally {
            idle.close();
        }
    }

    /// All idle ports belong to one user, of whom we usually take fewer.
    private List<String> options(Contestant contestant) {
        List<String> options = new ArrayList<>();
        if (idlePorts > 0) {
            options.addAll(List.of("--numports", Integer.toString(idlePorts + OTHER_PORTS)));
        }
        if (idlePorts > 0 && contestant == Contestant.VSWITCH) {
            options.addAll(List.of("--userplugs", "1000", "--userports", "1000"));
        }
        return options;
    }

    private void report(Report report, Contestant contestant, Samples small, Samples large) {
        String much = macs > 1 ? macs + " MACs" : idlePorts + " idle ports";
        report.add(name, contestant.label(), "frames/s", small);
        report.add(name, contestant.label() + ", " + much, "frames/s", large);
        report.demand(name, contestant.label() + ", " + much + " / few", large.over(small),
                contestant == Contestant.VSWITCH ? demand : Demand.NONE);
    }
}
