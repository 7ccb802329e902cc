package org.vswitch.benchmark.harness;

import java.util.List;
import java.util.function.Predicate;

/// What the command line of a harness asks for.
///
/// @param rows names of the rows to measure
/// @param alternations how many runs of each contestant
/// @param seconds length of one run's measured window
/// @param contestants labels of who takes part
/// @param placement how the processes are set up
/// @param output where results go, or empty for benchmarks/results
record Options(List<String> rows, int alternations, double seconds, List<String> contestants, Placement placement,
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

    /// What a suite can be asked for.
    ///
    /// @param suite its name
    /// @param rows all of them
    /// @param contestants all of them
    /// @param isPlaced whether it takes options of [Placement]
    record Known(String suite, List<String> rows, List<String> contestants, boolean isPlaced) {
        private static final String USAGE = """
                usage: benchmarks/run %s [option...]
                  --rows A,B,...        only these rows (default: all; --list names them)
                  --alternations N      runs of each contestant (default 7)
                  --seconds S           measured window of a run (default 2)
                  --quick               3 alternations of 0.5 s: to see that everything works, not to compare
                  --contestants A,...   of %s
                %s  --output DIR          where table, JSON and plot go (default benchmarks/results)
                  --list                names the rows""";
        private static final String PLACEMENT = """
                  --sndbuf BYTES        SO_SNDBUF of the generator (default: 2 MiB for sendmmsg loads, else none)
                  --pin                 the switch on the last core, both ends on the others
                """;

        String usage() {
            return USAGE.formatted(suite, String.join(", ", contestants), isPlaced ? PLACEMENT : "");
        }
    }

    /// The same without some contestants.
    Options without(Predicate<String> absent) {
        List<String> present = contestants.stream().filter(absent.negate()).toList();
        return new Options(rows, alternations, seconds, present, placement, output);
    }

    static Options parse(List<String> arguments, Known known) {
        List<String> rows = known.rows();
        int alternations = 7;
        double seconds = 2;
        List<String> contestants = known.contestants();
        int sendBuffer = 0;
        boolean pinned = false;
        String output = "";
        for (int i = 0; i < arguments.size(); i++) {
            String option = arguments.get(i);
            switch (option) {
                case "--rows" -> rows = some(value(arguments, ++i), "row", known.rows());
                case "--alternations" -> alternations = Integer.parseInt(value(arguments, ++i));
                case "--seconds" -> seconds = Double.parseDouble(value(arguments, ++i));
                case "--contestants" -> contestants =
                        some(value(arguments, ++i), "contestant", known.contestants());
                case "--sndbuf" -> sendBuffer = Integer.parseInt(value(arguments, ++i));
                case "--pin" -> pinned = true;
                case "--output" -> output = value(arguments, ++i);
                case "--quick" -> {
                    alternations = 3;
                    seconds = 0.5;
                }
                default -> throw new IllegalArgumentException("unknown option: " + option);
            }
        }
        if (!known.isPlaced() && (sendBuffer != 0 || pinned)) {
            throw new IllegalArgumentException("unknown option: " + (pinned ? "--pin" : "--sndbuf"));
        }
        return new Options(rows, alternations, seconds, contestants, new Placement(sendBuffer, pinned), output);
    }

    private static String value(List<String> arguments, int index) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException("no value for " + arguments.get(index - 1));
        }
        return arguments.get(index);
    }

    private static List<String> some(String list, String what, List<String> known) {
        List<String> some = List.of(list.split(","));
        for (String one : some) {
            if (!known.contains(one)) {
                throw new IllegalArgumentException("unknown " + what + ": " + one + " (known: "
                        + String.join(", ", known) + ")");
            }
        }
        return some;
    }
}
