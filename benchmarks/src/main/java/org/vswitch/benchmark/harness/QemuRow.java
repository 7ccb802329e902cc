package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// TCP between two guests of QEMU through this project's switch: two that are plugged in one way and two that are in
/// another, in alternation. All four run all the while, and only two have anything to do.
///
/// @param name as `--rows` takes it
/// @param one whose numbers are divided
/// @param other by whose
/// @param demand of the ratio
record QemuRow(String name, QemuWiring one, QemuWiring other, Demand demand) implements Row<VhostBench> {
    @Override
    public String title() {
        return "TCP between two guests of QEMU, emulated, by " + one.label() + " and by " + other.label();
    }

    @Override
    public void measure(VhostBench bench) throws IOException {
        String obstacle = bench.hasOurs() ? QemuGuest.obstacle(bench.workplace()) : "needs vswitch";
        if (!obstacle.isEmpty()) {
            bench.report().note(name, "left out: " + obstacle);
            return;
        }
        Path folder = bench.workplace().newFile(name);
        Files.createDirectory(folder);
        List<String> ours = new ArrayList<>(List.of("--sock", folder.resolve("ctl").toString()));
        ours.addAll(one.ours(folder));
        ours.addAll(other.ours(folder));
        Map<QemuWiring, List<QemuGuest>> guests = new EnumMap<>(QemuWiring.class);
        try (Child network = bench.startOurs(ours)) {
            Bench.awaitPlugs(network, folder.resolve("ctl"));
            for (QemuWiring wiring : List.of(one, other)) {
                guests.put(wiring, List.of(boot(bench, wiring, folder, 1), boot(bench, wiring, folder, 2)));
            }
            guests.values().forEach(pair -> pair.forEach(QemuGuest::ready));
            measure(bench, guests);
        } finally {
            guests.values().forEach(pair -> pair.forEach(QemuGuest::close));
        }
    }

    private static QemuGuest boot(VhostBench bench, QemuWiring wiring, Path folder, int number) throws IOException {
        return QemuGuest.boot(bench.workplace(), wiring.theirs(folder, number),
                "10.0." + (1 + wiring.ordinal()) + "." + number);
    }

    private void measure(VhostBench bench, Map<QemuWiring, List<QemuGuest>> guests) {
        Map<QemuWiring, Samples> samples = new EnumMap<>(QemuWiring.class);
        for (int i = -1; i < bench.options().alternations(); i++) {
            for (Map.Entry<QemuWiring, List<QemuGuest>> entry : guests.entrySet()) {
                double gigabits = entry.getValue().getFirst().gigabits(entry.getValue().getLast(),
                        bench.options().seconds());
                bench.report().progress(entry.getKey().label(), Results.number(gigabits) + " Gbit/s");
                if (i >= 0) {
                    samples.computeIfAbsent(entry.getKey(), first -> new Samples()).add(gigabits);
                }
            }
        }
        samples.forEach((wiring, rates) -> bench.report().add(name, wiring.label(), "Gbit/s", rates));
        bench.report().demand(name, one.label() + " / " + other.label(), samples.get(one).over(samples.get(other)),
                demand);
    }
}
