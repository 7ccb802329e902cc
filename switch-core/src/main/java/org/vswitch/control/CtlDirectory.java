package org.vswitch.control;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FileEntry;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// The directory that is a switch to its clients, and the listening sockets in it: `ctl`, which is VDE's, and `shm` for
/// our own clients, who share memory with the switch.
///
/// Whoever may write to the directory may replace what is in it; so nothing here follows symbolic links, and nothing is
/// believed of it but that nobody listens on a socket. Used by the thread that starts the switch, then by the control
/// thread.
public final class CtlDirectory {
    private static final int LISTEN_BACKLOG = 128;
    private static final int STICKY = 01000;
    /// `/NNNN.FFFFFFF`: a port number of four digits, a descriptor of seven.
    private static final int MEMBER_LENGTH = 13;
    /// The longest resolved name: every data socket's name must fit in a `sockaddr_un`.
    private static final int MAX_LENGTH = SocketAddress.PATH_LENGTH - 1 - MEMBER_LENGTH;

    private static final Pattern DATA_SOCKET = Pattern.compile("\\d{3,4}\\.\\d{1,7}");
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;

    private static final String CTL = "ctl";
    private static final String SHARED = "shm";

    private final CtlSettings settings;
    private final Fd listener;
    private final Fd sharing;

    private CtlDirectory(CtlSettings settings, Fd listener, Fd sharing) {
        this.settings = settings;
        this.listener = listener;
        this.sharing = sharing;
    }

    /// Creates the directory, unless there is one, and listens in it. What a killed switch left there goes: its sockets
    /// `ctl` and `shm`, and the data sockets of its endpoints.
    ///
    /// @param wanted where, and who may plug in
    /// @return a directory whose sockets take connections
    /// @throws StartException if that is not possible; then nothing is left behind
    public static CtlDirectory claim(CtlSettings wanted) throws StartException {
        checkLength(wanted.directory());
        boolean created = create(wanted);
        try {
            CtlSettings resolved = wanted.in(resolve(wanted.directory()));
            checkLength(resolved.directory());
            permit(resolved, created);
            CtlDirectory claimed = listen(resolved);
            if (!created) {
                claimed.sweep();
            }
            return claimed;
        } catch (StartException refused) {
            if (created) {
                withdraw(wanted.directory());
            }
            throw refused;
        }
    }

    /// The settings, with the directory resolved.
    ///
    /// @return as in force
    public CtlSettings settings() {
        return settings;
    }

    /// The listening socket, to be given to an event loop.
    ///
    /// @return owned by the directory until released
    Fd listener() {
        return listener;
    }

    /// The socket of clients who share memory, likewise.
    ///
    /// @return owned by the directory until released
    Fd sharing() {
        return sharing;
    }

    /// The name of the data socket of an endpoint.
    ///
    /// @param port its port
    /// @param descriptor number of the socket
    /// @return a path that fits in an address
    String dataSocket(int port, int descriptor) {
        return settings.directory() + "/%03d.%d".formatted(port, descriptor);
    }

    /// Removes sockets and directory. What others left in it stays, and is reported.
    ///
    /// @param log gets what could not be removed
    public void remove(Consumer<String> log) {
        sharing.close();
        remove(SHARED, log);
        listener.close();
        remove(CTL, log);
        try {
            FileEntry.removeDirectory(settings.directory());
        } catch (LinuxException refused) {
            log.accept("Could not remove ctl dir '" + settings.directory() + "': " + Errno.text(refused.errno()));
        }
    }

    private void remove(String name, Consumer<String> log) {
        String path = settings.directory() + "/" + name;
        try {
            FileEntry.remove(path);
        } catch (LinuxException gone) {
            if (!gone.is(Errno.ENOENT)) {
                log.accept("Could not remove " + name + " socket '" + path + "': " + Errno.text(gone.errno()));
            }
        }
    }

    /// Removes the data sockets of nobody; nobody else makes such sockets while we have `ctl`.
    private void sweep() {
        for (String path : dataSockets(settings.directory())) {
            if (isLeft(path)) {
                FileEntry.discard(path);
            }
        }
    }

    /// Empty also where they cannot be listed: what stays is reported at the end.
    private static List<String> dataSockets(String directory) {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(directory), CtlDirectory::isDataSocket)) {
            entries.forEach(entry -> found.add(entry.toString()));
            return found;
        } catch (IOException | DirectoryIteratorException | InvalidPathException unlisted) {
            return List.of();
        }
    }

    private static boolean isDataSocket(Path entry) throws IOException {
        return DATA_SOCKET.matcher(entry.getFileName().toString()).matches()
                && ((int) Files.getAttribute(entry, "unix:mode", LinkOption.NOFOLLOW_LINKS) & S_IFMT) == S_IFSOCK;
    }

    private static boolean isLeft(String path) {
        try {
            return !isAlive(SocketAddress.ofPath(path));
        } catch (LinuxException unknown) {
            return false;
        }
    }

    private static boolean create(CtlSettings wanted) throws StartException {
        try {
            FileEntry.makeDirectory(wanted.directory(), wanted.directoryMode() & 0777);
            return true;
        } catch (LinuxException failure) {
            if (failure.is(Errno.EEXIST)) {
                return false;
            }
            throw refusal("Cannot create ctl directory '" + wanted.directory() + "'", failure);
        }
    }

    private static String resolve(String directory) throws StartException {
        try {
            return FileEntry.resolve(directory);
        } catch (LinuxException failure) {
            throw refusal("Could not resolve ctl dir path '" + directory + "'", failure);
        }
    }

    private static void permit(CtlSettings resolved, boolean created) throws StartException {
        String directory = resolved.directory();
        try {
            if (!created) {
                checkOurs(directory);
            }
            FileEntry.permit(directory, resolved.directoryMode(), FileEntry.UNCHANGED, resolved.sockets().group());
        } catch (LinuxException failure) {
            throw refusal("Could not set the VDE ctl directory '" + directory + "' permissions", failure);
        }
    }

    /// An existing directory gets our modes; that must not happen to one that others rely on.
    private static void checkOurs(String directory) throws LinuxException, StartException {
        FileEntry.Status status = FileEntry.status(directory);
        int self = OwnProcess.userId();
        if (!status.isDirectory()) {
            throw refusal("Could not bind to socket '" + directory + "/" + CTL + "'",
                    new LinuxException("bind", Errno.ENOTDIR.number()));
        }
        if (self != 0 && status.uid() != self) {
            throw new StartException(StartException.Kind.DIRECTORY, "Cannot use ctl directory '" + directory
                    + "': it belongs to user " + Integer.toUnsignedString(status.uid()));
        }
        if ((status.mode() & STICKY) != 0) {
            throw new StartException(StartException.Kind.DIRECTORY, "Cannot use ctl directory '" + directory
                    + "': it is shared (mode " + Integer.toOctalString(status.mode() & 07777) + ")");
        }
    }

    private static CtlDirectory listen(CtlSettings settings) throws StartException {
        Fd ctl = listen(settings, CTL);
        try {
            return new CtlDirectory(settings, ctl, listen(settings, SHARED));
        } catch (StartException refused) {
            ctl.close();
            FileEntry.discard(settings.directory() + "/" + CTL);
            throw refused;
        }
    }

    private static Fd listen(CtlSettings settings, String name) throws StartException {
        String path = settings.directory() + "/" + name;
        try {
            SocketAddress address = SocketAddress.ofPath(path);
            Fd socket = Sockets.open(Sockets.Type.STREAM, true);
            boolean bound = false;
            try {
                bind(socket, address, path);
                bound = true;
                FileEntry.permit(path, settings.sockets().mode(), FileEntry.UNCHANGED, settings.sockets().group());
                Sockets.listen(socket, LISTEN_BACKLOG);
                return socket;
            } catch (LinuxException failure) {
                socket.close();
                if (bound) {
                    FileEntry.remove(path);
                }
                throw failure;
            }
        } catch (LinuxException failure) {
            throw refusal("Could not bind to socket '" + path + "'", failure);
        }
    }

    /// Whether anybody still lives behind an existing socket shows when somebody tries to connect.
    private static void bind(Fd socket, SocketAddress address, String path) throws LinuxException {
        try {
            Sockets.bind(socket, address);
        } catch (LinuxException failure) {
            if (!failure.is(Errno.EADDRINUSE) || isAlive(address)) {
                throw failure;
            }
            FileEntry.remove(path);
            Sockets.bind(socket, address);
        }
    }

    private static boolean isAlive(SocketAddress address) throws LinuxException {
        try (Fd probe = Sockets.open(Sockets.Type.STREAM, true)) {
            Sockets.connect(probe, address);
            return true;
        } catch (LinuxException failure) {
            return !failure.is(Errno.ECONNREFUSED);
        }
    }

    private static void withdraw(String directory) throws StartException {
        try {
            FileEntry.removeDirectory(directory);
        } catch (LinuxException failure) {
            throw refusal("Could not remove ctl dir '" + directory + "'", failure);
        }
    }

    private static void checkLength(String directory) throws StartException {
        int length = directory.getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_LENGTH) {
            throw new StartException(StartException.Kind.DIRECTORY, "ctl directory name too long: '" + directory + "' ("
                    + length + " bytes, at most " + MAX_LENGTH + ")");
        }
    }

    private static StartException refusal(String what, LinuxException failure) {
        return new StartException(failure.is(Errno.EADDRINUSE)
                ? StartException.Kind.ADDRESS_IN_USE : StartException.Kind.DIRECTORY,
                what + ": " + Errno.text(failure.errno()));
    }
}
