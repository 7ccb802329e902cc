package org.vswitch.link.vhost;

import java.io.IOException;
import org.vswitch.link.SocketFile;
import org.vswitch.linux.Fd;
import org.vswitch.linux.Sockets;

/// The socket on which front-ends connect, and its entry in the file system, which goes with it.
///
/// @param fd listens, non-blocking
/// @param file its entry
record VhostListener(Fd fd, SocketFile file) implements AutoCloseable {
    private static final int BACKLOG = 16;

    /// Listens. A socket that a killed switch has left is replaced.
    ///
    /// @throws IOException with one line that names the path, for example if another switch listens there
    static VhostListener open(SocketFile file) throws IOException {
        Fd fd = Sockets.open(Sockets.Type.STREAM, true);
        boolean bound = false;
        boolean listening = false;
        try {
            file.bind(fd, Sockets.Type.STREAM);
            bound = true;
            Sockets.listen(fd, BACKLOG);
            listening = true;
            return new VhostListener(fd, file);
        } finally {
            if (!listening) {
                fd.close();
                if (bound) {
                    file.remove();
                }
            }
        }
    }

    @Override
    public void close() {
        fd.close();
        file.remove();
    }
}
