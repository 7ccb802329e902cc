package org.vswitch.link;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.Sockets;

/// A socket that guests connect to: each connection becomes a guest of its own, until it ends.
///
/// Theory of operation. A daemon thread sleeps until somebody connects. It alone uses the socket and the list of
/// guests; those who have left it finds out before it takes the next. One beyond the limit, or for whom there is no
/// port, is refused by closing, so that it does not wait for an answer that never comes. When guests ended by what they
/// did wrong, or there is no descriptor to accept with, the next waits a moment, longer and longer up to half a second:
/// who can do nothing but fail keeps neither a processor busy nor fills the log. What goes wrong again and again is
/// told once.
public final class SocketListener implements LinkScheme.Attachment {
    private static final int WAITING = 0;
    private static final int STOP = 1;
    private static final int NO_REST = -1;
    private static final int FIRST_REST_MS = 20;
    private static final int LONGEST_REST_MS = 500;

    private final ListeningSocket listening;
    private final int limit;
    private final Guests makes;
    private final Consumer<String> log;
    private final Epoll epoll;
    private final EventFd stop;
    private final List<Guest> guests = new ArrayList<>();
    private final RetryPause restMs = new RetryPause(FIRST_REST_MS, LONGEST_REST_MS);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private String told = "";

    /// Where guests come from.
    ///
    /// @param socket closed with the listener, and also if it cannot be used
    /// @param limit the most guests at a time
    /// @param log takes lines about trouble, with the name of the place in front
    public record Place(ListeningSocket socket, int limit, Consumer<String> log) {
    }

    /// Makes guests of connections.
    public interface Guests {
        /// Takes a connection into use.
        ///
        /// @param connection non-blocking if it is a Unix one; the guest's from now on, also if this fails
        /// @return in use
        /// @throws IOException with one line about why it cannot be used
        Guest over(Fd connection) throws IOException;
    }

    /// A connection in use. All is asked by the thread of the listener.
    public interface Guest extends AutoCloseable {
        /// Whether it still takes one of the places.
        ///
        /// @return false from when it is about to end
        boolean isOpen();

        /// Whether nothing of it is left.
        ///
        /// @return true for good
        boolean hasEnded();

        /// Whether it ended by what it did wrong; to be asked once it has ended.
        ///
        /// @return false if it was of some use
        boolean hasFailed();

        /// Ends it, and waits until nothing of it is left.
        @Override
        void close();
    }

    private SocketListener(Place place, Guests makes, Epoll epoll, EventFd stop) {
        this.listening = place.socket;
        this.limit = place.limit;
        this.log = place.log;
        this.makes = makes;
        this.epoll = epoll;
        this.stop = stop;
    }

    /// Begins to take guests.
    ///
    /// @param place where they come from
    /// @param makes guests of their connections
    /// @return to be closed
    /// @throws LinuxException if the kernel refuses
    public static SocketListener open(Place place, Guests makes) throws LinuxException {
        Epoll epoll = null;
        EventFd stop = null;
        int socket = place.socket.fd().number();
        try {
            epoll = new Epoll(2);
            stop = new EventFd();
            epoll.add(socket, Epoll.READABLE, WAITING);
            epoll.add(stop.fd(), Epoll.READABLE, STOP);
        } catch (LinuxException refusal) {
            place.socket.close();
            if (epoll != null) {
                epoll.close();
            }
            if (stop != null) {
                stop.close();
            }
            throw refusal;
        }
        SocketListener opened = new SocketListener(place, makes, epoll, stop);
        Thread.ofPlatform().daemon().name("listen-" + socket).start(opened::run);
        return opened;
    }

    /// Returns when all guests have ended and the socket has gone.
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
            int rest = NO_REST;
            while (!closed.get()) {
                epoll.await(rest);
                boolean rested = rest != NO_REST;
                rest = closed.get() || accept(rested) ? NO_REST : (int) restMs.take();
                if (rested != (rest != NO_REST)) {
                    epoll.modify(listening.fd().number(), rested ? Epoll.READABLE : 0, WAITING);
                }
            }
        } finally {
            listening.close();
            guests.forEach(Guest::close);
            epoll.close();
            ended.complete(null);
        }
    }

    /// Takes the next, one at a time, so that each has to wait for a rest that is due.
    ///
    /// @param rested whether there was one
    /// @return false if there is to be one
    private boolean accept(boolean rested) {
        if (!rested && haveFailed()) {
            return false;
        }
        int number = Sockets.accept(listening.fd());
        if (number >= 0) {
            take(new Fd(number));
        } else if (number != -Errno.EAGAIN.number() && number != -Errno.EINTR.number()) {
            tell("accept: " + Errno.text(-number));
            return false;
        }
        return true;
    }

    /// Whether guests have ended by what they did wrong. If all who have ended were of use, rests are short again.
    private boolean haveFailed() {
        int before = guests.size();
        boolean failed = guests.stream().anyMatch(guest -> guest.hasEnded() && guest.hasFailed());
        guests.removeIf(Guest::hasEnded);
        if (!failed && guests.size() < before) {
            restMs.reset();
        }
        return failed;
    }

    private void take(Fd connection) {
        if (guests.stream().filter(Guest::isOpen).count() >= limit) {
            connection.close();
            tell("more than guests=" + limit);
            return;
        }
        try {
            guests.add(makes.over(connection));
            told = "";
        } catch (IOException refusal) {
            tell(refusal.getMessage());
        }
    }

    private void tell(String trouble) {
        if (!trouble.equals(told)) {
            told = trouble;
            log.accept(trouble);
        }
    }
}
