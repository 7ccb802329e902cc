package org.vswitch.link;

import java.io.IOException;
import java.util.Optional;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A socket on which guests connect, and its entry in the file system, which goes with it.
///
/// @param fd listens, non-blocking
/// @param file its entry, if it has one
public record ListeningSocket(Fd fd, Optional<SocketFile> file) implements AutoCloseable {
    private static final int BACKLOG = 128;

    /// Listens in the file system. A socket that a killed program has left is replaced.
    ///
    /// @param file where
    /// @param type of the connections
    /// @return to be closed
    /// @throws IOException with one line that names the path, for example if another program listens there
    public static ListeningSocket at(SocketFile file, Sockets.Type type) throws IOException {
        Fd fd = Sockets.open(type, true);
        try {
            file.bind(fd, type);
        } catch (IOException refusal) {
            fd.close();
            throw refusal;
        }
        return new ListeningSocket(fd, Optional.of(file)).listen();
    }

    /// Listens for byte streams at an internet address.
    ///
    /// @param address where
    /// @throws LinuxException if the kernel refuses
    static ListeningSocket at(SocketAddress address) throws LinuxException {
        Fd fd = Sockets.open(Sockets.Type.STREAM, address, true);
        try {
            Sockets.reuseAddress(fd);
            Sockets.bind(fd, address);
        } catch (LinuxException refusal) {
            fd.close();
            throw refusal;
        }
        return new ListeningSocket(fd, Optional.empty()).listen();
    }

    @Override
    public void close() {
        fd.close();
        file.ifPresent(SocketFile::remove);
    }

    private ListeningSocket listen() throws LinuxException {
        try {
            Sockets.listen(fd, BACKLOG);
            return this;
        } catch (LinuxException refusal) {
            close();
            throw refusal;
        }
    }
}
