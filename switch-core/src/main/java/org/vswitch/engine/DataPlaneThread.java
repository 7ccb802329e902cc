package org.vswitch.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The thread of a data plane: pass after pass until it is told to end, or until an error of this program ends it.
public final class DataPlaneThread implements AutoCloseable {
    private final DataPlane dataPlane;
    private final Consumer<Throwable> onEnd;
    private final Thread thread;
    private boolean ending;

    /// A thread that does not run yet.
    ///
    /// @param dataPlane what it runs; closed by it at the end
    /// @param onEnd told, on this thread, at its very end: the error that ended it, with what went wrong behind it; or
    ///     null, and then all links are closed
    public DataPlaneThread(DataPlane dataPlane, Consumer<Throwable> onEnd) {
        this.dataPlane = dataPlane;
        this.onEnd = onEnd;
        this.thread = ControlPlane.daemon(this::run, dataPlane.roleName());
    }

    /// Starts it. A daemon: it does not keep the program alive.
    public void start() {
        thread.start();
    }

    /// Ends the thread between two passes, behind all questions asked before. Returns when all links are closed; a
    /// further call has no effect.
    @Override
    public void close() {
        CompletableFuture<Void> told = dataPlane.ask(() -> {
            ending = true;
            return null;
        });
        if (!told.isCompletedExceptionally()) {
            told.exceptionally(_ -> null).join();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException asked) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Throwable failure = null;
        try {
            while (!ending) {
                dataPlane.doWork();
            }
        } catch (RuntimeException | Error bug) {
            failure = bug;
        }
        onEnd.accept(close(failure));
    }

    /// What has failed may fail again when it is told to leave; whoever waits for the end must hear of it all the same.
    private Throwable close(Throwable failure) {
        try {
            dataPlane.onClose();
            return failure;
        } catch (RuntimeException | Error bug) {
            if (failure == null) {
                return bug;
            }
            if (bug != failure) {
                failure.addSuppressed(bug);
            }
            return failure;
        }
    }
}
