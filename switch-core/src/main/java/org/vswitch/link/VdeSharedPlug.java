package org.vswitch.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;
import org.vswitch.linux.WakeSocket;

/// A plug of a VDE network whose switch is one of ours, through memory that both share.
///
/// Theory of operation. Such a switch has a second socket beside `ctl`, called `shm`, which no other switch has. The
/// request says what VDE's does, and the switch gives the port away by the same rules; the answer brings the memory and
/// a socket for wake-ups. As with VDE the connection then stays open as the sign that both ends live. Whatever goes
/// wrong here says nothing about VDE's own handshake, which is then tried, and whose complaint people get to see; but
/// who does not answer here does not answer there.
///
/// @param control blocking, without time limit; owned by the caller
/// @param link owned by the caller
record VdeSharedPlug(Fd control, ShmLink link) {
    /// The name of the socket in a switch's directory.
    static final String SOCKET = "shm";
    private static final int DESCRIPTORS = 2;

    /// Plugs into a network, if its switch offers that.
    ///
    /// @param network where
    /// @param description for the switch's console
    /// @return empty if VDE's handshake is to be tried
    /// @throws IOException if there is no answer
    static Optional<VdeSharedPlug> connect(VdeNetwork network, String description) throws IOException {
        if (!network.mayShare()) {
            return Optional.empty();
        }
        for (String directory : network.directories()) {
            Path path = Path.of(directory, SOCKET);
            Fd control = Sockets.open(Sockets.Type.STREAM, false);
            boolean complete = false;
            try {
                Sockets.timeout(control, VdePlug.TIMEOUT_MS);
                Sockets.connect(control, SocketAddress.ofPath(path.toString()));
                ShmLink link = ask(control, network.requestedPort(), description);
                complete = true;
                return Optional.of(new VdeSharedPlug(control, link));
            } catch (LinuxException silence) {
                if (silence.is(Errno.EAGAIN)) {
                    throw VdePlug.noAnswer(path.toString());
                }
            } catch (IOException refusal) {
                return Optional.empty();
            } finally {
                if (!complete) {
                    control.close();
                }
            }
            if (isElsewhere(directory, network)) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static ShmLink ask(Fd control, int port, String description) throws IOException {
        byte[] hello = ShmHandshake.hello(Offload.ALL, port, description).emit();
        int sent = Sockets.send(control, hello);
        if (sent != hello.length) {
            throw new LinuxException("send", sent < 0 ? -sent : Errno.EAGAIN.number());
        }
        ShmHandshake.Offered offered = ShmHandshake.receive(control, DESCRIPTORS);
        try {
            Sockets.timeout(control, 0);
        } catch (LinuxException refusal) {
            offered.close();
            throw refusal;
        }
        return ShmLink.introduced(new WakeSocket(offered.rest().getFirst()), offered.memory(),
                offered.side(Offload.ALL), offered.offer().features(Offload.ALL));
    }

    /// Whether VDE's handshake would find a socket in this directory, and not look into the next.
    private static boolean isElsewhere(String directory, VdeNetwork network) {
        return Files.exists(Path.of(directory, VdePlug.CTL))
                || !network.port().isEmpty() && Files.exists(Path.of(directory, network.port()));
    }
}
