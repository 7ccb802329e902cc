package org.vswitch.engine;

import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.vswitch.control.DataPlaneGate.Plug;
import org.vswitch.link.Crossing;
import org.vswitch.link.CrossingLink;
import org.vswitch.link.Endpoint;
import org.vswitch.link.LinkLabel;
import org.vswitch.link.MeasuredLink;
import org.vswitch.link.TimedCrossingLink;
import org.vswitch.link.TimedLink;
import org.vswitch.linux.LinuxException;

/// A data-plane thread that receives and sends for links on which another one decides: a data plane with any number of
/// links, the end of one [Crossing], and a [PatchField] between them.
///
/// The thread waits for nobody. Its errors are told to whoever made it.
final class Worker implements AutoCloseable {
    private final int number;
    private final int threads;
    private final DataPlane deciding;
    private final DataPlane plane;
    private final PatchField patches;
    private final Crossing near;
    private final Crossing far;
    private final DataPlaneThread thread;
    private final Set<RemoteLink> links = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int nextTag = 1;

    /// A worker that does not work yet.
    ///
    /// @param number of the thread, 1 or above
    /// @param threads how many there are, the one that decides included
    /// @param deciding has a [CrossingForwarder], and does not run yet
    /// @param onEnd told, on the thread, at its very end: the error that ended it, or null
    /// @throws LinuxException if the kernel refuses
    Worker(int number, int threads, DataPlane deciding, Consumer<Throwable> onEnd) throws LinuxException {
        this.number = number;
        this.threads = threads;
        this.deciding = deciding;
        plane = deciding.sibling(number);
        patches = new PatchField(plane.egress(), plane);
        plane.forwarder(new CrossingForwarder(patches));
        Crossing.Pair ends = Crossing.pair(deciding.egress(), plane.egress());
        near = ends.first();
        far = ends.second();
        // the first ones are detached last: what is said at the end still finds the crossing
        deciding.attach(new Plug(-number, -1, near, label(), () -> { }));
        plane.attach(new Plug(-number, -1, far, label(), () -> { }));
        thread = new DataPlaneThread(plane, bug -> {
            links.forEach(RemoteLink::abandoned); // what failed may have failed to say so
            ended.complete(null);
            onEnd.accept(bug);
        });
    }

    private LinkLabel label() {
        return new LinkLabel("crossing", plane.roleName());
    }

    /// The data plane, for tests that run it themselves.
    DataPlane plane() {
        return plane;
    }

    void start() {
        thread.start();
    }

    /// Puts a link to use here. To be called on the thread that decides.
    ///
    /// @param plug as for a data plane
    /// @return the endpoint in its place on the thread that decides
    Endpoint attach(Plug plug) {
        RemoteLink remote = new RemoteLink(plug, nextTag++);
        links.add(remote);
        return remote.attach();
    }

    /// Ends the thread, with all links. The thread that decides has ended before.
    @Override
    public void close() {
        thread.close();
    }

    /// Gives back what there is where the thread was not started.
    void discard() {
        plane.onClose();
    }

    /// A link that works here, and its place on the other thread. It ends on this thread, in the end, whichever side
    /// wanted it; the other side then does what is to be done behind that.
    private final class RemoteLink implements CrossingLink.FarSide {
        private final Plug plug;
        private final CrossingLink here;
        private final CrossingLink there;
        private Endpoint place;
        /// On this thread; null until the link is attached, and if that failed.
        private Endpoint working;
        private final AtomicBoolean isDone = new AtomicBoolean();

        RemoteLink(Plug plug, int tag) {
            this.plug = plug;
            here = plug.link() instanceof TimedLink ? new TimedCrossingLink(tag, near, this)
                    : new CrossingLink(tag, near, this);
            there = new CrossingLink(tag, far, null);
            CrossingLink.join(here, there);
        }

        Endpoint attach() {
            place = deciding.attach(new Plug(plug.id(), plug.port(), here, plug.label(), () -> { }));
            here.endpoint(place);
            there.endpoint(new Endpoint(plug.id(), here.tag(), there, plug.label(), plane.egress()));
            near.add(here);
            plane.ask(this::begin);
            return place;
        }

        /// On this thread.
        private Void begin() {
            try {
                working = plane.attach(new Plug(plug.id(), here.tag(), plug.link(), plug.label(), this::ended));
                patches.join(there, working);
            } catch (UncheckedIOException refused) {
                plug.link().close();
                ended();
            } catch (RuntimeException bug) {
                throw new AssertionError(bug); // nobody waits for the answer: it ends the switch
            }
            return null;
        }

        /// On this thread, behind the pass in which the link ended.
        private void ended() {
            if (links.remove(this)) {
                long position = far.offered();
                deciding.ask(() -> {
                    near.behind(here.isOpen() ? position : 0, this::tellDone);
                    return null;
                }).exceptionally(_ -> done());
            }
        }

        private void abandoned() {
            if (links.remove(this)) {
                tellDone();
            }
        }

        private void tellDone() {
            deciding.ask(this::done).exceptionally(_ -> done()); // where that has ended, nobody else does it
        }

        /// On the thread that decides: everything the link said has been heard.
        private Void done() {
            if (isDone.compareAndSet(false, true)) {
                here.sever();
                deciding.detach(place);
                plug.onDetached().run();
            }
            return null;
        }

        @Override
        public void close() {
            plane.ask(this::end);
        }

        private Long end() {
            try {
                if (working != null) {
                    plane.detach(working);
                }
                return far.offered();
            } catch (RuntimeException bug) {
                throw new AssertionError(bug);
            }
        }

        @Override
        public long leave() {
            if (isDone.get()) { // it has left by itself
                return 0;
            }
            CompletableFuture<Long> position = plane.ask(this::end);
            CompletableFuture.anyOf(position, ended).exceptionally(_ -> null).join();
            return position.isDone() && !position.isCompletedExceptionally() ? position.join() : 0;
        }

        @Override
        public CompletableFuture<Void> measure(MeasuredLink.Measures into) {
            return plane.ask(() -> {
                into.gauge("thread", number, threads - 1);
                into.gauge("crossing-out", far.waiting(), Crossing.RING_BYTES);
                return working != null && working.link() instanceof MeasuredLink measured
                        && !working.isGone() ? measured.measure(into) : CompletableFuture.<Void>completedFuture(null);
            }).thenCompose(told -> told);
        }
    }
}
