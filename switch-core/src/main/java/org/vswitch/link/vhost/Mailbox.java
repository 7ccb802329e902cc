package org.vswitch.link.vhost;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;

/// How a control thread has something done by the data-plane thread that a device belongs to, between two batches.
///
/// Theory of operation. As long as the device is in nobody's use ([#open] was not called) the calling thread does it
/// itself. After that a letter waits until the data plane looks ([#isFull], [#empty]), which it is woken for, and the
/// sender waits for the answer. A letter that comes when the mailbox is closed is refused, by whichever side sees that:
/// the sender looks after it has put the letter in, the data plane empties the mailbox after it has closed it.
final class Mailbox {
    private static final long PATIENCE_S = 5;

    private final ManyToOneConcurrentLinkedQueue<Letter<?>> letters = new ManyToOneConcurrentLinkedQueue<>();
    private volatile boolean full;
    private volatile boolean closed;
    private volatile Runnable wake;

    /// What is to be done, and who is told.
    ///
    /// @param deed runs on the data-plane thread
    /// @param regret runs instead if it comes too late
    /// @param answer completed afterwards
    private record Letter<T>(Callable<T> deed, Runnable regret, CompletableFuture<T> answer) {
        void open() {
            try {
                answer.complete(deed.call());
            } catch (Exception | InternalError refusal) { // the latter for memory that has vanished
                answer.completeExceptionally(refusal);
            }
        }

        void refuse() {
            if (answer.completeExceptionally(new IOException("the link has ended"))) {
                regret.run();
            }
        }
    }

    /// From now on the data plane does it.
    ///
    /// @param wakeUp has it look
    void open(Runnable wakeUp) {
        wake = wakeUp;
    }

    /// Has something done, and waits for it. For the control thread.
    ///
    /// @param deed what; its exceptions are thrown here
    /// @param regret run if it is not done, and will not be
    /// @return what it returned
    /// @throws IOException from the deed; or if the device has ended, or its data plane is stuck
    <T> T ask(Callable<T> deed, Runnable regret) throws IOException {
        Letter<T> letter = new Letter<>(deed, regret, new CompletableFuture<>());
        Runnable wakeUp = wake;
        if (wakeUp == null && !closed) {
            letter.open();
        } else {
            letters.offer(letter);
            full = true;
            if (closed) {
                letter.refuse();
            } else {
                wakeUp.run();
            }
        }
        try {
            return letter.answer.get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (ExecutionException refusal) {
            throw refusal.getCause() instanceof IOException cause ? cause : new IOException(refusal.getCause());
        } catch (TimeoutException stuck) {
            throw new IOException("the data plane did not answer within " + PATIENCE_S + " s", stuck);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", end);
        }
    }

    /// Whether letters wait. For the data-plane thread.
    boolean isFull() {
        return full;
    }

    /// Does what letters ask for. For the data-plane thread.
    void empty() {
        full = false;
        for (Letter<?> letter = letters.poll(); letter != null; letter = letters.poll()) {
            letter.open();
        }
    }

    /// Refuses all letters, those to come as well. For the data-plane thread.
    void close() {
        closed = true;
        for (Letter<?> letter = letters.poll(); letter != null; letter = letters.poll()) {
            letter.refuse();
        }
    }
}
