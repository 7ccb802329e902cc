package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What rows about guests measure with.
///
/// @param workplace of the harness
/// @param options what is asked for
/// @param report where numbers go
record VhostBench(Workplace workplace, Options options, Report report) {
    private static final int KILLS = 100;
    private static final int QUICK_KILLS = 5;

    /// Who takes part.
    List<VhostForwarder> contestants() {
        return options.contestants().stream().map(VhostForwarder::of).filter(VhostForwarder::isInstalled).toList();
    }

    /// Whether this project's switch takes part.
    boolean hasOurs() {
        return contestants().contains(VhostForwarder.VSWITCH);
    }

    /// How often something is killed: a hundred times, or a few for `--quick`.
    int kills() {
        return options.seconds() < 1 ? QUICK_KILLS : KILLS;
    }

    /// Starts this project's switch.
    Child startOurs(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(workplace.root().resolve("cli").resolve("vswitch").toString()));
        command.addAll(arguments);
        return Child.start(workplace, VhostForwarder.VSWITCH.label(), command);
    }
}
