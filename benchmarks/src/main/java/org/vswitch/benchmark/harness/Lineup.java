package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The contestants of a row, started, attached and warm.
final class Lineup implements AutoCloseable {
    private static final double WARM_UP_SECONDS = 2;

    private final Bench bench;
    private final List<Entrant> entrants = new ArrayList<>();

    Lineup(Bench bench) {
        this.bench = bench;
    }

    /// Starts a contestant between the generator and some plugs of the receiver.
    Entrant add(Contestant contestant, String name, int receivers, List<String> arguments) throws IOException {
        Entrant entrant = bench.start(contestant, name, arguments);
        entrants.add(entrant);
        bench.attach(bench.generator(), entrant, 1);
        bench.attach(bench.receiver(), entrant, receivers);
        bench.introduce(entrant, 1);
        return entrant;
    }

    /// Loads each contestant once without counting.
    void warmUp(Load load) {
        for (Entrant entrant : entrants) {
            load.run(bench, entrant, Math.max(bench.options().seconds(), WARM_UP_SECONDS));
        }
    }

    List<Entrant> entrants() {
        return Collections.unmodifiableList(entrants);
    }

    @Override
    public void close() {
        for (Entrant entrant : entrants) {
            bench.detach(bench.generator(), entrant);
            bench.detach(bench.receiver(), entrant);
            entrant.process().close();
        }
    }
}
