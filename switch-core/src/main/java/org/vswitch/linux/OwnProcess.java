package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What the kernel knows about this process and Java does not say.
public final class OwnProcess {
    private static final int RLIMIT_NOFILE = 7;

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
