package org.vswitch.link;

import java.util.concurrent.CompletableFuture;
import org.vswitch.linux.Fd;
import org.vswitch.linux.Sockets;

/// Waits for the end of the control connection to a VDE switch, which is the end of the plug.
///
/// Theory of operation. A switch never sends anything on it, so one daemon thread per connection sleeps in a read until
/// the end. It alone closes the descriptor, and only once [#stop] was called: so the number cannot have been given to
/// another file when `stop` shuts the connection down.
/// Rejected: a nested epoll as the link's descriptor costs a system call per batch; one thread for all connections
/// needs a queue and a wake-up, for the sake of the few such links that a process has.
final class CtlWatch {
    private final Fd control;
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();

    private CtlWatch(Fd control) {
        this.control = control;
    }

    /// Starts to wait.
    ///
    /// @param control a blocking stream socket; closed after [#stop]
    /// @param onEnd run once, by the waiting thread, when the connection ends for whatever reason
    static CtlWatch start(Fd control, Runnable onEnd) {
        CtlWatch watch = new CtlWatch(control);
        Thread.ofPlatform().daemon().name("vde-ctl-" + control.number()).start(() -> watch.await(onEnd));
        return watch;
    }

    /// Ends the connection if it has not ended. Called once, by any thread; returns at once.
    void stop() {
        Sockets.shutdown(control);
        stopped.complete(null);
    }

    private void await(Runnable onEnd) {
        byte[] unexpected = new byte[256];
        while (Sockets.receive(control, unexpected) > 0) {
            assert unexpected.length > 0 : "what newer switches may say is skipped";
        }
        onEnd.run();
        stopped.join();
        control.close();
    }
}
