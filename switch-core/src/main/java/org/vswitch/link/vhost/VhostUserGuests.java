package org.vswitch.link.vhost;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkScheme;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;

/// `vhost-user://PATH[guests=N]`: a socket for many guests. Each connection gets a [VhostUserPort] of its own, with a
/// link and a thread, until it ends.
///
/// Theory of operation. A daemon thread sleeps until somebody connects. It alone uses the list of guests; those who
/// have left it finds out before it takes the next. One beyond the limit, or for whom the switch has no port, is
/// refused by closing, so that it does not wait for an answer that never comes. When connections ended and no guest
/// came of them, the next waits a moment, longer and longer up to half a second: who can do nothing but fail keeps
/// neither a processor busy nor fills the log.
final class VhostUserGuests implements LinkScheme.Attachment {
    private static final int WAITING = 0;
    private static final int STOP = 1;
    private static final int FIRST_PAUSE_MS = 10;
    private static final int LONGEST_PAUSE_MS = 500;

    private final VhostUserOptions options;
    private final LinkHost host;
    private final VhostListener listener;
    private final Epoll epoll;
    private final EventFd stop;
    private final List<VhostUserPort> guests = new ArrayList<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private int pauseMs = FIRST_PAUSE_MS;
    private String told = "";

    private VhostUserGuests(VhostUserOptions options, LinkHost host, VhostListener listener, Epoll epoll,
            EventFd stop) {
        this.options = options;
        this.host = host;
        this.listener = listener;
        this.epoll = epoll;
        this.stop = stop;
    }

    /// Begins to listen.
    ///
    /// @param options what the URL says
    /// @param host takes the links
    /// @return to be closed
    /// @throws IOException with one line about what is refused
    static VhostUserGuests open(VhostUserOptions options, LinkHost host) throws IOException {
        VhostListener listener = VhostUserPort.listen(options);
        Epoll epoll = null;
        EventFd stop = null;
        try {
            epoll = new Epoll(2);
            stop = new EventFd();
            epoll.add(listener.fd().number(), Epoll.READABLE, WAITING);
            epoll.add(stop.fd(), Epoll.READABLE, STOP);
        } catch (LinuxException refusal) {
            listener.close();
            if (epoll != null) {
                epoll.close();
            }
            if (stop != null) {
                stop.close();
            }
            throw refusal;
        }
        VhostUserGuests opened = new VhostUserGuests(options, host, listener, epoll, stop);
        Thread.ofPlatform().daemon().name("vhost-user").start(opened::run);
        return opened;
    }

    /// Returns when all links are closed and the socket has gone.
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            ended.join();
            return;
        }
        stop.signal();
        ended.join();
        stop.close(); // not by the thread, since it might end before the signal
    }

    private void run() {
        try {
            boolean resting = false;
            while (!closed.get()) {
                epoll.await(resting ? pauseMs : -1);
                boolean rested = resting;
                resting = !closed.get() && !accept(rested);
                if (resting != rested) {
                    epoll.modify(listener.fd().number(), resting ? 0 : Epoll.READABLE, WAITING);
                }
            }
        } finally {
            listener.close();
            guests.forEach(VhostUserPort::close);
            epoll.close();
            ended.complete(null);
        }
    }

    /// Takes the next, one at a time, so that each has to wait for a pause that is due.
    ///
    /// @param rested whether there was a pause
    /// @return false if there is to be one
    private boolean accept(boolean rested) {
        if (!rested && hasFailed()) {
            return false;
        }
        int number = Sockets.accept(listener.fd());
        if (number >= 0) {
            take(new Fd(number));
        } else if (number != -Errno.EAGAIN.number() && number != -Errno.EINTR.number()) {
            tell("accept: " + Errno.text(-number));
            return false;
        }
        return true;
    }

    /// Whether connections have ended of which no guest came.
    private boolean hasFailed() {
        int before = guests.size();
        boolean failed = guests.stream().anyMatch(guest -> guest.hasEnded() && !guest.hasServed());
        guests.removeIf(VhostUserPort::hasEnded);
        if (failed) {
            pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
        } else if (guests.size() < before) {
            pauseMs = FIRST_PAUSE_MS;
        }
        return failed;
    }

    private void take(Fd connection) {
        if (guests.stream().filter(VhostUserPort::isOpen).count() >= options.guests()) {
            connection.close();
            tell("more than guests=" + options.guests());
            return;
        }
        try {
            guests.add(VhostUserPort.over(connection, options, host));
            told = "";
        } catch (IOException refusal) {
            tell(refusal.getMessage());
        }
    }

    private void tell(String trouble) {
        if (!trouble.equals(told)) {
            told = trouble;
            host.log("vhost-user: " + options.path() + ": " + trouble);
        }
    }
}
