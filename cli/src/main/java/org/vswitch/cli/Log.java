package org.vswitch.cli;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
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
    private final AtomicLong lost = new AtomicLong();
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

    /// RFC 3164 as syslog(3) writes it. A machine without syslog, or whose syslog is behind, does not get the line; the
    /// next line that gets through says how many were lost.
    private void toSyslog(String line) {
        String time = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT).format(LocalDateTime.now());
        long pid = ProcessHandle.current().pid();
        long before = lost.getAndSet(0);
        String message = "<" + PRIORITY + ">" + time + " " + program + "[" + pid + "]: " + line
                + (before == 0 ? "" : " (" + before + " lines before it were lost)");
        try (Fd socket = Sockets.open(Sockets.Type.DATAGRAM, true)) {
            Sockets.connect(socket, SocketAddress.ofPath(SYSLOG));
            if (Sockets.send(socket, message.getBytes(StandardCharsets.UTF_8)) < 0) {
                lost.addAndGet(before + 1);
            }
        } catch (LinuxException nobodyListens) {
            lost.addAndGet(before + 1);
        }
    }
}
