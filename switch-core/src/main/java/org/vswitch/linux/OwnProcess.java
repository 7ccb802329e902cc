package org.vswitch.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// What the kernel knows about this process and Java does not say.
public final class OwnProcess {
    private static final int RLIMIT_NOFILE = 7;
    private static final String EFFECTIVE = "CapEff:";
    private static final long CAP_NET_ADMIN = 1L << 12;
    private static final long CAP_SYS_ADMIN = 1L << 21;

    private OwnProcess() {
    }

    /// The user whose rights this process has.
    ///
    /// @return the effective user id; 0 for root
    public static int userId() {
        return LibC.geteuid();
    }

    /// The group whose rights this process has.
    ///
    /// @return the effective group id
    public static int groupId() {
        return LibC.getegid();
    }

    /// Whether this process may make interfaces and enter network namespaces: CAP_NET_ADMIN and CAP_SYS_ADMIN.
    ///
    /// @return false if it lacks one, or /proc is not there to tell
    public static boolean mayEnterNetworks() {
        return isCapableOf(CAP_NET_ADMIN | CAP_SYS_ADMIN);
    }

    /// Whether this process may make interfaces: CAP_NET_ADMIN.
    ///
    /// @return false if it lacks it, or /proc is not there to tell
    public static boolean mayMakeInterfaces() {
        return isCapableOf(CAP_NET_ADMIN);
    }

    private static boolean isCapableOf(long wanted) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(EFFECTIVE)).anyMatch(line -> wanted
                    == (Long.parseUnsignedLong(line.substring(EFFECTIVE.length()).strip(), 16) & wanted));
        } catch (IOException | UncheckedIOException missing) {
            return false;
        }
    }

    /// How many descriptors this process may have open.
    ///
    /// @return numbers are below it
    public static int descriptorLimit() {
        try (Arena arena = Arena.ofConfined()) {
            // struct rlimit { rlim_t rlim_cur, rlim_max; }
            MemorySegment limits = arena.allocate(16, 8);
            LibC.getrlimit(RLIMIT_NOFILE, limits.address());
            long soft = limits.get(ValueLayout.JAVA_LONG, 0);
            return soft < 0 ? Integer.MAX_VALUE : (int) Math.min(Integer.MAX_VALUE, soft);
        }
    }
}
