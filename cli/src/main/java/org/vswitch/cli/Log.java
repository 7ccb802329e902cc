package org.vswitch.cli;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;

/// Where a command tells people what happens: standard error or, once it is a daemon, syslog. Callable from any thread.
final class Log {
    private static final String SYSLOG = "/dev/log";
    /// `LOG_DAEMON | LOG_INFO` of syslog.h.
    private static final int PRIORITY = 3 << 3 | 6;

    private final String program;
    private volatile boolean daemon;

    /// A log on standard error.
    ///
    /// @param program stands before each line
    Log(String program) {
        this.program = program;
    }

    /// From now on, tells syslog.
    void daemon() {
        daemon = true;
    }

    /// Tells a line.
    ///
    /// @param line without time and program
    void line(String line) {
        if (daemon) {
            toSyslog(line);
        } else {
            System.err.println(program + ": " + line);
        }
    }

    /// RFC 3164 as syslog(3) writes it. A machine without syslog, or whose syslog is behind, does not get the line.
    private void toSyslog(String line) {
        String time = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT).format(LocalDateTime.now());
        String message = "<" + PRIORITY + ">" + time + " " + program + "[" + ProcessHandle.current().pid() + "]: " + line;
        try (Fd socket = Sockets.open(Sockets.Type.DATAGRAM, true)) {
            Sockets.connect(socket, SocketAddress.ofPath(SYSLOG));
            Sockets.send(socket, message.getBytes(StandardCharsets.UTF_8));
        } catch (LinuxException nobodyListens) {
            // a daemon has nowhere else to say so
        }
    }
}
