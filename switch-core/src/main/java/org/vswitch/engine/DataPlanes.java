package org.vswitch.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.vswitch.control.DataPlaneGate;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Link;
import org.vswitch.link.TimedLink;
import org.vswitch.linux.LinuxException;

/// The data planes of a switch with more than one thread (invariant 6): the first, which decides, and its workers.
///
/// A link with a descriptor goes to the thread that has the fewest, a worker where there is a choice; one that is
/// polled, or acts by the clock, stays with the thread that decides, since its work is done in memory, and a crossing
/// would cost more than it gives. Whoever names a thread has his way.
///
/// Used on the thread that decides, but for what says otherwise.
final class DataPlanes implements DataPlaneGate, AutoCloseable {
    private static final int DECIDING = 0;

    private final DataPlane deciding;
    private final List<Worker> workers = new ArrayList<>();
    private final int[] links;

    /// Workers that do not work yet.
    ///
    /// @param deciding has a [CrossingForwarder], and does not run yet; stays the caller's
    /// @param threads how many, this one included; 2 or more
    /// @param onEnd told, on each worker's thread, at its very end: the error that ended it, or null
    /// @throws LinuxException if the kernel refuses
    DataPlanes(DataPlane deciding, int threads, Consumer<Throwable> onEnd) throws LinuxException {
        assert threads > 1 && threads <= SwitchConfig.MAX_THREADS : "threads=" + threads;
        this.deciding = deciding;
        links = new int[threads];
        try {
            for (int number = 1; number < threads; number++) {
                workers.add(new Worker(number, threads, deciding, onEnd));
            }
        } catch (LinuxException refused) {
            workers.forEach(Worker::discard);
            throw refused;
        }
    }

    /// Starts the workers.
    void start() {
        workers.forEach(Worker::start);
    }

    /// A worker, for tests that run it themselves.
    Worker worker(int number) {
        return workers.get(number - 1);
    }

    @Override
    public int threads() {
        return links.length;
    }

    /// Callable from any thread.
    @Override
    public <T> CompletableFuture<T> ask(Supplier<T> question) {
        return deciding.ask(question);
    }

    @Override
    public Endpoint attach(Plug plug) {
        int thread = plug.thread() == ANY_THREAD ? choose(plug.link()) : plug.thread();
        Plug counted = new Plug(plug.id(), plug.port(), plug.link(), plug.label(), () -> {
            links[thread]--;
            plug.onDetached().run();
        });
        Endpoint endpoint = thread == DECIDING ? deciding.attach(counted) : worker(thread).attach(counted);
        links[thread]++;
        return endpoint;
    }

    @Override
    public void detach(Endpoint endpoint) {
        deciding.detach(endpoint);
    }

    /// Ends the workers, with all links that are left. The thread that decides has ended before.
    @Override
    public void close() {
        workers.forEach(Worker::close);
    }

    private int choose(Link link) {
        if (link.isPolled() || link.descriptor() == Link.NO_DESCRIPTOR || link instanceof TimedLink) {
            return DECIDING;
        }
        int fewest = links.length - 1;
        for (int thread = fewest; thread >= DECIDING; thread--) {
            fewest = links[thread] < links[fewest] ? thread : fewest;
        }
        return fewest;
    }
}
