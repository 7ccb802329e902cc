package org.vswitch.cli;

import java.util.Arrays;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.Signal;

/// The one entry point: the first argument names the command, as the launcher that was called is named.
public final class Main {
    /// `EX_USAGE` of sysexits.h: the first argument is no command.
    private static final int UNKNOWN_COMMAND = 64;
    /// `EX_SOFTWARE` of sysexits.h.
    private static final int PROGRAM_ERROR = 70;
    private static final int TOO_FEW_DESCRIPTORS = 1;
    /// A switch with a router and two consoles has some 45 open, the JVM's own included.
    private static final int MIN_DESCRIPTORS = 64;
    private static final int OF_CTRL_C = 128 + Signal.SIGINT.number();

    private Main() {
    }

    /// Runs a command and ends the process with its code, whatever other threads do.
    ///
    /// @param arguments the command's name and its arguments
    public static void main(String[] arguments) {
        int code = PROGRAM_ERROR;
        try {
            code = arguments.length == 0 ? UNKNOWN_COMMAND
                    : tooFewDescriptors(arguments[0]) ? TOO_FEW_DESCRIPTORS
                    : run(arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length));
            System.out.flush();
        } catch (RuntimeException | Error bug) {
            System.err.println(arguments[0] + ": internal error: " + bug);
        }
        if (code == OF_CTRL_C) {
            ExitSignals.dieOf(Signal.SIGINT);
        }
        Runtime.getRuntime().halt(code);
    }

    /// A limit that is too low shows in whatever class happens to be loaded when it is met, and not by its name.
    private static boolean tooFewDescriptors(String command) {
        int limit = OwnProcess.descriptorLimit();
        if (limit < MIN_DESCRIPTORS) {
            System.err.println(command + ": too many open files: at most " + limit + " are allowed, "
                    + MIN_DESCRIPTORS + " are needed (ulimit -n)");
        }
        return limit < MIN_DESCRIPTORS;
    }

    private static int run(String command, String[] arguments) {
        return switch (command) {
            case "vswitch" -> new VswitchCommand().run(arguments);
            case "vplug" -> new VplugCommand().run(arguments);
            case "vns" -> new VnsCommand().run(arguments);
            case "vslirp" -> new VslirpCommand(command).run(arguments, VslirpOptions::read);
            case "vswitch-tapd" -> new TapdCommand().run(arguments);
            case "slirpvde" -> new VslirpCommand(command).run(arguments, SlirpvdeOptions::read);
            default -> UNKNOWN_COMMAND;
        };
    }
}
