package org.vswitch.cli;

import org.vswitch.linux.LinuxException;
import org.vswitch.linux.StandardStreams;

/// The word that the launcher waits for when it has started a daemon: see the file `cli/launch`.
final class Readiness {
    /// Names the descriptor on which the launcher listens.
    private static final String PROPERTY = "org.vswitch.ready";

    private Readiness() {
    }

    /// Whether the launcher waits.
    static boolean isAwaited() {
        return Integer.getInteger(PROPERTY) != null;
    }

    /// Has the launcher start the command again, as what it is: no daemon.
    static void decline() {
        StandardStreams.answer(Integer.getInteger(PROPERTY), "foreground\n");
    }

    /// Goes to the background and has the launcher exit with 0.
    ///
    /// @throws LinuxException if the standard streams cannot be left
    static void declare() throws LinuxException {
        StandardStreams.leave();
        StandardStreams.answer(Integer.getInteger(PROPERTY), "ready\n");
    }
}
