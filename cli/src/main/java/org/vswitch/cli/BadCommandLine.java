package org.vswitch.cli;

/// A command line that cannot be obeyed. The message is one line for people, without the program's name.
class BadCommandLine extends Exception {
    private static final long serialVersionUID = 1;

    /// States what is wrong.
    ///
    /// @param message names the argument at fault
    BadCommandLine(String message) {
        super(message, null, false, false);
    }
}
