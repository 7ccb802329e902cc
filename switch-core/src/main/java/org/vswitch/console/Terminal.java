package org.vswitch.console;

/// The far side of a session: where its text goes. Called by the session on its executor.
interface Terminal {
    /// Sends replies and events.
    ///
    /// @param text whole lines
    void write(String text);

    /// Says that the session waits for a line.
    void prompt();

    /// Whether more text may be written. If not, [ConsoleSession#writable] is to be called when it may.
    ///
    /// @return false while the reader is behind
    boolean isWritable();

    /// All input was answered: more is wanted.
    void wantsInput();

    /// Somebody asked for the end.
    ///
    /// @param ofSwitch whether the switch ends, too
    /// @return whether the session is over
    boolean end(boolean ofSwitch);

    /// The reader is so far behind that events were lost; there will be no more events.
    void overflowed();
}
