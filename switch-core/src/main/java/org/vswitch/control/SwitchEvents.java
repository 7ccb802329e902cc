package org.vswitch.control;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.vswitch.bridge.BridgeEvents;
import org.vswitch.bridge.PortState;
import org.vswitch.wire.MacAddress;

/// Tells any number of subscribers what happens in a switch, in VDE's words (facts: vde_switch's debug categories).
///
/// Subscriptions may be made, changed and closed by any thread; events come from the data-plane thread, which makes no
/// text that nobody asked for.
public final class SwitchEvents implements BridgeEvents {
    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
    private volatile int watchedBits;

    /// Events without subscribers.
    public SwitchEvents() {
    }

    /// Makes a subscription, at first to nothing.
    ///
    /// @param listener gets complete lines on the data-plane thread; must neither block nor throw
    /// @return to be closed at the end
    public Subscription subscribe(Consumer<String> listener) {
        Subscription subscription = new Subscription(listener);
        subscriptions.add(subscription);
        return subscription;
    }

    @Override
    public boolean watched() {
        return watchedBits != 0;
    }

    @Override
    public void addressLearned(long address, int vid, int port) {
        publishAddress(EventCategory.HASH_ADDED, address, vid, port);
    }

    @Override
    public void addressExpired(long address, int vid, int port) {
        publishAddress(EventCategory.HASH_REMOVED, address, vid, port);
    }

    @Override
    public void addressMoved(long address, int from, int to) {
        // VDE's consoles do not show moves
    }

    @Override
    public void portCreated(int port) {
        publish(EventCategory.PORT_CREATED, "%02d", port);
    }

    @Override
    public void portClosed(int port) {
        publish(EventCategory.PORT_CLOSED, "%02d", port);
    }

    @Override
    public void endpointAttached(int port, long endpoint, String description) {
        publish(EventCategory.ENDPOINT_ATTACHED, "Port %02d FD %2d", port, endpoint);
        publish(EventCategory.ENDPOINT_DESCRIBED, "Port %02d FD %2d -> \"%s\"", port, endpoint, description);
    }

    @Override
    public void endpointDetached(int port, long endpoint) {
        publish(EventCategory.ENDPOINT_DETACHED, "Port %02d FD %2d", port, endpoint);
    }

    @Override
    public void treeRootChanged(int vid, int port, long root) {
        publish(EventCategory.TREE_ROOT, "Port %04d VLAN %02x:%02x -> %s", port, vid >> 8, vid & 0xff,
                bridgeId(root));
    }

    @Override
    public void treeStateChanged(int vid, int port, PortState state) {
        String text = switch (state) {
            case DISCARDING -> "discarding";
            case LEARNING -> "learning";
            case FORWARDING -> "learning+forwarding";
        };
        publish(EventCategory.TREE_STATE, "Port %04d VLAN %02x:%02x %s", port, vid >> 8, vid & 0xff, text);
    }

    @Override
    public void treeNeighborChanged(int vid, int port, boolean active) {
        publish(active ? EventCategory.TREE_NEIGHBOR_ADDED : EventCategory.TREE_NEIGHBOR_REMOVED,
                "Port %04d VLAN %02x:%02x", port, vid >> 8, vid & 0xff);
    }

    /// VDE's text form of a bridge identifier.
    ///
    /// @param id 16 bits of priority, 48 of address
    /// @return eight groups of two hexadecimal digits
    public static String bridgeId(long id) {
        return "%02x:%02x:%s".formatted(id >>> 56, id >>> 48 & 0xff, MacAddress.toText(id & MacAddress.BROADCAST));
    }

    /// VDE prints the VLAN of an address low byte first.
    private void publishAddress(EventCategory category, long address, int vid, int port) {
        publish(category, "%s VLAN %02x:%02x Port %d", MacAddress.toText(address), vid & 0xff, vid >> 8, port);
    }

    private void publish(EventCategory category, String format, Object... values) {
        if ((watchedBits & category.bit()) == 0) {
            return;
        }
        String line = "3%03o %s %s\n".formatted(category.tag(), category.path(), format.formatted(values));
        for (Subscription subscription : subscriptions) {
            if (subscription.includes(category)) {
                subscription.listener.accept(line);
            }
        }
    }

    private synchronized void refresh() {
        int bits = 0;
        for (Subscription subscription : subscriptions) {
            bits |= subscription.bits;
        }
        watchedBits = bits;
    }

    /// The categories that one listener gets. Changed by one thread, its owner.
    public final class Subscription implements AutoCloseable {
        private final Consumer<String> listener;
        private volatile int bits;

        private Subscription(Consumer<String> listener) {
            this.listener = listener;
        }

        /// Whether a category is included.
        ///
        /// @param category any
        /// @return true if its events are delivered
        public boolean includes(EventCategory category) {
            return (bits & category.bit()) != 0;
        }

        /// Includes a category or leaves it out.
        ///
        /// @param category any
        /// @param on whether its events are delivered from now on
        public void include(EventCategory category, boolean on) {
            bits = on ? bits | category.bit() : bits & ~category.bit();
            refresh();
        }

        /// Ends the subscription.
        @Override
        public void close() {
            subscriptions.remove(this);
            refresh();
        }
    }
}
