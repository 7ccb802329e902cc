package org.vswitch.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Reads a command line as glibc's `getopt_long_only` does, and spells it for picocli.
///
/// Theory of operation. An argument that begins with `-` is looked up among the long names, with one or two dashes: an
/// exact name first, else the only name that begins so; `=` introduces a value. With one dash it is taken for a
/// cluster of short options if no long name matches and its first letter is a short option, or if it is one letter
/// long. An option that needs a value takes the rest of the argument or, whatever it looks like, the next argument;
/// one that may have a value takes it from its own argument only. Operands may stand anywhere; `--` ends the options.
/// Reading ends at an option for help or version, as vde_switch acts on them at once.
///
/// Names that vde_switch does not have are abbreviated only where none of its own names fits, so that whatever it
/// understands keeps its meaning.
///
/// What is no option, or may be several, is refused in the words of glibc with a pointer to the help.
///
/// Source: getopt(3), and the behaviour of Debian's vde_switch, which `GetoptLongOnlyTest` compares with this class.
final class GetoptLongOnly {
    private final List<LongName> names = new ArrayList<>();
    private final CommandSpec spec;
    private final boolean permuting;

    /// A reader for one command.
    ///
    /// @param spec the options; their order is that of the candidates in messages
    /// @param added long names, with dashes, that yield to all others where abbreviations are concerned
    /// @param permuting whether options may follow operands; no if POSIXLY_CORRECT is set
    GetoptLongOnly(CommandSpec spec, Set<String> added, boolean permuting) {
        this.spec = spec;
        this.permuting = permuting;
        for (OptionSpec option : spec.options()) {
            for (String name : option.names()) {
                if (name.startsWith("--")) {
                    names.add(new LongName(name.substring(2), option, added.contains(name)));
                }
            }
        }
    }

    /// What a command line says.
    ///
    /// @param options in order, each as `--name` or `--name=value` with the full name
    /// @param operands what is no option
    record Line(List<String> options, List<String> operands) {
    }

    private record LongName(String text, OptionSpec option, boolean added) {
    }

    /// Reads a command line.
    ///
    /// @param arguments without the program's name
    /// @return options and operands
    /// @throws BadCommandLine at the first mistake, with glibc's message
    Line read(String... arguments) throws BadCommandLine {
        return new Reading(arguments).line();
    }

    private OptionSpec shortOption(char letter) {
        return spec.findOption(letter);
    }

    private BadCommandLine unknown(String what) {
        return new BadCommandLine(what + " (see " + spec.name() + " --help)");
    }

    private static boolean needsValue(OptionSpec option) {
        return option.arity().min() > 0;
    }

    private static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    private static String fullName(OptionSpec option) {
        for (String name : option.names()) {
            if (name.startsWith("--")) {
                return name;
            }
        }
        return option.longestName();
    }

    /// One pass over one command line.
    private final class Reading {
        private final String[] arguments;
        private final List<String> options = new ArrayList<>();
        private final List<String> operands = new ArrayList<>();
        private int next;
        private boolean ended;

        Reading(String[] arguments) {
            this.arguments = arguments;
        }

        Line line() throws BadCommandLine {
            while (next < arguments.length && !ended) {
                String argument = arguments[next++];
                if (argument.equals("--")) {
                    takeOperands();
                } else if (argument.length() < 2 || argument.charAt(0) != '-') {
                    operands.add(argument);
                    if (!permuting) {
                        takeOperands();
                    }
                } else if (!readLong(argument)) {
                    readCluster(argument);
                }
            }
            return new Line(options, operands);
        }

        private void takeOperands() {
            while (next < arguments.length) {
                operands.add(arguments[next++]);
            }
        }

        /// Returns false if the argument is to be read as a cluster of short options.
        private boolean readLong(String argument) throws BadCommandLine {
            boolean twoDashes = argument.startsWith("--");
            char letter = argument.charAt(1);
            boolean mayBeShort = !twoDashes && (letter == ':' || shortOption(letter) != null);
            if (mayBeShort && argument.length() == 2) {
                return false;
            }
            String prefix = twoDashes ? "--" : "-";
            String body = argument.substring(prefix.length());
            int equals = body.indexOf('=');
            String name = equals < 0 ? body : body.substring(0, equals);
            LongName found = find(name, prefix, body);
            if (mayBeShort && (found == null || found.added && !found.text.equals(name))) {
                return false;
            }
            if (found == null) {
                throw unknown("unrecognized option '" + argument + "'");
            }
            addLong(found, prefix, equals < 0 ? null : body.substring(equals + 1));
            return true;
        }

        private void addLong(LongName found, String prefix, String given) throws BadCommandLine {
            boolean needsValue = needsValue(found.option);
            String quoted = "option '" + prefix + found.text + "' ";
            if (given != null && !takesValue(found.option)) {
                throw new BadCommandLine(quoted + "doesn't allow an argument");
            }
            if (given == null && needsValue && next == arguments.length) {
                throw new BadCommandLine(quoted + "requires an argument");
            }
            add(found.option, given == null && needsValue ? arguments[next++] : given);
        }

        private LongName find(String name, String prefix, String body) throws BadCommandLine {
            for (LongName candidate : names) {
                if (candidate.text.equals(name)) {
                    return candidate;
                }
            }
            List<LongName> candidates = beginningWith(name, false);
            if (candidates.isEmpty()) {
                candidates = beginningWith(name, true);
            }
            if (candidates.size() > 1) {
                StringBuilder message = new StringBuilder("option '" + prefix + body)
                        .append("' is ambiguous; possibilities:");
                candidates.forEach(each -> message.append(" '").append(prefix).append(each.text).append('\''));
                throw unknown(message.toString());
            }
            return candidates.isEmpty() ? null : candidates.getFirst();
        }

        private List<LongName> beginningWith(String name, boolean added) {
            List<LongName> found = new ArrayList<>();
            for (LongName candidate : names) {
                if (candidate.added == added && candidate.text.startsWith(name)) {
                    found.add(candidate);
                }
            }
            return found;
        }

        private void readCluster(String argument) throws BadCommandLine {
            for (int at = 1; at < argument.length() && !ended; at++) {
                char letter = argument.charAt(at);
                OptionSpec option = letter == ':' || letter == '-' ? null : shortOption(letter);
                if (option == null) {
                    throw unknown("invalid option -- '" + letter + "'");
                }
                if (!takesValue(option)) {
                    add(option, null);
                    continue;
                }
                String rest = argument.substring(at + 1);
                if (rest.isEmpty() && !needsValue(option)) {
                    add(option, null);
                    continue;
                }
                if (rest.isEmpty() && next == arguments.length) {
                    throw new BadCommandLine("option requires an argument -- '" + letter + "'");
                }
                add(option, rest.isEmpty() ? arguments[next++] : rest);
                return;
            }
        }

        private void add(OptionSpec option, String value) {
            options.add(value == null ? fullName(option) : fullName(option) + "=" + value);
            ended = option.usageHelp() || option.versionHelp();
        }
    }
}
