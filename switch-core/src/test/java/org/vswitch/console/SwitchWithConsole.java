package org.vswitch.console;

import java.io.IOException;
import java.nio.file.Path;

/// A switch, ours or Debian's, whose management socket a test talks to and which it can plug into.
interface SwitchWithConsole extends AutoCloseable {
    /// The management socket.
    Path management();

    /// Plugs something in and waits until it is there.
    ///
    /// @param port the port wanted; 0 for any
    /// @param description how it calls itself
    Plug plug(int port, String description) throws IOException;

    @Override
    void close() throws IOException;

    /// Something plugged in.
    interface Plug {
        /// Sends a frame into the switch.
        void send(byte[] frame);

        /// Unplugs it. The switch notices later.
        void unplug();
    }
}
