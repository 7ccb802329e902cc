package org.vswitch.benchmark.harness;

import java.util.List;
import java.util.function.Predicate;

/// What the command line of a harness asks for.
///
/// @param rows names of the rows to measure
/// @param alternations how many runs of each contestant
/// @param seconds length of one run's measured window
/// @param contestants who takes part
/// @param placement how the processes are set up
/// @param output where results go, or empty for benchmarks/results
record Options(List<String> rows, int alternations, double seconds, List<Contestant> contestants, Placement placement,
               String output) {
    /// What is not left to the system.
    ///
    /// @param sendBuffer SO_SNDBUF of the sending client, or 0 for what the load wants
    /// @param pinned whether the switch has a core for itself and both ends share the others
    record Placement(int sendBuffer, boolean pinned) {
        @Override
        public String toString() {
            return "SO_SNDBUF of the generator " + (sendBuffer == 0 ? "2 MiB for batches, else default" : sendBuffer)
                    + (pinned ? ", switch pinned to the last core" : ", nothing pinned");
        }
    }

    static final String USAGE = """
            usage: benchmarks/run switch [option...]
              --rows A,B,...        only these rows (default: all; --list names them)
              --alternations N      runs of each contestant (default 7)
              --seconds S           measured window of a run (default 2)
              --quick               3 alternations of 0.5 s: to see that everything works, not to compare
              --contestants A,...   of vde_switch, vswitch, limit
              --sndbuf BYTES        SO_SNDBUF of the generator (default: 2 MiB for sendmmsg loads, else the system's)
              --pin                 the switch on the last core, both ends on the others
              --output DIR          where table, JSON and plot go (default benchmarks/results)
              --list                names the rows""";

    /// The same without some contestants.
    Options without(Predicate<Contestant> absent) {
        List<Contestant> present = contestants.stream().filter(absent.negate()).toList();
        return new Options(rows, alternations, seconds, present, placement, output);
    }

    static Options parse(List<String> arguments, List<String> knownRows) {
        List<String> rows = knownRows;
        int alternations = 7;
        double seconds = 2;
        List<Contestant> contestants = List.of(Contestant.values());
        int sendBuffer = 0;
        boolean pinned = false;
        String output = "";
        for (int i = 0; i < arguments.size(); i++) {
            switch (arguments.get(i)) {
                case "--rows" -> rows = rows(value(arguments, ++i), knownRows);
                case "--alternations" -> alternations = Integer.parseInt(value(arguments, ++i));
                case "--seconds" -> seconds = Double.parseDouble(value(arguments, ++i));
                case "--contestants" -> contestants = List.of(value(arguments, ++i).split(",")).stream()
                        .map(Contestant::of).toList();
                case "--sndbuf" -> sendBuffer = Integer.parseInt(value(arguments, ++i));
                case "--pin" -> pinned = true;
                case "--output" -> output = value(arguments, ++i);
                case "--quick" -> {
                    alternations = 3;
                    seconds = 0.5;
                }
                default -> throw new IllegalArgumentException("unknown option: " + arguments.get(i));
            }
        }
        return new Options(rows, alternations, seconds, contestants, new Placement(sendBuffer, pinned), output);
    }

    private static String value(List<String> arguments, int index) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException("no value for " + arguments.get(index - 1));
        }
        return arguments.get(index);
    }

    private static List<String> rows(String list, List<String> known) {
        List<String> rows = List.of(list.split(","));
        for (String row : rows) {
            if (!known.contains(row)) {
                throw new IllegalArgumentException("unknown row: " + row + " (known: "
                        + String.join(", ", known) + ")");
            }
        }
        return rows;
    }
}
