package org.vswitch.engine;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The thread of a data plane: pass after pass until it is told to end, or until an error of this program ends it.
final class DataPlaneThread implements AutoCloseable {
    private final DataPlane dataPlane;
    private final Consumer<Throwable> onFailure;
    private final Thread thread;
    private boolean ending;

    /// A thread that does not run yet.
    ///
    /// @param dataPlane what it runs; closed by it at the end
    /// @param onFailure told, on this thread, of an error that ended it
    DataPlaneThread(DataPlane dataPlane, Consumer<Throwable> onFailure) {
        this.dataPlane = dataPlane;
        this.onFailure = onFailure;
        this.thread = ControlPlane.daemon(this::run, dataPlane.roleName());
    }

    void start() {
        thread.start();
    }

    /// Ends the thread between two passes, behind all questions asked before. Returns when all links are closed.
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
        dataPlane.onClose();
        if (failure != null) {
            onFailure.accept(failure);
        }
    }
}
