package org.vswitch.control;

import org.vswitch.frame.FrameSlab;
import org.vswitch.link.DatagramLink;
import org.vswitch.link.Link;
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
/// others. Since the client connects back, what waits in it is bounded by our own SO_SNDBUF alone. Three quarters of
/// what may wait for a client wait in the kernel, where they need no second copy; the socket becomes writable again
/// when a quarter of that is left, and the backlog, the rest, follows before the client has read it. Where the kernel
/// grants less (`net.core.wmem_max`), the backlog is the larger.
final class DataSocket implements AutoCloseable {
    /// What the kernel accounts for is twice what it is asked for.
    private static final int ASKED_BYTES = LinkFeatures.MAX_BUFFERED * 3 / 4 / 2;
    /// What the kernel refuses a datagram's length to come near SO_SNDBUF by.
    private static final int KERNEL_RESERVE = 32;

    private final Fd socket;
    private final int accountedBytes;
    private String path;

    private DataSocket(Fd socket, int accountedBytes) {
        this.socket = socket;
        this.accountedBytes = accountedBytes;
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
            return new DataSocket(socket, Sockets.sendBuffer(socket, ASKED_BYTES));
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
    Link link() {
        int maxFrame = Math.min(FrameSlab.MAX_FRAME, accountedBytes - KERNEL_RESERVE);
        int backlog = Math.max(0, LinkFeatures.MAX_BUFFERED - accountedBytes);
        return new DatagramLink(new Fd(socket.release()), LinkFeatures.plain(maxFrame, backlog), null);
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
