package org.vswitch.link;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.FileEntry;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// A socket in the file system that others send or connect to, and who may. As with the control socket, nothing follows
/// symbolic links, and one that a killed program left is replaced only if nobody answers there.
///
/// @param scheme for messages
/// @param path where it is
/// @param mode permission bits
/// @param group the group that may use it, or empty to leave it as it is created
public record SocketFile(String scheme, String path, int mode, String group) {
    private static final int DEFAULT_MODE = 0600;
    private static final int MAX_MODE = 0777;

    /// Reads `mode=` and `group=`.
    ///
    /// @param scheme for messages
    /// @param path where the socket is to be
    /// @param options of the URL
    /// @return nothing has been done with it
    /// @throws IOException with one line that names the value at fault
    public static SocketFile parse(String scheme, String path, LinkOptions options) throws IOException {
        String mode = options.value("mode").orElse(Integer.toOctalString(DEFAULT_MODE));
        if (mode.isEmpty() || mode.length() > 4 || !mode.chars().allMatch(c -> c >= '0' && c <= '7')
                || Integer.parseInt(mode, 8) > MAX_MODE) {
            throw options.unfit("mode", "octal, at most " + Integer.toOctalString(MAX_MODE));
        }
        String group = options.value("group").orElse("");
        if (group.isEmpty() && options.value("group").isPresent()) {
            throw options.unfit("group", "the name of a group");
        }
        return new SocketFile(scheme, path, Integer.parseInt(mode, 8), group);
    }

    /// Gives a socket this name and these permissions.
    ///
    /// @param socket neither bound nor listening
    /// @param type its type
    /// @throws IOException with what is there already, or if it cannot have them; then there is no such file
    public void bind(Fd socket, Sockets.Type type) throws IOException {
        SocketAddress address = SocketAddress.ofPath(path);
        try {
            Sockets.bind(socket, address);
        } catch (LinuxException taken) {
            if (!taken.is(Errno.EADDRINUSE)) {
                throw taken;
            }
            Optional<String> obstacle = obstacle(address, type);
            if (obstacle.isPresent()) {
                throw new IOException(path + " is " + obstacle.get(), taken);
            }
            FileEntry.remove(path);
            Sockets.bind(socket, address);
        }
        boolean permitted = false;
        try {
            permit();
            permitted = true;
        } finally {
            if (!permitted) {
                remove();
            }
        }
    }

    /// Removes the name.
    public void remove() {
        FileEntry.discard(path); // whoever may write to the directory may have done it already
    }

    private void permit() throws IOException {
        if (!group.isEmpty()) {
            try {
                GroupPrincipal principal = Path.of(path).getFileSystem().getUserPrincipalLookupService()
                        .lookupPrincipalByGroupName(group);
                Files.getFileAttributeView(Path.of(path), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setGroup(principal);
            } catch (UserPrincipalNotFoundException unknown) {
                throw new IOException("no such group " + group, unknown);
            }
        }
        FileEntry.permit(path, mode, FileEntry.UNCHANGED, FileEntry.UNCHANGED);
    }

    /// What stands where a socket should, in words.
    ///
    /// @return for example `a directory, and no socket`; empty if it is a socket
    /// @throws LinuxException ENOENT and others
    static Optional<String> otherThanSocket(SocketAddress address) throws LinuxException {
        FileEntry.Status there = FileEntry.status(address);
        if (there.isSocket()) {
            return Optional.empty();
        }
        return Optional.of((there.isDirectory() ? "a directory" : "a file") + ", and no socket");
    }

    /// What is in the way: anything but a socket behind which nobody lives, which shows when somebody tries to connect.
    private Optional<String> obstacle(SocketAddress address, Sockets.Type type) throws LinuxException {
        Optional<String> other = otherThanSocket(address);
        if (other.isPresent()) {
            return other;
        }
        try (Fd probe = Sockets.open(type, true)) {
            Sockets.connect(probe, address);
        } catch (LinuxException failure) {
            if (failure.is(Errno.ECONNREFUSED)) {
                return Optional.empty();
            }
            if (failure.is(Errno.EPROTOTYPE) || failure.is(Errno.EACCES)) {
                return Optional.of(failure.is(Errno.EACCES) ? "a socket of somebody else"
                        : "another kind of socket, which somebody has");
            }
        }
        return Optional.of(type == Sockets.Type.DATAGRAM ? "a socket that somebody has already"
                : "a socket at which somebody listens already (to connect there: " + scheme + "://" + path
                        + "[client])");
    }
}
