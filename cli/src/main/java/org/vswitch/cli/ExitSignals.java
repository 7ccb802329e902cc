package org.vswitch.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.vswitch.linux.Signal;

/// SIGTERM and SIGINT as orders to end, and SIGHUP as nothing, or as an order of another kind.
///
/// Theory of operation. Java's way to be told of a signal is a shutdown hook, which does not learn which one it was.
/// The JVM runs its own handler on a thread named after the signal, such as `SIGTERM handler`, which waits for the
/// hooks; so the hook looks for a thread of that name. It only passes the order on and then keeps the JVM from ending,
/// so that the command ends the process with its own exit code, by `Runtime.halt`; if it does not, the JVM does.
final class ExitSignals {
    private static final long PATIENCE_S = 10;
    private static final String HANDLER_SUFFIX = " handler";
    private static final int MAX_THREADS = 256;

    private ExitSignals() {
    }

    /// Begins to listen.
    ///
    /// @param order told of a signal, on a thread of its own
    static void handledBy(Consumer<Signal> order) {
        Signal.SIGHUP.ignore();
        listen(order);
    }

    /// Begins to listen. Where SIGHUP is ignored when the program starts, as after nohup, it stays so.
    ///
    /// @param order told of a signal, on a thread of its own
    /// @param onHangUp told of each SIGHUP, likewise
    static void handledBy(Consumer<Signal> order, Runnable onHangUp) {
        HangUp.handledBy(onHangUp);
        listen(order);
    }

    private static void listen(Consumer<Signal> order) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            order.accept(received());
            waitForTheEnd();
        }, "signals"));
    }

    /// Ends this process as the signal does when nobody handles it.
    ///
    /// @param signal seen by the parent
    static void dieOf(Signal signal) {
        signal.die();
        waitForTheEnd();
    }

    private static void waitForTheEnd() {
        try {
            new CountDownLatch(1).await(PATIENCE_S, TimeUnit.SECONDS);
        } catch (InterruptedException impossible) {
            Thread.currentThread().interrupt();
        }
    }

    private static Signal received() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        Thread[] threads = new Thread[MAX_THREADS];
        int count = group.enumerate(threads);
        for (int i = 0; i < count; i++) {
            String name = threads[i].getName();
            if (name.endsWith(HANDLER_SUFFIX) && !name.startsWith(Signal.SIGHUP.name())) {
                return Signal.named(name.substring(0, name.length() - HANDLER_SUFFIX.length())).orElse(Signal.SIGTERM);
            }
        }
        return Signal.SIGTERM;
    }
}
