package org.vswitch.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/// The terminal that controls this process, and which of its process groups may read from it (credentials(7)).
///
/// @param group of this process
/// @param controls whether there is a terminal
/// @param foreground the group that may read; below 0 without a terminal
public record Terminal(int group, boolean controls, int foreground) {
    private static final String PATH = "/dev/tty";
    private static final int SIGTTOU = 22;
    private static final int SIG_IGN = 1;
    private static final long TIOCSPGRP = 0x5410;
    /// Behind the name, which is in brackets: state, parent, group, session, terminal, group in the foreground.
    private static final int GROUP = 2;
    private static final int NUMBER = 4;
    private static final int FOREGROUND = 5;

    /// The terminal as it is now.
    ///
    /// @return none if /proc is not there to tell
    public static Terminal now() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return new Terminal(Integer.parseInt(fields[GROUP]), !fields[NUMBER].equals("0"),
                    Integer.parseInt(fields[FOREGROUND]));
        } catch (IOException unknown) {
            return new Terminal(0, false, -1);
        }
    }

    /// Lets the group of this process read again, if it could at the time of this and another has been let since. The
    /// process no longer stops for that it writes from the background.
    public void takeBack() {
        if (!controls || foreground != group || now().foreground == group) {
            return;
        }
        LibC.signal(SIGTTOU, SIG_IGN);
        try (Arena arena = Arena.ofConfined()) {
            int opened = LibC.open(arena.allocateFrom(PATH).address(), Constants.O_RDWR | Constants.O_CLOEXEC, 0);
            if (opened >= 0) {
                MemorySegment wanted = arena.allocateFrom(ValueLayout.JAVA_INT, group);
                try (Fd terminal = new Fd(opened)) {
                    LibC.ioctl(terminal.number(), TIOCSPGRP, wanted.address()); // nobody to tell, if it is refused
                }
            }
        }
    }
}
