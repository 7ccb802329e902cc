package org.vswitch.console;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// One row of a menu's table: a command, or the heading of the menu, which is no command.
///
/// @param path how a line begins that calls it, for example `port/print`
/// @param syntax of its argument, for `help`
/// @param help what it does, for `help`
/// @param prints whether its reply has a data block
/// @param action null for a heading
public record Command(String path, String syntax, String help, boolean prints, Action action) {
    private static final String JSON_OPTION = "--json";

    /// What a command does.
    @FunctionalInterface
    public interface Action {
        /// Does it, without blocking.
        ///
        /// @param call argument and session
        /// @return completed on any thread
        CompletableFuture<Reply> run(Call call);
    }

    /// What a command does that can answer at once.
    @FunctionalInterface
    public interface Answer {
        /// Does it.
        ///
        /// @param call argument and session
        /// @return the reply
        Reply to(Call call);
    }

    /// A heading.
    ///
    /// @param path what the paths of the menu's commands begin with
    /// @param help the menu's name
    /// @return the row
    public static Command heading(String path, String help) {
        return new Command(path, "============", help, false, null);
    }

    /// A command whose reply is a status.
    ///
    /// @param path how a line begins that calls it
    /// @param syntax of its argument
    /// @param help what it does
    /// @param action does it
    /// @return the row
    public static Command of(String path, String syntax, String help, Action action) {
        return new Command(path, syntax, help, false, action);
    }

    /// A command that prints.
    ///
    /// @param path how a line begins that calls it
    /// @param syntax of its argument
    /// @param help what it does
    /// @param action does it
    /// @return the row
    public static Command printing(String path, String syntax, String help, Action action) {
        return new Command(path, syntax, help, true, action);
    }

    /// An action that needs nobody else's answer.
    ///
    /// @param answer gives the reply
    /// @return the action
    public static Action atOnce(Answer answer) {
        return call -> CompletableFuture.completedFuture(answer.to(call));
    }

    /// Whether a line calls this command. As with VDE, what follows the path need not be separated from it.
    ///
    /// @param line without leading blanks
    /// @return false for headings
    boolean isCalledBy(String line) {
        return action != null && line.startsWith(path);
    }

    /// The argument in a line, without `--json` at its end or at its beginning.
    ///
    /// @param line calls this command
    /// @return without leading blanks
    String argument(String line) {
        String argument = stripBlanks(line.substring(path.length()));
        if (endsWithJson(argument)) {
            return argument.substring(0, argument.stripTrailing().length() - JSON_OPTION.length()).stripTrailing();
        }
        return beginsWithJson(argument) ? stripBlanks(argument.substring(JSON_OPTION.length())) : argument;
    }

    /// How the reply to a line is to look.
    ///
    /// @param line calls this command
    /// @return JSON only for commands that print
    Reply.Form form(String line) {
        if (!prints) {
            return Reply.Form.STATUS;
        }
        String argument = stripBlanks(line.substring(path.length()));
        return endsWithJson(argument) || beginsWithJson(argument) ? Reply.Form.JSON : Reply.Form.TEXT;
    }

    /// An option in a line that there is not. Words of VDE's begin with one dash at most, those in a URL with anything.
    ///
    /// @param line calls this command
    /// @return as written; empty if there is none, and for commands that take no options
    Optional<String> unknownOption(String line) {
        return !prints || line.contains("://") ? Optional.empty()
                : Stream.of(argument(line).split("\\s+")).filter(word -> word.matches("--[A-Za-z].*")).findFirst();
    }

    private boolean endsWithJson(String argument) {
        String trimmed = argument.stripTrailing();
        int before = trimmed.length() - JSON_OPTION.length() - 1;
        return prints && trimmed.endsWith(JSON_OPTION) && (before < 0 || trimmed.charAt(before) == ' ');
    }

    private boolean beginsWithJson(String argument) {
        return prints && argument.startsWith(JSON_OPTION + " ");
    }

    static String stripBlanks(String text) {
        int from = 0;
        while (from < text.length() && (text.charAt(from) == ' ' || text.charAt(from) == '\t')) {
            from++;
        }
        return text.substring(from);
    }
}
