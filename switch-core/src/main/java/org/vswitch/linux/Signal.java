package org.vswitch.linux;

import java.util.Optional;

/// Signals of Linux that a command meets.
public enum Signal {
    /// The terminal was closed.
    SIGHUP(1),
    /// Ctrl-C.
    SIGINT(2),
    /// Please end.
    SIGTERM(15);

    private static final int SIG_DFL = 0;
    private static final int SIG_IGN = 1;

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    /// A signal by its name.
    ///
    /// @param name for example `SIGTERM`
    /// @return empty if it is none of these
    public static Optional<Signal> named(String name) {
        for (Signal signal : values()) {
            if (signal.name().equals(name)) {
                return Optional.of(signal);
            }
        }
        return Optional.empty();
    }

    /// The number.
    ///
    /// @return 1 to 64
    public int number() {
        return number;
    }

    /// Makes this process deaf to the signal.
    public void ignore() {
        LibC.signal(number, SIG_IGN);
    }

    /// Ends this process as the signal does when nobody handles it, so that the parent sees which it was.
    public void die() {
        LibC.signal(number, SIG_DFL);
        LibC.kill(ProcessHandle.current().pid(), number);
    }
}
