package org.vswitch.link;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Errno;
import org.vswitch.linux.Fd;
import org.vswitch.linux.LinuxException;

/// A plug of a VDE switch, and if the host keeps the place, another one whenever that switch was started anew.
///
/// Theory of operation. A daemon thread waits for the end of the link and then tries every tenth of a second: a socket
/// in the file system does not tell that somebody listens. Each time is a whole handshake, so whoever is there now may
/// share memory or not. A switch that refuses us, or takes us and ends soon, is asked more and more seldom, until a
/// link has lasted: neither it nor the log is flooded.
///
/// Withdrawing does not wait for a handshake, which may take as long as a switch says nothing: whichever of the two
/// comes last sees what the other has done, and detaches what is attached by then.
final class VdeAttachment implements LinkScheme.Attachment {
    private static final int RETRY_MS = 100;
    private static final int LONGEST_RETRY_MS = 5_000;
    /// What has lasted so long was no failure.
    private static final int LASTING_MS = 10_000;
    private static final Set<Errno> ABSENT = EnumSet.of(Errno.ENOENT, Errno.ECONNREFUSED);

    /// What the thread waits for.
    private enum Event {
        /// The link has ended.
        LEFT,
        /// The URL is withdrawn.
        STOP
    }

    private final LinkUrl url;
    private final VdeNetwork network;
    private final LinkHost host;
    private final boolean returns;
    private final RetryPause failing = new RetryPause(RETRY_MS, LONGEST_RETRY_MS);
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private PeerLink link;
    private long pauseMs;
    private String told = "";
    private volatile long attached;
    private volatile boolean closed;

    private VdeAttachment(LinkUrl url, LinkHost host) throws IOException {
        this.url = url;
        this.network = VdeNetwork.parse(url);
        this.host = host;
        this.returns = host.keepPlace();
    }

    /// Plugs in. That there is no switch is a mistake now, and none later.
    ///
    /// @param url of the switch
    /// @param host takes the links
    /// @throws IOException with one line that says what is refused
    static VdeAttachment open(LinkUrl url, LinkHost host) throws IOException {
        VdeAttachment attachment = new VdeAttachment(url, host);
        attachment.plug();
        if (attachment.returns) {
            Thread.ofPlatform().daemon().name("vde-plug").start(attachment::run);
        }
        return attachment;
    }

    @Override
    public void close() {
        closed = true;
        events.add(Event.STOP);
        host.detach(attached);
    }

    private void run() {
        try {
            boolean stopped = false;
            while (!stopped) {
                stopped = link == null ? retry() : serve();
            }
        } catch (InterruptedException nobodyDoes) {
            throw new IllegalStateException(nobodyDoes);
        }
    }

    private boolean retry() throws InterruptedException {
        if (events.poll(pauseMs, TimeUnit.MILLISECONDS) == Event.STOP) {
            return true;
        }
        pauseMs = RETRY_MS;
        try {
            plug();
            tell("is there");
        } catch (IOException refusal) {
            boolean absent = refusal.getCause() instanceof LinuxException kernel
                    && ABSENT.stream().anyMatch(kernel::is);
            if (!absent && !closed) {
                pauseMs = failing.take();
                tell("does not take the plug again: " + refusal.getMessage());
            }
        }
        return false;
    }

    /// Waits for the end of the link, or of the URL.
    private boolean serve() throws InterruptedException {
        Event event = events.poll(LASTING_MS, TimeUnit.MILLISECONDS);
        if (event == null) {
            failing.reset();
            event = events.take();
        }
        if (event == Event.STOP) {
            return true;
        }
        tell(complaint().orElse("has gone"));
        link = null;
        pauseMs = failing.take();
        return false;
    }

    private void plug() throws IOException {
        String description = description(host.program());
        Optional<VdeSharedPlug> shared = VdeSharedPlug.connect(network, description);
        if (shared.isPresent()) {
            attach(shared.get().control(), shared.get().link());
            return;
        }
        VdePlug plug = VdePlug.connect(network, description);
        DatagramLink made;
        try {
            made = DatagramLink.buffered(plug.data(), FrameSlab.MAX_FRAME, null);
        } catch (LinuxException failure) {
            plug.data().close();
            plug.control().close();
            throw failure;
        }
        attach(plug.control(), made);
    }

    /// The link ends with the control connection, and the other way round.
    private void attach(Fd control, PeerLink made) throws IOException {
        CompletableFuture<Long> known = new CompletableFuture<>();
        CtlWatch watch = CtlWatch.start(control, () -> known.thenAccept(host::detach));
        link = made;
        try {
            attached = host.attach(made, new LinkLabel("vde", url.toString()), () -> {
                watch.stop();
                left();
            });
        } catch (IOException refusal) {
            link = null;
            made.close();
            watch.stop();
            throw refusal;
        }
        known.complete(attached);
        if (closed) {
            host.detach(attached);
        }
    }

    private void left() {
        if (returns) {
            events.add(Event.LEFT);
        } else {
            complaint().ifPresent(this::tell);
            host.ended();
        }
    }

    private Optional<String> complaint() {
        return link.complaint().map(what -> what + ", and is unplugged");
    }

    private void tell(String news) {
        if (!news.equals(told)) {
            told = news;
            host.log("vde: " + url.rest() + " " + news);
        }
    }

    /// What the other switch shows of us, in the form of libvdeplug.
    private static String description(String program) {
        String ssh = System.getenv("SSH_CLIENT");
        String from = ssh == null || ssh.isBlank() ? "" : " SSH=" + ssh.strip().split("\\s+")[0];
        return program + ": user=" + System.getProperty("user.name") + " pid=" + ProcessHandle.current().pid() + from;
    }
}
