package org.vswitch.link.vhost;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.vswitch.link.ConnectRefusal;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.ListeningSocket;
import org.vswitch.link.RetryPause;
import org.vswitch.link.SocketListener;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.SocketAddress;
import org.vswitch.linux.Sockets;
import org.vswitch.linux.TimerFd;

/// What a `vhost-user://` URL attaches: one link, which stays while front-ends come and go, and the conversation with
/// them.
///
/// Theory of operation. A daemon thread sleeps until something happens on the connection, or on the socket on which the
/// next one comes. So a front-end that is slow, silent or hostile keeps nobody waiting but itself. There is one
/// connection at a time. Who comes while it lives is turned away: two front-ends of one port would be two guests with
/// one memory.
///
/// A message that has begun must be complete within a time. After the end of a connection there is a pause: short at
/// first, so that a guest hardly notices that QEMU or this program was started again, and then longer and longer as
/// long as no guest comes of it, so that whoever can do nothing but fail does not keep a processor busy. As a client
/// the same pause is between attempts to connect.
///
/// If the link ends by itself, as when the front-end cuts its memory off, the next connection gets a new one.
///
/// One of many guests ([#listenForMany]) has a port over a connection that was accepted already, and that ends with
/// it: there is nothing to look for, and so no pause.
final class VhostUserPort implements LinkScheme.Attachment, SocketListener.Guest {
    private static final int WAKE = 0;
    private static final int TIMER = 1;
    private static final int LISTENER = 2;
    private static final int CONNECTION = 3;
    private static final int EVENTS = 4;

    private static final long MESSAGE_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long LONGEST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(500);
    /// After how many messages something else gets its turn.
    private static final int TURN = 32;
    private static final String NAME = "vhost-user";

    private final VhostUserOptions options;
    private final LinkHost host;
    private final Epoll epoll;
    private final EventFd wake;
    private final TimerFd timer;
    private final Optional<ListeningSocket> listener;
    /// The only connection of a port that ends with it.
    private final Optional<Fd> only;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    /// Who may still write to the eventfd: the thread until it ends, and each link until it is detached.
    private final AtomicInteger holders = new AtomicInteger(1);
    private final RetryPause pauseNs = new RetryPause(FIRST_PAUSE_NS, LONGEST_PAUSE_NS);
    private volatile boolean detached = true;
    private volatile boolean served;

    private VhostUserLink link;
    private long attachment;
    private VhostSocket socket;
    private VhostSession session;
    private boolean met;
    private boolean turnedAway;
    private boolean half;
    private String trouble = "";

    private VhostUserPort(VhostUserOptions options, LinkHost host, Optional<Fd> only) throws IOException {
        this.options = options;
        this.host = host;
        this.only = only;
        listener = options.isClient() || only.isPresent() ? Optional.empty() : Optional.of(listen(options));
        List<AutoCloseable> opened = new ArrayList<>();
        boolean complete = false;
        try {
            epoll = new Epoll(EVENTS);
            opened.add(epoll);
            wake = new EventFd();
            opened.add(wake);
            timer = new TimerFd();
            complete = true;
        } finally {
            if (!complete) {
                listener.ifPresent(ListeningSocket::close);
                opened.forEach(VhostUserPort::close);
            }
        }
    }

    /// Attaches a link, and begins to listen, or to connect.
    ///
    /// @param options what the URL says
    /// @param host takes the link
    /// @return to be closed
    /// @throws IOException with one line about what is refused
    static VhostUserPort open(VhostUserOptions options, LinkHost host) throws IOException {
        return start(new VhostUserPort(options, host, Optional.empty()));
    }

    /// Begins to listen for many front-ends, each with a port of its own, a link and a thread, until it ends.
    ///
    /// @param options what the URL says
    /// @param host takes the links
    /// @return to be closed
    /// @throws IOException with one line about what is refused
    static SocketListener listenForMany(VhostUserOptions options, LinkHost host) throws IOException {
        return SocketListener.open(new SocketListener.Place(listen(options), options.guests(),
                line -> host.log(NAME + ": " + options.path() + ": " + line)), only -> over(only, options, host));
    }

    private static VhostUserPort over(Fd only, VhostUserOptions options, LinkHost host) throws IOException {
        try {
            return start(new VhostUserPort(options, host, Optional.of(only)));
        } catch (IOException refusal) {
            only.close();
            throw refusal;
        }
    }

    private static VhostUserPort start(VhostUserPort port) throws IOException {
        try {
            port.epoll.add(port.wake.fd(), Epoll.READABLE, WAKE);
            port.epoll.add(port.timer.fd(), Epoll.READABLE | Epoll.EDGE, TIMER);
            if (port.listener.isPresent()) {
                port.epoll.add(port.listener.get().fd().number(), 0, LISTENER);
            }
            port.attach();
        } catch (IOException refusal) {
            port.release();
            throw refusal;
        }
        Thread.ofPlatform().daemon().name(NAME + "-" + port.attachment).start(port::run);
        return port;
    }

    /// Returns when the rings stand still, the link is closed and the socket has gone.
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            wake.signal();
        }
        ended.join();
    }

    @Override
    public boolean isOpen() {
        return !closed.get();
    }

    @Override
    public boolean hasEnded() {
        return ended.isDone();
    }

    /// Whether no guest came of the connection.
    @Override
    public boolean hasFailed() {
        return !served;
    }

    private static void close(AutoCloseable opened) {
        try {
            opened.close();
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static ListeningSocket listen(VhostUserOptions options) throws IOException {
        try {
            return ListeningSocket.at(options.file(), Sockets.Type.STREAM);
        } catch (IOException refusal) {
            throw new IOException(NAME + ": " + refusal.getMessage(), refusal);
        }
    }

    private void run() {
        try {
            only.ifPresentOrElse(this::begin, this::seek);
            while (!closed.get()) {
                int count = epoll.await(-1);
                int events = 0;
                for (int i = 0; i < count; i++) {
                    events |= 1 << epoll.token(i);
                }
                serve(events);
            }
        } finally {
            hangUp();
            host.detach(attachment);
            release();
            ended.complete(null);
        }
    }

    /// The connection first: whether it lives decides about the next.
    private void serve(int events) {
        if ((events & 1 << WAKE) != 0) {
            wake.drain();
            if (detached && socket != null) {
                end("the link has ended");
            } else if (detached) {
                rest();
            }
        }
        if ((events & 1 << CONNECTION) != 0 && socket != null) {
            converse();
        }
        if ((events & 1 << TIMER) != 0) {
            if (socket == null) {
                seek();
            } else if (half) {
                end("a message was begun and not ended");
            }
        }
        if ((events & 1 << LISTENER) != 0) {
            accept();
        }
    }

    /// Looks for the next front-end, once there is a link to put it to.
    private void seek() {
        try {
            if (detached) {
                attach();
            }
        } catch (IOException refusal) {
            tell(refusal.getMessage());
            rest();
            return;
        }
        if (listener.isPresent()) {
            watchListener(Epoll.READABLE);
        } else {
            connect();
        }
    }

    private void connect() {
        Fd fd = null;
        try {
            fd = Sockets.open(Sockets.Type.STREAM, true);
            Sockets.connect(fd, SocketAddress.ofPath(options.path()));
        } catch (LinuxException refusal) {
            if (fd != null) {
                fd.close();
            }
            tell(ConnectRefusal.of(refusal, options.path()).text());
            rest();
            return;
        }
        begin(fd);
    }

    private void accept() {
        int accepted = Sockets.accept(listener.get().fd());
        if (accepted < 0) {
            if (socket == null && accepted != -Errno.EAGAIN.number()) {
                tell("accept: " + Errno.text(-accepted));
                rest();
            }
            return;
        }
        Fd fd = new Fd(accepted);
        if (socket == null) {
            begin(fd);
            return;
        }
        fd.close();
        if (!turnedAway) {
            turnedAway = true;
            log("another front-end was turned away: one is connected");
        }
    }

    private void begin(Fd fd) {
        socket = new VhostSocket(fd);
        met = false;
        turnedAway = false;
        half = false;
        try {
            epoll.add(fd.number(), Epoll.READABLE, CONNECTION);
            session = new VhostSession(options.offer(), link, this::log);
        } catch (IOException refusal) {
            end(refusal.getMessage());
        }
    }

    private void converse() {
        try {
            for (int i = 0; i < TURN; i++) {
                Optional<VhostMessage> message = socket.read();
                if (message.isEmpty()) {
                    break;
                }
                half = false;
                meet();
                byte[] reply = session.handle(message.get(), socket.takeDescriptors());
                if (reply.length > 0) {
                    socket.send(reply);
                }
            }
            if (socket.isHalf() && !half) {
                half = true;
                timer.set(MESSAGE_TIMEOUT_NS);
            }
        } catch (EOFException gone) {
            end(socket.isHalf() ? "it left in the middle of a message" : "");
        } catch (IOException refusal) {
            end(refusal.getMessage());
        }
    }

    /// Who only looks whether somebody listens is not worth a line.
    private void meet() throws IOException {
        if (!met) {
            met = true;
            Sockets.Credentials peer = socket.peer();
            log("connected to pid=" + peer.pid() + " uid=" + Integer.toUnsignedString(peer.uid()));
        }
    }

    private void end(String why) {
        boolean started = session != null && session.hasStarted();
        hangUp();
        if (met || !why.isEmpty()) {
            log("disconnected" + (why.isEmpty() ? "" : ": " + why));
        }
        if (started) {
            served = true;
            pauseNs.reset();
        }
        trouble = ConnectRefusal.NOBODY; // that nobody is there then is no news
        rest();
    }

    private void hangUp() {
        if (session != null) {
            session.close();
            session = null;
        }
        if (socket != null) {
            epoll.remove(socket.descriptor());
            socket.close();
            socket = null;
        }
    }

    /// Looks for nobody for a while, or never again.
    private void rest() {
        if (only.isPresent()) {
            closed.set(true);
            return;
        }
        if (listener.isPresent()) {
            watchListener(0);
        }
        timer.set(pauseNs.take());
    }

    private void watchListener(int interest) {
        epoll.modify(listener.get().fd().number(), interest, LISTENER);
    }

    private void attach() throws IOException {
        VhostUserLink next = new VhostUserLink(options.offer().pairs(), this::log);
        holders.incrementAndGet();
        detached = false;
        try {
            attachment = host.attach(next, label(), () -> {
                detached = true;
                wake.signal();
                letGo();
            });
            link = next;
        } catch (IOException refusal) {
            detached = true;
            next.close();
            letGo();
            throw refusal;
        }
    }

    private LinkLabel label() throws IOException {
        if (only.isEmpty()) {
            return new LinkLabel(NAME, options.path());
        }
        Sockets.Credentials peer = Sockets.peer(only.get().number());
        return new LinkLabel(NAME, options.path() + " pid=" + peer.pid() + " uid="
                + Integer.toUnsignedString(peer.uid()));
    }

    private void release() {
        listener.ifPresent(ListeningSocket::close);
        epoll.close();
        timer.close();
        letGo();
    }

    private void letGo() {
        if (holders.decrementAndGet() == 0) {
            wake.close();
        }
    }

    /// Once for each kind of trouble: attempts follow each other quickly.
    private void tell(String what) {
        if (!what.equals(trouble)) {
            trouble = what;
            log(what);
        }
    }

    private void log(String line) {
        host.log(NAME + ": " + options.path() + ": " + line);
    }
}
