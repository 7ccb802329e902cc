package org.vswitch.control;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;
import org.vswitch.bridge.BridgeEvents;
import org.vswitch.bridge.PortState;
import org.vswitch.wire.MacAddress;

/// Carries events from the data-plane thread to the control thread, where they become text for consoles and the log.
///
/// Theory of operation. The data plane puts them into a bounded queue and wakes the control thread, once for all that
/// wait; when the queue is full they are counted and lost, since frames matter more. Nothing is put there for nobody:
/// moves of addresses, which the log reports whether or not a console watches, stop after a few until the control
/// thread allows some more, a second later. So a storm of moves costs a comparison each.
public final class EventRelay implements BridgeEvents {
    private static final int CAPACITY = 4096;
    private static final int MOVES_A_SECOND = 10;

    private final OneToOneConcurrentArrayQueue<Consumer<BridgeEvents>> queue =
            new OneToOneConcurrentArrayQueue<>(CAPACITY);
    private final AtomicBoolean woken = new AtomicBoolean();
    private final AtomicInteger movesLeft = new AtomicInteger(MOVES_A_SECOND);
    private final BridgeEvents consoles;
    private final Consumer<String> log;
    private final Executor control;
    private final Consumer<Runnable> soon;
    private volatile long lost;

    /// A relay without events.
    ///
    /// @param consoles told on the control thread of everything while it watches
    /// @param log takes moves of addresses, on the control thread
    /// @param control the control thread
    /// @param soon runs something on the control thread a second later
    public EventRelay(BridgeEvents consoles, Consumer<String> log, Executor control, Consumer<Runnable> soon) {
        this.consoles = consoles;
        this.control = control;
        this.log = log;
        this.soon = soon;
    }

    /// How many events were lost.
    ///
    /// @return a count
    public long lost() {
        return lost;
    }

    @Override
    public boolean watched() {
        return movesLeft.get() > 0 || consoles.watched();
    }

    @Override
    public void addressLearned(long address, int vid, int port) {
        if (consoles.watched()) {
            put(to -> to.addressLearned(address, vid, port));
        }
    }

    @Override
    public void addressExpired(long address, int vid, int port) {
        if (consoles.watched()) {
            put(to -> to.addressExpired(address, vid, port));
        }
    }

    @Override
    public void addressMoved(long address, int from, int to) {
        int left = movesLeft.get();
        if (left > 0 && put(_ -> {
            logMove(address, from, to);
            refillAfter(left);
        })) {
            movesLeft.decrementAndGet();
        }
    }

    @Override
    public void portCreated(int port) {
        tell(to -> to.portCreated(port));
    }

    @Override
    public void portClosed(int port) {
        tell(to -> to.portClosed(port));
    }

    @Override
    public void endpointAttached(int port, long endpoint, String description) {
        tell(to -> to.endpointAttached(port, endpoint, description));
    }

    @Override
    public void endpointDetached(int port, long endpoint) {
        tell(to -> to.endpointDetached(port, endpoint));
    }

    @Override
    public void treeRootChanged(int vid, int port, long root) {
        tell(to -> to.treeRootChanged(vid, port, root));
    }

    @Override
    public void treeStateChanged(int vid, int port, PortState state) {
        tell(to -> to.treeStateChanged(vid, port, state));
    }

    @Override
    public void treeNeighborChanged(int vid, int port, boolean active) {
        tell(to -> to.treeNeighborChanged(vid, port, active));
    }

    private void tell(Consumer<BridgeEvents> event) {
        if (consoles.watched()) {
            put(event);
        }
    }

    private boolean put(Consumer<BridgeEvents> event) {
        boolean taken = queue.offer(event);
        if (!taken) {
            lost++;
        } else if (woken.compareAndSet(false, true)) {
            wake();
        }
        return taken;
    }

    private void wake() {
        try {
            control.execute(this::drain);
        } catch (RejectedExecutionException ended) {
            lost++; // the switch is about to end, and so are its consoles
        }
    }

    private void drain() {
        woken.set(false);
        queue.drain(event -> event.accept(consoles));
    }

    private void logMove(long address, int from, int to) {
        log.accept("MAC " + MacAddress.toText(address) + " moved from port " + from + " to port " + to);
    }

    private void refillAfter(int left) {
        if (left == MOVES_A_SECOND) {
            soon.accept(() -> movesLeft.set(MOVES_A_SECOND));
        }
    }
}
