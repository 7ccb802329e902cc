package org.vswitch.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.vswitch.bridge.BridgePort;
import org.vswitch.guard.GuardSettings;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;
import org.vswitch.link.UnknownOption;
import org.vswitch.linux.Errno;
import org.vswitch.linux.LinuxException;

/// The links of a switch that were asked for by URL (architecture: attachment is not link).
///
/// A scheme may take as long as a handshake to open, so links are opened and closed on a thread of their own, one after
/// the other. A link gets the port asked for, or the lowest free one each time its scheme attaches; without a name of
/// its own it is called by scheme and port number. It stays in the list, without port, while its scheme has nothing
/// attached; where the scheme asked for that, nobody else gets the port meanwhile. What has ended for good stays in the
/// list as well, so that somebody sees what became of it, until its name is taken again, or too many others have ended
/// since.
///
/// Callable from any thread but the data plane's.
public final class LinkRegistry implements SwitchLinks, AutoCloseable {
    /// Endpoint IDs of links without descriptor begin here, beyond all descriptors.
    private static final long FIRST_ID = 1 << 20;
    private static final int MOST_ENDED = 64;

    private final SwitchControl control;
    private final PortAccess access;
    private final Executor controlThread;
    private final Executor opener;
    private final Consumer<String> log;
    private final Map<String, Entry> entries = new TreeMap<>();
    private final AtomicLong nextId = new AtomicLong(FIRST_ID);
    private boolean closed;

    /// The threads that a registry uses.
    ///
    /// @param control where schemes hear that a link was detached
    /// @param opener where schemes open and close; may block
    public record Threads(Executor control, Executor opener) {
    }

    /// No links.
    ///
    /// @param control of the switch
    /// @param socket whose ports the links share
    /// @param threads to run on
    /// @param log takes what schemes tell
    public LinkRegistry(SwitchControl control, CtlSocket socket, Threads threads, Consumer<String> log) {
        this.control = control;
        this.access = socket.access();
        this.controlThread = threads.control();
        this.opener = threads.opener();
        this.log = log;
    }

    @Override
    public CompletableFuture<Opened> add(String name, LinkUrl url, int port) {
        return later(() -> open(name, url, port));
    }

    @Override
    public CompletableFuture<Boolean> remove(String name) {
        return later(() -> {
            Entry entry;
            synchronized (entries) {
                entry = entries.remove(name);
            }
            if (entry != null) {
                entry.withdraw();
            }
            return entry != null;
        });
    }

    @Override
    public CompletableFuture<List<Opened>> list() {
        synchronized (entries) {
            List<Opened> all = new ArrayList<>();
            entries.forEach((name, entry) -> all.add(entry.opened(name)));
            return CompletableFuture.completedFuture(all);
        }
    }

    /// Opens a link on the calling thread.
    ///
    /// @param name unique among the links; null for one made from scheme and port number
    /// @param url what to open
    /// @param port the port its endpoints go to, or [SwitchLinks#ANY_PORT]
    /// @return the link
    /// @throws IOException with one line that names the value at fault
    public Opened open(String name, LinkUrl url, int port) throws IOException {
        LinkScheme scheme = scheme(url);
        GuardedUrl guarded = GuardedUrl.of(url);
        int thread = thread(guarded);
        synchronized (entries) {
            if (name != null && isTaken(name)) {
                throw inUse(name);
            }
            if (port == SwitchLinks.ANY_PORT) {
                refuseClash(scheme, guarded.url());
            }
        }
        Entry entry = new Entry(url, port, guarded.guard().orElseGet(() ->
                scheme.isUplink(guarded.url()) ? GuardSettings.TRUSTED : GuardSettings.OFF), thread);
        try {
            entry.attachment = scheme.open(guarded.url(), entry);
        } catch (UnknownOption mistake) {
            throw mistake.beside(GuardedUrl.FORM);
        }
        synchronized (entries) {
            String chosen = name == null ? freeName(url.scheme(), entry.port()) : name;
            if (!closed && !isTaken(chosen)) {
                entries.put(chosen, entry);
                forget();
                return entry.opened(chosen);
            }
        }
        entry.withdraw();
        throw closed ? new IOException("the switch has ended") : inUse(name);
    }

    private int thread(GuardedUrl wanted) throws IOException {
        int thread = wanted.thread().orElse(DataPlaneGate.ANY_THREAD);
        int last = control.gate().threads() - 1;
        if (thread > last) {
            throw new IOException("thread=" + thread + ": " + (last == 0 ? "the switch has one, number 0"
                    : "must be 0 to " + last));
        }
        return thread;
    }

    /// Two links of one network must get along. Where somebody chose a port it may be in a VLAN of its own.
    private void refuseClash(LinkScheme scheme, LinkUrl url) throws IOException {
        for (Map.Entry<String, Entry> other : entries.entrySet()) {
            LinkUrl theirs = other.getValue().url;
            boolean together = !other.getValue().hasEnded() && other.getValue().wanted == SwitchLinks.ANY_PORT
                    && theirs.scheme().equals(url.scheme());
            Optional<String> common = together ? scheme.clash(url, GuardedUrl.of(theirs).url()) : Optional.empty();
            if (common.isPresent()) {
                String clash = url + " has the same " + common.get() + " as link " + other.getKey() + ", " + theirs;
                throw new IOException(clash, new LinuxException(clash, Errno.EADDRINUSE.number()));
            }
        }
    }

    private static IOException inUse(String name) {
        String what = "link name=" + name + " is in use";
        return new IOException(what, new LinuxException(what, Errno.EEXIST.number()));
    }

    /// Closes all links. Blocks until their endpoints are detached.
    @Override
    public void close() {
        List<Entry> last;
        synchronized (entries) {
            closed = true;
            last = List.copyOf(entries.values());
            entries.clear();
        }
        last.forEach(Entry::withdraw);
    }

    private boolean isTaken(String name) {
        Entry entry = entries.get(name);
        return entry != null && !entry.hasEnded();
    }

    /// Takes those off the list that ended first, if there are too many.
    private void forget() {
        List<Map.Entry<String, Entry>> ended = entries.entrySet().stream().filter(each -> each.getValue().hasEnded())
                .sorted(Comparator.comparingLong(each -> each.getValue().endedAs)).toList();
        ended.subList(0, Math.max(0, ended.size() - MOST_ENDED)).forEach(each -> entries.remove(each.getKey()));
    }

    private String freeName(String scheme, int port) {
        int number = Math.max(0, port);
        while (isTaken(scheme + number)) {
            number++;
        }
        return scheme + number;
    }

    private static LinkScheme scheme(LinkUrl url) throws IOException {
        List<String> known = new ArrayList<>();
        for (LinkScheme scheme : ServiceLoader.load(LinkScheme.class, LinkScheme.class.getClassLoader())) {
            if (scheme.name().equals(url.scheme())) {
                return scheme;
            }
            known.add(scheme.name());
        }
        throw new IOException("unknown scheme " + url.scheme() + " in " + url + ", known are: "
                + String.join(", ", known.stream().sorted().toList()));
    }

    private <T> CompletableFuture<T> later(Callable<T> task) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            opener.execute(() -> {
                try {
                    answer.complete(task.call());
                } catch (Exception failure) {
                    answer.completeExceptionally(failure);
                }
            });
        } catch (RejectedExecutionException ended) {
            answer.completeExceptionally(new IOException("the switch has ended", ended));
        }
        return answer;
    }

    /// A link in the list, and the host of what its scheme attaches.
    private final class Entry implements LinkHost {
        private final LinkUrl url;
        private final int wanted;
        private final GuardSettings guard;
        private final int thread;
        private final Map<Long, Attached> attached = new ConcurrentHashMap<>();
        private LinkScheme.Attachment attachment;
        /// Later than those with a lower number; 0 while it has not.
        private volatile long endedAs;
        private volatile boolean isWithdrawn;
        private volatile boolean keeps;
        /// The port that is held for what comes back, on the data-plane thread; or [SwitchLinks#ANY_PORT].
        private int kept = SwitchLinks.ANY_PORT;

        /// An endpoint, and its end, which may take a moment.
        private record Attached(Endpoint endpoint, CompletableFuture<Void> closed) {
        }

        Entry(LinkUrl url, int wanted, GuardSettings guard, int thread) {
            this.url = url;
            this.wanted = wanted;
            this.guard = guard;
            this.thread = thread;
        }

        int port() {
            return attached.values().stream().mapToInt(each -> each.endpoint.port()).min().orElse(wanted);
        }

        Opened opened(String name) {
            return new Opened(name, url, port(), hasEnded());
        }

        boolean hasEnded() {
            return endedAs > 0;
        }

        void withdraw() {
            isWithdrawn = true;
            attachment.close();
            control.gate().ask(() -> {
                if (kept != SwitchLinks.ANY_PORT) {
                    access.release(kept);
                    kept = SwitchLinks.ANY_PORT;
                }
                return null;
            });
        }

        @Override
        public boolean keepPlace() {
            keeps = true;
            return true;
        }

        /// Somebody misses it, unless he took it away himself.
        @Override
        public void ended() {
            if (!isWithdrawn) {
                log(url + " has ended");
            }
            endedAs = nextId.getAndIncrement();
        }

        @Override
        public long attach(Link link, LinkLabel label, Runnable onDetached) throws IOException {
            long id = link.descriptor() == Link.NO_DESCRIPTOR ? nextId.getAndIncrement() : link.descriptor();
            long handle = nextId.getAndIncrement();
            CompletableFuture<Void> closed = new CompletableFuture<>();
            answer(control.gate().ask(() -> attached.put(handle, new Attached(plug(id, link, label, () -> {
                attached.remove(handle);
                closed.complete(null);
                controlThread.execute(onDetached);
            }), closed))));
            return handle;
        }

        /// Returns when the link is closed. A data plane that has ended has closed all of them.
        @Override
        public void detach(long handle) {
            control.gate().ask(() -> {
                Attached ending = attached.get(handle);
                if (ending == null) {
                    return CompletableFuture.<Void>completedFuture(null);
                }
                control.gate().detach(ending.endpoint);
                return ending.closed;
            }).thenCompose(closed -> closed).exceptionally(_ -> null).join();
        }

        @Override
        public String program() {
            return "vswitch";
        }

        @Override
        public void log(String message) {
            log.accept(message);
        }

        /// On the data-plane thread.
        private Endpoint plug(long id, Link link, LinkLabel label, Runnable onDetached) {
            if (isWithdrawn) {
                throw new CompletionException(new IOException(url + " is withdrawn"));
            }
            int port = reserve(kept == SwitchLinks.ANY_PORT ? wanted : kept);
            Runnable ending = () -> {
                access.release(port);
                onDetached.run();
            };
            try {
                Endpoint endpoint = access.attach(new DataPlaneGate.Plug(id, port, link, label, ending, thread), guard);
                if (keeps && kept == SwitchLinks.ANY_PORT) {
                    kept = reserve(port);
                }
                return endpoint;
            } catch (RuntimeException refused) {
                access.release(port);
                throw refused;
            }
        }

        private int reserve(int number) {
            int port = access.reserve(new PortAccess.Claim(number, BridgePort.NOBODY, null));
            if (port < 0) {
                throw new CompletionException(number == SwitchLinks.ANY_PORT
                        ? new IOException("no free port for " + url, new LinuxException("link", Errno.ENOSPC.number()))
                        : new IOException("no port " + number + " for " + url));
            }
            return port;
        }
    }

    private static <T> T answer(CompletableFuture<T> question) throws IOException {
        try {
            return question.join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof IOException refused) {
                throw refused;
            }
            throw new IOException(String.valueOf(failure.getCause().getMessage()), failure.getCause());
        }
    }
}
