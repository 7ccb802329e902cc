package org.vswitch.link;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;

/// A socket that guests connect to: each connection becomes a link of its own, until it ends.
///
/// Theory of operation. A daemon thread sleeps until somebody connects. It alone uses the sockets and the list of
/// guests; those who have left it finds out before it takes the next. A guest beyond the limit, or for whom there is no
/// port, is refused by closing. Without a descriptor to accept with, the listener rests for a moment. What goes wrong
/// again and again is told once.
final class SocketListener implements LinkScheme.Attachment {
    private static final int WAITING = 0;
    private static final int STOP = 1;
    private static final int REST_MS = 250;

    private final SocketPlan plan;
    private final LinkHost host;
    private final Fd listener;
    private final Epoll epoll;
    private final EventFd stop;
    private final List<Guest> guests = new ArrayList<>();
    private final AtomicBoolean complained = new AtomicBoolean();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private String told = "";

    private SocketListener(SocketPlan plan, LinkHost host, Fd listener, Epoll epoll, EventFd stop) {
        this.plan = plan;
        this.host = host;
        this.listener = listener;
        this.epoll = epoll;
        this.stop = stop;
    }

    /// Listens.
    ///
    /// @param plan where, and for how many
    /// @param host takes the links
    /// @throws IOException with one line that says what is refused
    static SocketListener open(SocketPlan plan, LinkHost host) throws IOException {
        Fd socket = plan.listen();
        Epoll epoll = null;
        EventFd stop = null;
        try {
            epoll = new Epoll(2);
            stop = new EventFd();
            epoll.add(socket.number(), Epoll.READABLE, WAITING);
            epoll.add(stop.fd(), Epoll.READABLE, STOP);
        } catch (LinuxException refusal) {
            socket.close();
            plan.withdraw();
            if (epoll != null) {
                epoll.close();
            }
            if (stop != null) {
                stop.close();
            }
            throw refusal;
        }
        SocketListener opened = new SocketListener(plan, host, socket, epoll, stop);
        Thread.ofPlatform().daemon().name("listen-" + socket.number()).start(opened::run);
        return opened;
    }

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

    /// A connection in use.
    private final class Guest {
        private final PeerLink link;
        private final LinkLabel label;
        private long attachment;
        private volatile boolean hasLeft;

        Guest(PeerLink link, LinkLabel label) {
            this.link = link;
            this.label = label;
        }

        /// On the control side.
        void leave() {
            hasLeft = true;
            link.complaint().ifPresent(what -> {
                if (!complained.getAndSet(true)) {
                    host.log(label.module() + ": " + label.description() + " " + what + ", and is unplugged");
                }
            });
        }
    }

    private void run() {
        try {
            boolean resting = false;
            while (!closed.get()) {
                epoll.await(resting ? REST_MS : -1);
                boolean rested = resting;
                resting = !closed.get() && !acceptAll();
                if (resting != rested) {
                    epoll.modify(listener.number(), resting ? 0 : Epoll.READABLE, WAITING);
                }
            }
        } finally {
            listener.close();
            plan.withdraw();
            guests.forEach(guest -> host.detach(guest.attachment));
            epoll.close();
            ended.complete(null);
        }
    }

    /// Takes all connections that wait.
    ///
    /// @return false if there is something in the way
    private boolean acceptAll() {
        while (!closed.get()) {
            int number = Sockets.accept(listener);
            if (number >= 0) {
                take(new Fd(number));
            } else if (number == -Errno.EAGAIN.number()) {
                return true;
            } else if (number != -Errno.EINTR.number()) {
                tell("accept: " + Errno.text(-number));
                return false;
            }
        }
        return true;
    }

    private void take(Fd socket) {
        guests.removeIf(guest -> guest.hasLeft);
        if (guests.size() >= plan.guests()) {
            socket.close();
            tell("more than guests=" + plan.guests());
            return;
        }
        try {
            LinkLabel label = plan.label(socket);
            Guest guest = new Guest(plan.link(socket), label);
            try {
                guest.attachment = host.attach(guest.link, label, guest::leave);
            } catch (IOException refusal) {
                guest.link.close();
                throw refusal;
            }
            guests.add(guest);
            told = "";
        } catch (IOException refusal) {
            tell(refusal.getMessage());
        }
    }

    private void tell(String trouble) {
        if (!trouble.equals(told)) {
            told = trouble;
            host.log(plan + ": " + trouble);
        }
    }
}
