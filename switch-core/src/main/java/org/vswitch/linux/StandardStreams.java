package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/// The three descriptors that a process is born with, and those its parent adds.
public final class StandardStreams {
    private static final int LAST = 2;

    private StandardStreams() {
    }

    /// Moves descriptors 0 to 2 to /dev/null and the process to `/`, so that it keeps no terminal and no file system
    /// busy.
    ///
    /// @throws LinuxException if there is no /dev/null
    public static void leave() throws LinuxException {
        try (Arena arena = Arena.ofConfined();
                Fd nowhere = new Fd(LinuxException.check(
                        LibC.open(arena.allocateFrom("/dev/null").address(), Constants.O_RDWR | Constants.O_CLOEXEC, 0),
                        "open /dev/null"))) {
            LinuxException.check(LibC.chdir(arena.allocateFrom("/").address()), "chdir /");
            for (int descriptor = 0; descriptor <= LAST; descriptor++) {
                LinuxException.check(LibC.dup2(nowhere.number(), descriptor), "dup2 " + descriptor);
            }
        }
    }

    /// Says something on a descriptor that the parent opened, and closes it. Trouble is passed over: the parent has
    /// gone.
    ///
    /// @param descriptor a number above 2
    /// @param text said at once
    public static void answer(int descriptor, String text) {
        try (Arena arena = Arena.ofConfined(); Fd parent = new Fd(descriptor)) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            LibC.write(parent.number(), buffer.address(), bytes.length);
        }
    }
}
