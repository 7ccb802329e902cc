package org.vswitch.cli;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.vswitch.console.StdinConsole;
import org.vswitch.engine.Consoles;
import org.vswitch.linux.Errno;

/// The console on standard input, and the commands that are run at start.
final class SwitchConsole {
    private static final String IN_HOME = ".vde2/vde_switch.rc";
    private static final String NOTHING = "/dev/null";
    private static final String FOR_ALL = "/etc/vde2/vde_switch.rc";

    private final Consoles consoles;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(task -> daemon(task, "console"));

    /// The console of a running switch.
    ///
    /// @param consoles of the switch
    SwitchConsole(Consoles consoles) {
        this.consoles = consoles;
    }

    /// Runs the commands of a file; commands that fail are passed over, as with VDE, and so is a file, but not in
    /// silence if somebody named it.
    ///
    /// @param given the file, or empty for the first readable of the usual ones
    /// @param warnings takes a line about a named file that has not been run
    void runStartupFile(Optional<String> given, Consumer<String> warnings) {
        for (String file : given.map(List::of).orElseGet(SwitchConsole::usualFiles)) {
            if (new File(file).isFile() && consoles.runFile(file, executor).join()) {
                return;
            }
        }
        given.filter(file -> !file.equals(NOTHING)).ifPresent(file -> warnings.accept("--rcfile " + file + ": "
                + (new File(file).exists() ? "not a readable file" : Errno.ENOENT.text()) + ", going on without"));
    }

    /// Serves standard input on threads of its own.
    ///
    /// @param atEnd run when the input has ended and everything in it was answered
    void serveStandardInput(Runnable atEnd) {
        StdinConsole console = consoles.on(new StdinConsole.Streams(new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out), new FileOutputStream(FileDescriptor.in)), executor);
        daemon(() -> {
            console.run();
            atEnd.run();
        }, "stdin").start();
    }

    private static List<String> usualFiles() {
        String home = System.getenv("HOME");
        return home == null ? List.of(FOR_ALL) : List.of(home + "/" + IN_HOME, FOR_ALL);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
