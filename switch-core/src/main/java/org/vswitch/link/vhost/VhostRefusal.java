package org.vswitch.link.vhost;

import java.io.IOException;

/// What a front-end said and cannot be done. The front-end is told, where it asked to be; otherwise, as it goes by
/// what it said, the connection ends.
final class VhostRefusal extends IOException {
    private static final long serialVersionUID = 1;

    /// @param message one line that names the value at fault
    VhostRefusal(String message) {
        super(message);
    }

    /// @param cause of which the message is taken
    VhostRefusal(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
