package org.vswitch.link;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// The client's side of VDE's handshake, as libvdeplug does it.
///
/// Theory of operation. The control connection carries one request and one answer, the address of the switch's data
/// socket, and then stays open as the sign that both ends live. Frames go through datagram sockets that are connected
/// to each other. The switch must be able to write to our socket file, wherever it lies and whoever runs the switch;
/// once both are connected the file is no longer needed. A switch that refuses closes the connection; old ones say
/// nothing for ever: hence the time limit.
///
/// @param control blocking, without time limit; owned by the caller
/// @param data non-blocking and connected; owned by the caller
record VdePlug(Fd control, Fd data) {
    /// How long a switch may take to answer.
    static final int TIMEOUT_MS = 5000;
    /// The name of the socket in a switch's directory.
    static final String CTL = "ctl";
    private static final int MAX_NAMES = 1000;
    private static final int GROUP_AND_OTHERS = 077;

    /// Plugs into a network.
    ///
    /// @param network where
    /// @param description for the switch's console
    /// @throws IOException with one line that names what failed
    static VdePlug connect(VdeNetwork network, String description) throws IOException {
        Fd control = Sockets.open(Sockets.Type.STREAM, false);
        Fd data = Sockets.open(Sockets.Type.DATAGRAM, true);
        boolean complete = false;
        try {
            Sockets.timeout(control, TIMEOUT_MS);
            Path ctl = connect(control, network);
            SocketAddress own = bind(data, ctl.toRealPath().getParent());
            try {
                grantAccess(Path.of(own.path()), ctl, network);
                var request = new VdeRequest(network.requestedPort(), own, description);
                SocketAddress theirs = ask(control, ctl, request);
                Sockets.connect(data, theirs);
                restrict(Path.of(theirs.path()), network.mode());
            } finally {
                Files.deleteIfExists(Path.of(own.path()));
            }
            Sockets.timeout(control, 0);
            complete = true;
            return new VdePlug(control, data);
        } catch (LinuxException failure) {
            throw new IOException("vde: " + failure.getMessage(), failure);
        } catch (FileSystemException failure) {
            throw new IOException("vde: " + failure, failure);
        } finally {
            if (!complete) {
                control.close();
                data.close();
            }
        }
    }

    /// Connects to the first control socket there is. A port may have a socket of its own, named like it.
    private static Path connect(Fd control, VdeNetwork network) throws IOException {
        LinuxException refusal = null;
        for (String directory : network.directories()) {
            for (String name : network.port().isEmpty() ? new String[] {CTL} : new String[] {network.port(), CTL}) {
                Path path = Path.of(directory, name);
                try {
                    Sockets.connect(control, SocketAddress.ofPath(path.toString()));
                } catch (LinuxException failure) {
                    refusal = failure;
                    continue;
                }
                if (name.equals(CTL) && !network.port().isEmpty() && !network.hasPortNumber()) {
                    throw new IOException("vde: port=" + network.port() + " is no number, and " + directory
                            + " has no socket of that name");
                }
                return path;
            }
        }
        throw refusal.is(Errno.EAGAIN) ? noAnswer(refusal.call()) : refusal;
    }

    /// Binds the data socket beside the switch's, or else where everybody may write.
    private static SocketAddress bind(Fd data, Path directory) throws LinuxException {
        LinuxException first = null;
        for (String prefix : List.of(directory + "/.", "/var/run/vde.", "/var/tmp/vde.", "/tmp/vde.")) {
            for (int count = 0; count < MAX_NAMES; count++) {
                String name = "%s%05d-%05d".formatted(prefix, ProcessHandle.current().pid(), count);
                try {
                    SocketAddress own = SocketAddress.ofPath(name);
                    Sockets.bind(data, own);
                    return own;
                } catch (LinuxException refusal) {
                    first = first == null ? refusal : first;
                    if (!refusal.is(Errno.EADDRINUSE)) {
                        break;
                    }
                }
            }
        }
        throw first;
    }

    /// Lets the switch write to our socket. Where nobody said how, a switch of another user is reached through the
    /// group of its control socket, or if that cannot be, by letting everybody write until the handshake is over.
    private static void grantAccess(Path own, Path ctl, VdeNetwork network) throws IOException {
        int mode = network.mode();
        if (!network.group().isEmpty()) {
            changeGroup(own, network.group());
        } else if ((mode & GROUP_AND_OTHERS) == 0 && !isOursOrRoots(ctl)) {
            try {
                Files.setAttribute(own, "unix:gid", Files.getAttribute(ctl, "unix:gid"));
                mode |= 070;
            } catch (FileSystemException notAMember) {
                mode |= GROUP_AND_OTHERS;
            }
        }
        Files.setAttribute(own, "unix:mode", mode);
    }

    private static boolean isOursOrRoots(Path ctl) throws IOException {
        int owner = (int) Files.getAttribute(ctl, "unix:uid");
        return owner == OwnProcess.userId() || owner == 0;
    }

    private static void changeGroup(Path own, String name) throws IOException {
        try {
            GroupPrincipal group = own.getFileSystem().getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(name);
            Files.getFileAttributeView(own, PosixFileAttributeView.class).setGroup(group);
        } catch (UserPrincipalNotFoundException unknown) {
            throw new IOException("vde: no such group " + name, unknown);
        }
    }

    /// Sends the request and waits for the address of the switch's data socket. Who is refused is not told why.
    private static SocketAddress ask(Fd control, Path ctl, VdeRequest request) throws IOException {
        int sent = Sockets.send(control, request.emit());
        byte[] reply = new byte[SocketAddress.UNIX_LENGTH];
        int length = sent < 0 ? sent : Sockets.receive(control, reply);
        if (length == -Errno.EAGAIN.number()) {
            throw noAnswer(ctl.toString());
        }
        if (length != reply.length) {
            throw new IOException("vde: " + ctl + " refused the plug" + switch (request.port()) {
                case 0 -> " (without a reason; is a port free?)";
                case VdeRequest.PORT_ZERO -> port(0);
                default -> port(request.port());
            });
        }
        return SocketAddress.ofBytes(reply);
    }

    private static String port(int number) {
        return " port=" + number + " (without a reason; is there such a port, and is it free for us?)";
    }

    /// The complaint about a switch that does not answer.
    static IOException noAnswer(String from) {
        return new IOException("vde: " + from + ": no answer within " + TIMEOUT_MS + " ms");
    }

    /// Gives the switch's socket file our mode, if it is ours.
    private static void restrict(Path theirs, int mode) throws IOException {
        if (Files.exists(theirs) && (int) Files.getAttribute(theirs, "unix:uid") == OwnProcess.userId()) {
            Files.setAttribute(theirs, "unix:mode", mode);
        }
    }
}
