package org.vswitch.link;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.EventFd;
import org.vswitch.linux.LinkEvents;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.NetworkDevice;

/// Knows what becomes of an interface whose descriptor does not tell.
///
/// Theory of operation. A daemon thread sleeps until the kernel tells of any interface, and asks about this one. Once
/// it is started it alone uses and closes the sockets, which stay in the network namespace where they were opened.
final class InterfaceWatch implements AutoCloseable {
    private static final int TOLD = 0;
    private static final int STOP = 1;

    private final NetworkDevice device;
    private final LinkEvents events;
    private final Epoll epoll;
    private final EventFd stop;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private String knownName;
    private volatile boolean up;
    private volatile long wentDown;
    private volatile long renamed;
    private volatile int master;

    private InterfaceWatch(NetworkDevice device, LinkEvents events, Epoll epoll, EventFd stop) {
        this.device = device;
        this.events = events;
        this.epoll = epoll;
        this.stop = stop;
        knownName = device.name();
    }

    /// Prepares to watch an interface; what happens from now on will be noticed.
    ///
    /// @param name of the interface, in the network namespace of the calling thread
    /// @return to be started
    /// @throws LinuxException ENODEV and others
    static InterfaceWatch open(String name) throws LinuxException {
        LinkEvents events = LinkEvents.open();
        NetworkDevice device = null;
        Epoll epoll = null;
        EventFd stop = null;
        boolean opened = false;
        try {
            device = NetworkDevice.open(name);
            epoll = new Epoll(2);
            stop = new EventFd();
            epoll.add(events.fd(), Epoll.READABLE, TOLD);
            epoll.add(stop.fd(), Epoll.READABLE, STOP);
            InterfaceWatch watch = new InterfaceWatch(device, events, epoll, stop);
            watch.look();
            opened = true;
            return watch;
        } finally {
            if (!opened) {
                events.close();
                Optional.ofNullable(device).ifPresent(NetworkDevice::close);
                Optional.ofNullable(epoll).ifPresent(Epoll::close);
                Optional.ofNullable(stop).ifPresent(EventFd::close);
            }
        }
    }

    /// Starts the watch, once, before anything else is called. Its thread is in the network namespace of the caller.
    InterfaceWatch start() {
        return start(_ -> { });
    }

    /// Starts the watch, as above.
    ///
    /// @param onNews called by the watching thread at first, and then whenever anything has become of any interface
    InterfaceWatch start(Consumer<NetworkDevice> onNews) {
        Thread.ofPlatform().daemon().name("watch-" + knownName).start(() -> run(onNews));
        return this;
    }

    /// Whether the interface is up. From any thread, as the rest.
    boolean isUp() {
        return up;
    }

    /// Whether the interface has gone.
    boolean isGone() {
        return gone.isDone();
    }

    /// How often it was set down.
    long wentDown() {
        return wentDown;
    }

    /// How often its name has changed.
    long renamed() {
        return renamed;
    }

    /// The number of the interface that it is a port of, as of a bridge; 0 if it is none's.
    int master() {
        return master;
    }

    /// Says what is to be done when the interface has gone.
    ///
    /// @param action run by the watching thread, or at once if it has gone already
    void onGone(Runnable action) {
        gone.thenRun(action);
    }

    /// Ends the watch; returns at once.
    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            stop.signal();
        }
    }

    private void run(Consumer<NetworkDevice> onNews) {
        boolean stopped = false;
        onNews.accept(device);
        while (!stopped) {
            int count = epoll.await(-1);
            for (int i = 0; i < count; i++) {
                stopped |= epoll.token(i) == STOP;
            }
            if (!stopped && count > 0) {
                events.drain();
                look();
                onNews.accept(device);
            }
        }
        epoll.close();
        stop.close();
        events.close();
        device.close();
    }

    /// Asks what the interface is like. If the kernel does not say, it is as it was.
    private void look() {
        try {
            Optional<NetworkDevice.State> now = device.state();
            now.ifPresent(this::note);
            if (now.isEmpty()) {
                up = false;
                master = 0;
                gone.complete(null);
            }
        } catch (LinuxException refusal) {
            up &= !gone.isDone();
        }
    }

    private void note(NetworkDevice.State now) {
        wentDown += up && !now.isUp() ? 1 : 0;
        renamed += now.name().equals(knownName) ? 0 : 1;
        up = now.isUp();
        master = now.master();
        knownName = now.name();
    }
}
