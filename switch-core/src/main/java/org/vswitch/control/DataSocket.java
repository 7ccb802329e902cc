package org.vswitch.control;

import org.vswitch.frame.FrameSlab;
import org.vswitch.link.DatagramLink;
import org.vswitch.link.LinkFeatures;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FileEntry;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// The switch's socket for the frames of one client, from its creation to the day a link takes it over. Used by the
/// control thread.
///
/// Theory of operation. It is connected to the client before anybody knows its name, so that the kernel refuses all
/// others. Since the client connects back, what waits in it is bounded by our own SO_SNDBUF alone; the socket becomes
/// writable again when a quarter of that is left, and the backlog follows before the client has read it.
final class DataSocket implements AutoCloseable {
    private final Fd socket;
    private final LinkFeatures features;
    private String path;

    private DataSocket(Fd socket, LinkFeatures features) {
        this.socket = socket;
        this.features = features;
    }

    /// Opens a socket that talks to nobody but a client.
    ///
    /// @param client address of the client's data socket
    /// @return a socket without name
    /// @throws LinuxException if the client cannot be reached
    static DataSocket connectedTo(SocketAddress client) throws LinuxException {
        Fd socket = Sockets.open(Sockets.Type.DATAGRAM, true);
        try {
            Sockets.connect(socket, client);
            return new DataSocket(socket, DatagramLink.buffer(socket, FrameSlab.MAX_FRAME));
        } catch (LinuxException failure) {
            socket.close();
            throw failure;
        }
    }

    /// Gives the socket the name that the client is told.
    ///
    /// @param directory the switch's
    /// @param port of the endpoint
    /// @param access who may use it
    /// @return the name as an address
    /// @throws LinuxException if the kernel refuses
    SocketAddress bind(CtlDirectory directory, int port, Access access) throws LinuxException {
        String name = directory.dataSocket(port, socket.number());
        SocketAddress address = SocketAddress.ofPath(name);
        try {
            Sockets.bind(socket, address);
        } catch (LinuxException failure) {
            if (!failure.is(Errno.EADDRINUSE)) {
                throw failure;
            }
            FileEntry.remove(name); // left by a switch that was killed: the descriptor is ours
            Sockets.bind(socket, address);
        }
        path = name;
        FileEntry.permit(name, access.mode, access.uid, access.group);
        return address;
    }

    /// Who may use a data socket: its client alone if the switch may give it away, otherwise whom the directory's
    /// settings name.
    ///
    /// @param mode permission bits
    /// @param uid the owner, or [FileEntry#UNCHANGED]
    /// @param group the group, or [FileEntry#UNCHANGED]
    record Access(int mode, int uid, int group) {
        private static final int OWNER = 0700;

        static Access of(SocketPermissions permissions, int client) {
            return OwnProcess.userId() == 0 && client != FileEntry.UNCHANGED
                    ? new Access(permissions.mode() & OWNER, client, permissions.group())
                    : new Access(permissions.mode(), FileEntry.UNCHANGED, permissions.group());
        }
    }

    /// Hands the socket over to a link.
    ///
    /// @return carries the client's frames
    DatagramLink link() {
        return new DatagramLink(new Fd(socket.release()), features, null);
    }

    /// Removes the name, and closes the socket if no link has it.
    @Override
    public void close() {
        socket.close();
        if (path != null) {
            FileEntry.discard(path); // whoever may write to the directory may have done it already
            path = null;
        }
    }
}
