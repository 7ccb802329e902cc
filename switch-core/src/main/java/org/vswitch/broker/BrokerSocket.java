package org.vswitch.broker;

import java.io.IOException;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FileEntry;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// The socket on which the broker listens, and its entry in the file system.
///
/// @param fd listens, non-blocking
/// @param path of the entry
record BrokerSocket(Fd fd, String path) implements AutoCloseable {
    /// Listens. A socket that a killed broker has left is replaced.
    ///
    /// @throws IOException with one line that names the path, for example if another broker listens there
    static BrokerSocket listen(Broker.Settings settings, int backlog) throws IOException {
        SocketAddress address = SocketAddress.ofPath(settings.socket());
        Fd fd = Sockets.open(Sockets.Type.SEQPACKET, true);
        try {
            try {
                Sockets.bind(fd, address);
            } catch (LinuxException taken) {
                if (!taken.is(Errno.EADDRINUSE) || !isLeft(address, settings.socket())) {
                    throw taken;
                }
                FileEntry.remove(settings.socket());
                Sockets.bind(fd, address);
            }
            FileEntry.permit(settings.socket(), settings.mode(), FileEntry.UNCHANGED, settings.group());
            Sockets.listen(fd, backlog);
            return new BrokerSocket(fd, settings.socket());
        } catch (IOException refusal) {
            fd.close();
            throw refusal;
        }
    }

    private static boolean isLeft(SocketAddress address, String path) throws LinuxException {
        if (!FileEntry.status(path).isSocket()) {
            return false;
        }
        try (Fd probe = Sockets.open(Sockets.Type.SEQPACKET, true)) {
            Sockets.connect(probe, address);
            return false;
        } catch (LinuxException refusal) {
            return refusal.is(Errno.ECONNREFUSED);
        }
    }

    @Override
    public void close() {
        fd.close();
        FileEntry.discard(path);
    }
}
