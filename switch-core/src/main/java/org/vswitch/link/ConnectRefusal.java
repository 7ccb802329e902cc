package org.vswitch.link;

import java.util.EnumSet;
import java.util.Set;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;

/// Why nobody could be connected to.
///
/// @param isAbsence whether it is only that nobody is there, which is no mistake and may be over at any time
/// @param text for people, to stand behind the name of the place
public record ConnectRefusal(boolean isAbsence, String text) {
    /// What is said of a place where nobody is.
    public static final String NOBODY = "nobody listens there yet";
    private static final Set<Errno> NOBODYS =
            EnumSet.of(Errno.ENOENT, Errno.ECONNREFUSED, Errno.ECONNRESET);
    private static final Set<Errno> SILENCE = EnumSet.of(Errno.EAGAIN, Errno.EINPROGRESS, Errno.ETIMEDOUT,
            Errno.EHOSTUNREACH, Errno.ENETUNREACH);

    /// Puts it into words. The kernel refuses a connection to a plain file as it does one to a socket behind which
    /// nobody lives, so the place is looked at.
    ///
    /// @param refusal the kernel's
    /// @param path the place
    /// @return what to tell, the same for the same reason
    public static ConnectRefusal of(LinuxException refusal, String path) {
        try {
            return of(refusal, SocketAddress.ofPath(path));
        } catch (LinuxException tooLong) {
            return new ConnectRefusal(false, tooLong.getMessage());
        }
    }

    /// The same of any place.
    static ConnectRefusal of(LinuxException refusal, SocketAddress address) {
        if (SILENCE.stream().anyMatch(refusal::is)) {
            return new ConnectRefusal(true, "no answer yet");
        }
        if (NOBODYS.stream().noneMatch(refusal::is)) {
            return new ConnectRefusal(false, "cannot be connected to: " + Errno.text(refusal.errno()));
        }
        if (refusal.is(Errno.ECONNREFUSED) && address.family() == SocketAddress.UNIX_FAMILY) {
            try {
                return SocketFile.otherThanSocket(address).map(other -> new ConnectRefusal(false, "it is " + other))
                        .orElse(new ConnectRefusal(true, NOBODY));
            } catch (LinuxException gone) {
                return new ConnectRefusal(true, NOBODY);
            }
        }
        return new ConnectRefusal(true, NOBODY);
    }
}
