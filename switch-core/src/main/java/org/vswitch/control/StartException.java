package org.vswitch.control;

import java.io.IOException;

/// A switch that could not be started. Nothing is left behind. The message is one line that names the value at fault.
public final class StartException extends IOException {
    private static final long serialVersionUID = 1;
    private final Kind kind;

    /// What was at fault.
    public enum Kind {
        /// Another switch listens in the directory.
        ADDRESS_IN_USE,
        /// The directory cannot be used: it cannot be created, is not ours, or its name is too long.
        DIRECTORY,
        /// A link could not be opened.
        LINK,
        /// The kernel refused something else.
        SYSTEM
    }

    /// States what was at fault.
    ///
    /// @param kind for the exit code
    /// @param message for people
    public StartException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    /// What was at fault.
    ///
    /// @return for the exit code
    public Kind kind() {
        return kind;
    }
}
