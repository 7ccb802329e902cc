package org.vswitch.bridge;

import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.Variants;
import org.vswitch.guard.PortGuards;
import org.vswitch.link.Egress;
import org.vswitch.link.Endpoint;
import org.vswitch.link.Forwarder;
import org.vswitch.link.PortOrder;
import org.vswitch.wire.Bpdu;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.MacAddress;

/// The decision where each frame goes (IEEE 802.1Q clause 8.6, in the order of vde_switch's rules).
///
/// Theory of operation. [#forward] looks at the columns of a batch frame by frame: length, hub mode, VLAN, the guard of
/// a port that has one, spanning tree message, port state, learning, look-up. Each frame is appended to the order of
/// one egress port, or of all in its VLAN; when all are decided, each touched port hands its order to its endpoints in
/// one go. A frame that goes nowhere is counted at its ingress port under one [Drop]. VLANs and port states are one
/// immutable snapshot per batch.
///
/// Frames go to every endpoint of the egress port and never between two endpoints of one port. Belongs to one
/// data-plane thread; allocates nothing while forwarding.
public final class Bridge implements Forwarder {
    /// With more addresses than this the table's part in use exceeds the first levels of the cache.
    private static final int CACHED_ADDRESSES = 4096;

    private final BridgePorts ports;
    private final MacTable addresses;
    private final AddressAgeing ageing;
    private final AgeingClock clock = new AgeingClock();
    private final Variants variants;
    private final Attention attention;
    private final BridgePort[] touched;
    private final Originated originated = new Originated();
    private final PortGuards guards;
    private SpanningTreePort spanningTree = SpanningTreePort.OFF;
    private BridgeTree tree;
    private BridgeEvents events = BridgeEvents.NONE;
    private VlanTable vlans = VlanTable.DEFAULT;
    private boolean hub;
    private boolean forwarding;
    private int touchedCount;
    private long touchedSum;
    private long fanOut;

    /// A bridge without ports.
    ///
    /// @param ports its port table
    /// @param addresses its filtering database
    /// @param egress what the endpoints of the data plane share
    /// @param attention told of endpoints with a backlog
    public Bridge(BridgePorts ports, MacTable addresses, Egress egress, Attention attention) {
        this.ports = ports;
        this.addresses = addresses;
        this.ageing = new AddressAgeing(addresses, clock);
        this.variants = egress.variants();
        this.attention = attention;
        this.touched = new BridgePort[BridgePorts.MAX_COUNT];
        this.guards = new PortGuards(this::isElsewhere);
    }

    @Override
    public void forward(FrameBatch batch, Endpoint ingress, int taken) {
        BridgePort port = ports.port(ingress.port());
        forwarding = true;
        port.countReceived(taken);
        countDiscards(batch, port);
        variants.begin();
        if (hub) {
            forwardAsHub(batch, port);
        } else {
            if (addresses.count() > CACHED_ADDRESSES) {
                touchAddresses(batch, port);
            }
            forwardAsSwitch(batch, port);
        }
        transmitOrders(batch);
        forwarding = false;
        sendOriginated();
    }

    private void touchAddresses(FrameBatch batch, BridgePort port) {
        long sum = 0;
        for (int row = 0; row < batch.size(); row++) {
            sum += addresses.touch(batch.destination(row), vid(batch, row, port));
        }
        touchedSum = sum;
    }

    /// The decisions for the frames of a batch, and nothing else. Frames of one flow mostly come one behind the other:
    /// of them only the first is looked up. A guard looks at each, and a mirror gets each.
    private void forwardAsSwitch(FrameBatch batch, BridgePort port) {
        boolean plain = port.guard() == null && port.mirror() == null;
        BridgePort egress = null;
        for (int row = 0; row < batch.size(); row++) {
            port.countReceivedBytes(batch.length(row));
            if (egress != null && batch.hasHeaderOfPrevious(row)) {
                append(egress, batch, row);
                port.countPassedOn();
            } else {
                mirrorReceived(batch, row, port);
                BridgePort only = decide(batch, row, port);
                egress = plain ? only : null;
            }
        }
    }

    /// Decides on one frame.
    ///
    /// @return the port that it went to, and another one like it goes to; null unless it is one port, gets the frame in
    ///         the form in which it came, and the sender's address is known
    private BridgePort decide(FrameBatch batch, int row, BridgePort port) {
        if (batch.isTagged(row) && batch.length(row) < Ethernet.HEADER_LENGTH + Ethernet.TAG_LENGTH) {
            port.discard(Drop.TOO_SHORT, 1);
            return null;
        }
        int vid = vid(batch, row, port);
        Vlan vlan = vlans.vlan(vid);
        if (vid == VlanTable.NO_VLAN || !vlan.accepts(port.number())) {
            port.discard(Drop.VLAN_NOT_MEMBER, 1);
            return null;
        }
        if (port.guard() != null && isRefused(batch, row, port, vid)) {
            return null;
        }
        long destination = batch.destination(row);
        if (destination == Bpdu.ADDRESS && spanningTree.isEnabled()) {
            consumeBpdu(batch, row, port, vid);
            return null;
        }
        boolean known = !vlan.learns(port.number()) || learn(batch.source(row), vid, port);
        if (!vlan.forwards(port.number())) {
            port.discard(Drop.PORT_DISCARDING, 1);
            return null;
        }
        int slot = MacAddress.isGroup(destination) ? MacTable.NONE : addresses.find(destination, vid);
        if (slot != MacTable.NONE) {
            BridgePort egress = forwardTo(batch, row, port, addresses.port(slot));
            return known ? egress : null;
        }
        if (port.guard() == null || MacAddress.isGroup(destination) || mayFlood(port, batch.segments(row))) {
            flood(batch, row, port, vid);
        }
        return null;
    }

    private static boolean isRefused(FrameBatch batch, int row, BridgePort port, int vid) {
        Drop reason = port.guard().refusal(batch, row, vid);
        if (reason != null) {
            port.discard(reason, 1);
        }
        return reason != null;
    }

    private static boolean mayFlood(BridgePort port, int frames) {
        Drop reason = port.guard().refusalToFlood(frames);
        if (reason != null) {
            port.discard(reason, 1);
        }
        return reason == null;
    }

    private boolean isElsewhere(long mac, int vid, int port) {
        int slot = addresses.find(mac, vid);
        return slot != MacTable.NONE && addresses.port(slot) != port;
    }

    private static int vid(FrameBatch batch, int row, BridgePort ingress) {
        return batch.isTagged(row) ? Ethernet.vid(batch.tci(row)) : ingress.untaggedVlan();
    }

    private void forwardAsHub(FrameBatch batch, BridgePort ingress) {
        for (int row = 0; row < batch.size(); row++) {
            ingress.countReceivedBytes(batch.length(row));
            mirrorReceived(batch, row, ingress);
            if (ingress.guard() != null && isRefused(batch, row, ingress, vid(batch, row, ingress))) {
                continue;
            }
            boolean passed = false;
            PortSet active = ports.reachable(ingress);
            for (int number = active.next(0); number >= 0; number = active.next(number + 1)) {
                if (number != ingress.number()) {
                    append(ports.port(number), batch, row);
                    passed = true;
                }
            }
            settle(ingress, passed);
        }
    }

    /// Learns where an address is.
    ///
    /// @return false if the next frame from there has to try again
    private boolean learn(long source, int vid, BridgePort port) {
        if (MacAddress.isGroup(source)) {
            return true;
        }
        int slot = addresses.find(source, vid);
        int before = slot == MacTable.NONE ? -1 : addresses.port(slot);
        if (before == port.number() && addresses.seenSeconds(slot) == clock.nowSeconds()) {
            return true;
        }
        MacTable.Learned learned = addresses.learn(source, vid, port.number(), clock);
        ageing.learned(learned);
        if (port.guard() != null) {
            port.guard().appeared(source);
        }
        if (events.watched()) {
            if (learned == MacTable.Learned.ADDED) {
                events.addressLearned(source, vid, port.number());
            } else if (learned == MacTable.Learned.MOVED) {
                events.addressMoved(source, before, port.number());
            }
        }
        return learned != MacTable.Learned.HELD && learned != MacTable.Learned.FULL;
    }

    /// Forwards a frame to the port where its receiver is.
    ///
    /// @return that port, if it gets the frame in the form in which it came; otherwise null
    private BridgePort forwardTo(FrameBatch batch, int row, BridgePort ingress, int number) {
        int vid = vid(batch, row, ingress);
        BridgePort egress = ports.port(number);
        Vlan vlan = vlans.vlan(vid);
        if (number == ingress.number()) {
            ingress.discard(Drop.SAME_PORT, 1);
        } else if (ingress.isIsolated() && egress != null && egress.isIsolated()) {
            ingress.discard(Drop.ISOLATED, 1);
        } else if (egress == null || !egress.isActive() || !vlan.accepts(number) || !vlan.forwards(number)) {
            ingress.discard(Drop.NO_DESTINATION, 1);
        } else {
            int form = form(row, vid, vlan, number);
            append(egress, batch, form);
            ingress.countPassedOn();
            return form == row ? egress : null;
        }
        return null;
    }

    private void flood(FrameBatch batch, int row, BridgePort ingress, int vid) {
        Vlan vlan = vlans.vlan(vid);
        PortSet active = ports.reachable(ingress);
        boolean passed = false;
        for (int number = active.next(0); number >= 0; number = active.next(number + 1)) {
            if (number != ingress.number() && vlan.accepts(number) && vlan.forwards(number)) {
                append(ports.port(number), batch, form(row, vid, vlan, number));
                passed = true;
            }
        }
        settle(ingress, passed);
    }

    /// The form in which a port gets the frames of a VLAN. A trunk passes what is tagged as it is.
    private int form(int row, int vid, Vlan vlan, int number) {
        if (vlan.tagged().contains(number)) {
            return variants.tagged(row, vid);
        }
        if (vlan.trunks().contains(number)) {
            return vlan.untagged().contains(number) ? row : variants.tagged(row, vid);
        }
        return variants.untagged(row);
    }

    private void append(BridgePort egress, FrameBatch batch, int row) {
        PortOrder order = egress.order();
        if (order.count() == 0) {
            touched[touchedCount++] = egress;
        } else if (order.isFull()) {
            transmit(egress, batch);
        }
        order.add(row);
        egress.countTransmitted(batch.length(row));
        BridgePort mirror = egress.mirror();
        if (mirror != null) {
            appendCopy(mirror, batch, row);
        }
    }

    /// Appends a copy for a mirror port, which is not mirrored in turn.
    private void appendCopy(BridgePort mirror, FrameBatch batch, int row) {
        PortOrder order = mirror.order();
        if (order.count() == 0) {
            touched[touchedCount++] = mirror;
        } else if (order.isFull()) {
            transmit(mirror, batch);
        }
        order.add(row);
        mirror.countTransmitted(batch.length(row));
    }

    private void mirrorReceived(FrameBatch batch, int row, BridgePort ingress) {
        if (ingress.mirror() != null) {
            appendCopy(ingress.mirror(), batch, row);
        }
    }

    private void transmitOrders(FrameBatch batch) {
        for (int i = 0; i < touchedCount; i++) {
            transmit(touched[i], batch);
        }
        touchedCount = 0;
    }

    private void transmit(BridgePort egress, FrameBatch batch) {
        PortOrder order = egress.order();
        for (Endpoint endpoint : egress.endpoints()) {
            fanOut += order.count();
            endpoint.transmit(batch, order.rows(), order.count());
            if (endpoint.isBacklogged() || endpoint.isGone()) {
                attention.needed(endpoint);
            }
        }
        order.clear();
    }

    private void consumeBpdu(FrameBatch batch, int row, BridgePort port, int vid) {
        if (spanningTree.onBpdu(vid, port.number(), batch.head(row), batch.headLength(row))) {
            port.countConsumed();
        } else {
            port.discard(Drop.BAD_BPDU, 1);
        }
    }

    private void countDiscards(FrameBatch batch, BridgePort port) {
        if (batch.discards() > 0) {
            for (int i = 0; i < Drop.COUNT; i++) {
                Drop reason = Drop.ALL.get(i);
                port.discard(reason, batch.discarded(reason));
            }
        }
    }

    private static void settle(BridgePort ingress, boolean passed) {
        if (passed) {
            ingress.countPassedOn();
        } else {
            ingress.discard(Drop.NO_DESTINATION, 1);
        }
    }

    @Override
    public void attached(Endpoint endpoint) {
        ports.port(endpoint.port()).add(endpoint);
        ports.refresh();
        if (events.watched()) {
            events.endpointAttached(endpoint.port(), endpoint.id(), endpoint.label().description());
        }
        refreshTree();
    }

    @Override
    public void detached(Endpoint endpoint) {
        BridgePort port = ports.port(endpoint.port());
        port.remove(endpoint);
        ports.refresh();
        if (events.watched()) {
            events.endpointDetached(port.number(), endpoint.id());
        }
        if (!port.isActive()) {
            port.currentUser(BridgePort.NOBODY);
            if (events.watched()) {
                events.portClosed(port.number());
            }
            ageing.forgetPort(port.number(), events);
            guards.left(port.number());
        }
        refreshTree();
    }

    @Override
    public void now(long nowNs) {
        clock.set(nowNs);
        guards.now(nowNs);
        spanningTree.now(nowNs);
    }

    @Override
    public long onDeadline(long nowNs) {
        return Math.min(ageing.onDeadline(nowNs, events), spanningTree.onDeadline(nowNs));
    }

    /// Sends a frame that the switch itself made: at once, or behind the batch that is being forwarded.
    ///
    /// @param frame complete, at most 128 bytes; not to be changed any more
    /// @param number the egress port
    void originate(byte[] frame, int number) {
        originated.add(frame, number);
        if (!forwarding) {
            sendOriginated();
        }
    }

    private void sendOriginated() {
        while (!originated.isEmpty()) {
            BridgePort port = ports.port(originated.next());
            if (port != null && port.isActive()) {
                append(port, originated.batch(), 0);
                transmitOrders(originated.batch());
            }
        }
    }

    /// The ports.
    ///
    /// @return changed by commands only
    public BridgePorts ports() {
        return ports;
    }

    /// The filtering database.
    ///
    /// @return changed by learning, ageing and commands
    public MacTable addresses() {
        return addresses;
    }

    /// The guards of the ports.
    ///
    /// @return changed by [PortSettings] only
    PortGuards guards() {
        return guards;
    }

    /// Forgets addresses and knows when to look for old ones.
    ///
    /// @return the ageing of [#addresses]
    public AddressAgeing ageing() {
        return ageing;
    }

    /// The times of the filtering database.
    ///
    /// @return the bridge's clock
    public AgeingClock clock() {
        return clock;
    }

    /// The VLANs at this moment.
    ///
    /// @return a snapshot
    public VlanTable vlans() {
        return vlans;
    }

    /// Replaces the VLANs, from the next batch on.
    ///
    /// @param changed made from [#vlans]
    public void vlans(VlanTable changed) {
        vlans = changed;
        refreshTree();
    }

    private void refreshTree() {
        if (tree != null) {
            tree.refresh();
        }
    }

    /// Whether every frame goes to every port.
    ///
    /// @return true in hub mode
    public boolean isHub() {
        return hub;
    }

    /// Makes the bridge a hub or a switch.
    ///
    /// @param on true for a hub
    public void hub(boolean on) {
        hub = on;
    }

    /// Puts a spanning tree in charge: it gets the messages, its deadlines, and word of all changes of membership.
    void tree(BridgeTree joined) {
        tree = joined;
        spanningTree = joined.tree();
    }

    /// Who watches.
    ///
    /// @return told of changes
    public BridgeEvents events() {
        return events;
    }

    /// Sets who watches.
    ///
    /// @param watcher gets the events from now on
    public void events(BridgeEvents watcher) {
        events = watcher;
    }

    /// How many frames were handed to endpoints in all: the sum of what all endpoints, past ones included, were
    /// offered.
    ///
    /// @return a count
    public long fanOut() {
        return fanOut;
    }
}
