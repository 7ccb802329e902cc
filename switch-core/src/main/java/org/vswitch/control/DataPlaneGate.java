package org.vswitch.control;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.LinkLabel;

/// The only door to a data-plane thread for other threads.
public interface DataPlaneGate {
    /// Any thread will do.
    int ANY_THREAD = -1;

    /// How many data-plane threads links may work on.
    ///
    /// @return they are numbered from 0, which decides
    default int threads() {
        return 1;
    }

    /// Runs something on the data-plane thread between two passes. Callable from any thread.
    ///
    /// @param question run once
    /// @param <T> what it answers
    /// @return completed on the data-plane thread; exceptionally if the question throws or the data plane has ended.
    ///     Go on with `thenAcceptAsync` and an executor of your own
    <T> CompletableFuture<T> ask(Supplier<T> question);

    /// Puts a link to use as an endpoint of a port. To be called on the data-plane thread, within a question.
    ///
    /// @param plug what is plugged in where
    /// @return the endpoint, in use
    /// @throws java.io.UncheckedIOException if the kernel refuses to watch the link's descriptor
    Endpoint attach(Plug plug);

    /// Takes an endpoint out of use and closes its link: at once, or soon if the link works on another thread; its
    /// `onDetached` tells. To be called on the data-plane thread, within a question.
    ///
    /// @param endpoint attached before; a second call has no effect
    void detach(Endpoint endpoint);

    /// What is plugged in where.
    ///
    /// @param id unique among the endpoints of a switch; VDE's endpoint ID
    /// @param port number of the bridge port
    /// @param link owned by the data plane from now on
    /// @param label for consoles
    /// @param onDetached run on the data-plane thread after the link was closed; must not block
    /// @param thread on which the link is to work, or [#ANY_THREAD]
    record Plug(long id, int port, Link link, LinkLabel label, Runnable onDetached, int thread) {
        /// On any thread.
        ///
        /// @param id as above
        /// @param port as above
        /// @param link as above
        /// @param label as above
        /// @param onDetached as above
        public Plug(long id, int port, Link link, LinkLabel label, Runnable onDetached) {
            this(id, port, link, label, onDetached, ANY_THREAD);
        }
    }
}
