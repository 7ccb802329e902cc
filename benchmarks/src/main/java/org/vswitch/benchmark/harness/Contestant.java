package org.vswitch.benchmark.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.vswitch.benchmark.load.BareForwarder;

/// What can stand between the two ends.
enum Contestant {
    /// Debian's vde_switch.
    VDE("vde_switch"),
    /// This project's switch, as its launcher starts it.
    VSWITCH("vswitch"),
    /// No switch at all: [BareForwarder].
    LIMIT("limit");

    private final String label;

    Contestant(String label) {
        this.label = label;
    }

    /// As it stands in tables and on the command line.
    String label() {
        return label;
    }

    static Contestant of(String label) {
        for (Contestant contestant : values()) {
            if (contestant.label.equals(label)) {
                return contestant;
            }
        }
        throw new IllegalArgumentException("unknown contestant: " + label);
    }

    /// Whether it can be started here.
    boolean isInstalled(Workplace workplace) {
        return switch (this) {
            case VDE -> Files.isExecutable(Path.of("/usr/bin/vde_switch"));
            case VSWITCH -> Files.isExecutable(launcher(workplace));
            case LIMIT -> true;
        };
    }

    /// Starts it with its sockets in `directory`.
    ///
    /// @param options further options in vde_switch's spelling; none for the limit
    Child start(Workplace workplace, Path directory, List<String> options) throws IOException {
        if (this == LIMIT) {
            return Child.station(workplace, BareForwarder.class, List.of(directory.toString()));
        }
        String program = this == VDE ? "/usr/bin/vde_switch" : launcher(workplace).toString();
        List<String> command = new ArrayList<>(List.of(program, "--sock", directory.toString()));
        command.addAll(options);
        return Child.start(workplace, label, command);
    }

    private static Path launcher(Workplace workplace) {
        return workplace.root().resolve("cli").resolve("vswitch");
    }
}
