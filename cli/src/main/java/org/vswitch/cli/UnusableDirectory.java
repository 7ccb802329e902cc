package org.vswitch.cli;

/// A directory for sockets that cannot be one, as the command line already tells.
final class UnusableDirectory extends BadCommandLine {
    private static final long serialVersionUID = 1;

    /// States why.
    ///
    /// @param message names the directory
    UnusableDirectory(String message) {
        super(message);
    }
}
