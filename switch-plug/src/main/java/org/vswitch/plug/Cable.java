package org.vswitch.plug;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.vswitch.control.DataPlaneGate;
import org.vswitch.engine.DataPlane;
import org.vswitch.engine.DataPlaneThread;
import org.vswitch.link.Crossover;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.LinkHost;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.LinkScheme;
import org.vswitch.link.LinkUrl;
import org.vswitch.linux.LinuxException;

/// A cable between two links: frames of one go to the other, on a data-plane thread of its own.
///
/// It ends when a link does, or by [#close]. Callable from any thread but that one.
public final class Cable implements AutoCloseable {
    private final DataPlane dataPlane;
    private final Crossover crossover;
    private final String program;
    private final Consumer<String> log;
    private final DataPlaneThread thread;
    private final AtomicLong nextId = new AtomicLong();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final List<LinkScheme.Attachment> attachments = new CopyOnWriteArrayList<>();

    /// A cable whose ends are loose.
    ///
    /// @param program whose cable it is, as other switches are to show it
    /// @param log takes lines about trouble that is nobody's request
    /// @throws LinuxException if the kernel refuses a data plane
    public Cable(String program, Consumer<String> log) throws LinuxException {
        this.program = program;
        this.log = log;
        dataPlane = new DataPlane();
        crossover = new Crossover(dataPlane.egress(), dataPlane);
        dataPlane.forwarder(crossover);
        thread = new DataPlaneThread(dataPlane, this::end);
        thread.start();
    }

    /// Plugs an end into what a URL names.
    ///
    /// @param end 0 or 1
    /// @param url what to open; may take as long as a handshake
    /// @return completed when a link of it has ended; what else is plugged in works on
    /// @throws IOException with one line about what is at fault
    public CompletableFuture<Void> plug(int end, LinkUrl url) throws IOException {
        End host = end(end);
        attachments.add(LinkScheme.of(url).open(url, host));
        return host.left;
    }

    /// Plugs in a link beside what the end has already: both get all frames, and none of the other's.
    ///
    /// @param end 0 or 1
    /// @param link closed with the cable
    /// @throws IOException if the cable has ended
    public void plug(int end, Link link) throws IOException {
        end(end).attach(link, new LinkLabel(program, program), () -> { });
    }

    private End end(int port) {
        if (port < 0 || port >= Crossover.PORTS) {
            throw new IllegalArgumentException("end=" + port);
        }
        return new End(port);
    }

    /// The end of the cable.
    ///
    /// @return completed when a link has ended, exceptionally after an error of this program; go on with an executor
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /// Takes both ends out and returns when all is closed. A further call has no effect.
    @Override
    public void close() {
        thread.close(); // first: links may have something to say at their end, to those at the other
        attachments.forEach(LinkScheme.Attachment::close);
        attachments.clear();
    }

    /// What the data plane does with frames; to be read on its thread, asked by [#gate].
    Crossover crossover() {
        return crossover;
    }

    /// Asks the data plane.
    DataPlaneGate gate() {
        return dataPlane;
    }

    private void end(Throwable failure) {
        if (failure == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(failure);
        }
    }

    /// One end: all that its URL attaches goes to one port.
    private final class End implements LinkHost {
        private final int port;
        private final CompletableFuture<Void> left = new CompletableFuture<>();

        End(int port) {
            this.port = port;
        }

        @Override
        public long attach(Link link, LinkLabel label, Runnable onDetached) throws IOException {
            long id = nextId.getAndIncrement();
            Runnable leaves = () -> CompletableFuture.runAsync(onDetached).whenComplete((_, _) -> {
                left.complete(null);
                ended.complete(null);
            });
            try {
                dataPlane.ask(() -> dataPlane.attach(new DataPlaneGate.Plug(id, port, link, label, leaves))).join();
                return id;
            } catch (CompletionException refused) {
                throw refused.getCause() instanceof UncheckedIOException kernel
                        ? kernel.getCause() : new IOException("the cable has ended", refused.getCause());
            }
        }

        @Override
        public void detach(long attachment) {
            dataPlane.ask(() -> {
                for (Endpoint endpoint : crossover.endpoints(port)) {
                    if (endpoint.id() == attachment) {
                        dataPlane.detach(endpoint);
                    }
                }
                return null;
            });
        }

        @Override
        public String program() {
            return program;
        }

        @Override
        public void log(String message) {
            log.accept(message);
        }
    }
}
