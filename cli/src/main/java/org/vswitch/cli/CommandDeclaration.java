package org.vswitch.cli;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Declares a command's options to picocli, in the order of its help.
///
/// By calls instead of annotations: picocli reads those by reflection, which costs 55 ms at each start. All values stay
/// text here; what they mean is the command's affair.
final class CommandDeclaration {
    private final CommandSpec spec = CommandSpec.create();

    /// A command without options.
    ///
    /// @param name of the program
    /// @param synopsis what stands behind the name in the first line of help
    /// @param purpose the second line of help
    CommandDeclaration(String name, String synopsis, String purpose) {
        spec.name(name);
        spec.usageMessage().customSynopsis(name + " " + synopsis).description(purpose)
                .sortOptions(false).sortSynopsis(false).autoWidth(false).width(100);
    }

    /// Declares the option that prints the help and exits.
    CommandDeclaration help() {
        return add(option("-h", "--help").usageHelp(true).description("display this help and exit"));
    }

    /// Declares the option that prints the version and exits.
    ///
    /// @param lines of the version
    CommandDeclaration version(String... lines) {
        spec.version(lines);
        return add(option("-v", "--version").versionHelp(true).description("display the version and exit"));
    }

    /// Declares an option without value.
    CommandDeclaration flag(String description, String... names) {
        return add(option(names).type(boolean.class).description(description));
    }

    /// Declares an option with a value; the last one given counts.
    CommandDeclaration value(String label, String description, String... names) {
        return add(option(names).type(String.class).arity("1").paramLabel(label).description(description));
    }

    /// Declares an option with a value that may be left out, and is then empty; the last one given counts.
    CommandDeclaration optionalValue(String label, String description, String... names) {
        return add(option(names).type(String.class).arity("0..1").fallbackValue("").paramLabel(label)
                .description(description));
    }

    /// Declares an option with a value that may be left out, that may be given several times.
    ///
    /// @param without stands for a value that was left out; not empty, or picocli would skip it
    CommandDeclaration optionalValues(String without, String label, String description, String... names) {
        return add(option(names).type(List.class).auxiliaryTypes(String.class).arity("0..1").fallbackValue(without)
                .paramLabel(label).description(description));
    }

    /// Declares an option with a value that may be given several times.
    CommandDeclaration values(String label, String description, String... names) {
        return add(option(names).type(List.class).auxiliaryTypes(String.class).arity("1")
                .paramLabel(label).description(description));
    }

    /// The declaration, complete.
    ///
    /// @return for [GetoptLongOnly] and generators
    CommandSpec spec() {
        return spec;
    }

    /// A parser for lines as [GetoptLongOnly] spells them.
    CommandLine parser() {
        return new CommandLine(spec).setExpandAtFiles(false).setInterpolateVariables(false)
                .setOverwrittenOptionsAllowed(true);
    }

    private static OptionSpec.Builder option(String... names) {
        return OptionSpec.builder(names[0], Arrays.copyOfRange(names, 1, names.length));
    }

    private CommandDeclaration add(OptionSpec.Builder option) {
        spec.addOption(option.build());
        return this;
    }
}
