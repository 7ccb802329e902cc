package org.vswitch.link;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;

/// A connection to a socket that a guest made, and made again when it ends or is not there yet, for ever.
///
/// Theory of operation. A daemon thread waits for the end of the link, and tries every tenth of a second as long as
/// nobody is there: a socket in the file system does not tell that somebody listens. Whatever else the kernel refuses
/// may be mended as well, and is tried more and more seldom; so is who cannot be taken, since no port is free. Why
/// there is no link is said once, and again when the reason changes; that nobody is there behind one that has gone is
/// no news.
///
/// A link that ends soon may be followed by another, over and over, if who listens does nothing but close. So after one
/// that did not hold for a while the next is tried more and more seldom as well, and told of only once it has held.
final class SocketClient implements LinkScheme.Attachment {
    private static final int RETRY_MS = 100;
    private static final int LONGEST_RETRY_MS = 5_000;
    /// How long a link has to last.
    private static final int HELD_MS = 5_000;

    /// What the thread waits for.
    private enum Event {
        /// The link has ended.
        LEFT,
        /// The URL is withdrawn.
        STOP
    }

    private final SocketPlan plan;
    private final LinkHost host;
    private final RetryPause refused = new RetryPause(2 * RETRY_MS, LONGEST_RETRY_MS);
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private PeerLink link;
    private long attachment;
    private long pauseMs = RETRY_MS;
    private String told = "";
    /// Whether people are told of the link, or the next: not if the one before did not hold.
    private boolean known = true;

    private SocketClient(SocketPlan plan, LinkHost host) {
        this.plan = plan;
        this.host = host;
    }

    /// Connects, or begins to try.
    ///
    /// @param plan where
    /// @param host takes the links
    /// @throws IOException with one line that says what is refused
    static SocketClient open(SocketPlan plan, LinkHost host) throws IOException {
        SocketClient client = new SocketClient(plan, host);
        try {
            Fd socket = plan.connect();
            client.attach(plan.label(socket), linked(plan, socket));
        } catch (LinuxException refusal) {
            client.refused(refusal);
        }
        Thread.ofPlatform().daemon().name("connect-" + plan.kind().scheme()).start(client::run);
        return client;
    }

    /// What whoever is there says that makes no sense is told with the name of the place, where nobody else names it.
    private static PeerLink linked(SocketPlan plan, Fd socket) throws IOException {
        try {
            return plan.link(socket);
        } catch (LinuxException refusal) {
            throw refusal;
        } catch (IOException nonsense) {
            throw new IOException(plan + ": " + nonsense.getMessage(), nonsense);
        }
    }

    @Override
    public void close() {
        events.add(Event.STOP);
        ended.join();
    }

    private void run() {
        try {
            boolean stopped = false;
            while (!stopped) {
                stopped = link == null ? pause() : serve();
                if (!stopped && link == null) {
                    connect();
                }
            }
        } catch (InterruptedException nobodyDoes) {
            throw new IllegalStateException(nobodyDoes);
        } finally {
            ended.complete(null);
        }
    }

    private boolean pause() throws InterruptedException {
        return events.poll(pauseMs, TimeUnit.MILLISECONDS) == Event.STOP;
    }

    /// Waits for the end of the link, or brings it about. The next attempt follows after a pause: who takes connections
    /// and closes them at once must not keep us busy.
    private boolean serve() throws InterruptedException {
        Event event = events.poll(HELD_MS, TimeUnit.MILLISECONDS);
        boolean held = event == null;
        if (held) {
            refused.reset();
            announce(!known);
            event = events.take();
        }
        if (event == Event.STOP) {
            host.detach(attachment);
            return true;
        }
        if (known) {
            tell(link.complaint().map(what -> what + ", and is unplugged").orElse("has gone"));
            told = ConnectRefusal.NOBODY;
        }
        link = null;
        known = held;
        pauseMs = held ? RETRY_MS : refused.take();
        return pause();
    }

    private void connect() {
        try {
            Fd socket = plan.connect();
            attach(plan.label(socket), plan.link(socket));
            announce(known);
        } catch (LinuxException refusal) {
            refused(refusal);
        } catch (IOException refusal) {
            pauseMs = refused.take();
            tell(refusal.getMessage());
        }
    }

    private void announce(boolean now) {
        if (now) {
            known = true;
            tell("is there");
        }
    }

    private void refused(LinuxException refusal) {
        ConnectRefusal why = ConnectRefusal.of(refusal, plan.address());
        pauseMs = why.isAbsence() ? RETRY_MS : refused.take();
        tell(why.text());
    }

    private void attach(LinkLabel label, PeerLink made) throws IOException {
        try {
            attachment = host.attach(made, label, () -> events.add(Event.LEFT));
            link = made;
        } catch (IOException refusal) {
            made.close();
            throw refusal;
        }
    }

    private void tell(String news) {
        if (!news.equals(told)) {
            told = news;
            host.log(plan + ": " + news);
        }
    }
}
