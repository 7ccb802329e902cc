package org.vswitch.cli;

import java.util.Arrays;
import org.vswitch.engine.Version;

/// The one entry point: the first argument names the command, as the launcher that was called is named.
public final class Main {
    /// `EX_USAGE` of sysexits.h: the first argument is no command.
    private static final int UNKNOWN_COMMAND = 64;

    private Main() {
    }

    /// Runs a command and exits with its code.
    public static void main(String[] arguments) {
        System.exit(arguments.length == 0
                ? UNKNOWN_COMMAND
                : run(arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length)));
    }

    private static int run(String command, String[] arguments) {
        return switch (command) {
            case "vswitch", "vplug" -> version(command, arguments);
            default -> UNKNOWN_COMMAND;
        };
    }

    private static int version(String command, String[] arguments) {
        System.out.println(command + " " + Version.TEXT + " (" + arguments.length + " arguments)");
        return 0;
    }
}
