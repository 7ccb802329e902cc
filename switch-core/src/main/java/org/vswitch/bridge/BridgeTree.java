package org.vswitch.bridge;

import org.vswitch.wire.Ethernet;

/// What joins the bridge and its spanning tree: tells the tree which ports take part, and does what it decides.
///
/// A port takes part in the tree of each created VLAN it is a member of while it has an endpoint. Membership changes by
/// plugs and by commands; instead of each of them knowing the tree, [#refresh] compares with what it last saw. Belongs
/// to the data-plane thread.
public final class BridgeTree implements SpanningTree.Host {
    private final Bridge bridge;
    private final PortSettings settings;
    private final SpanningTree tree;
    private final Vlan[] seen = new Vlan[VlanTable.COUNT];
    private PortSet seenActive = PortSet.EMPTY;
    private boolean refreshing;

    /// Puts a spanning tree, switched off, in charge of a bridge.
    ///
    /// @param bridge whose ports
    /// @param switchMac address of the switch
    /// @param priority the less, the rather it becomes the root; 16 bits
    /// @param nowNs the time
    public BridgeTree(Bridge bridge, long switchMac, int priority, long nowNs) {
        this.bridge = bridge;
        this.settings = new PortSettings(bridge);
        this.tree = new SpanningTree(switchMac, priority, this, nowNs);
        bridge.tree(this);
        refresh();
    }

    /// The tree.
    ///
    /// @return for consoles, on the data-plane thread
    public SpanningTree tree() {
        return tree;
    }

    /// Tells the tree what changed: VLANs, their members, ports with or without endpoint.
    void refresh() {
        if (refreshing) {
            return;
        }
        refreshing = true;
        PortSet before = seenActive;
        PortSet active = bridge.ports().active();
        seenActive = active;
        for (int vid = 0; vid < VlanTable.COUNT; vid++) {
            Vlan old = seen[vid];
            Vlan vlan = bridge.vlans().exists(vid) ? bridge.vlans().vlan(vid) : null;
            if (old != vlan || before != active && vlan != null) {
                seen[vid] = vlan;
                refresh(vid, members(old, before), members(vlan, active), old == null);
                seen[vid] = bridge.vlans().exists(vid) ? bridge.vlans().vlan(vid) : null;
            }
        }
        refreshing = false;
    }

    private void refresh(int vid, PortSet old, PortSet members, boolean created) {
        if (created) {
            tree.vlanAdded(vid);
        }
        for (int port = old.next(0); port >= 0; port = old.next(port + 1)) {
            if (!members.contains(port)) {
                tree.portRemoved(vid, port);
                if (bridge.vlans().exists(vid)) {
                    settings.state(vid, port, PortState.FORWARDING);
                }
            }
        }
        if (!bridge.vlans().exists(vid)) {
            tree.vlanRemoved(vid);
        }
        for (int port = members.next(0); port >= 0; port = members.next(port + 1)) {
            if (!old.contains(port)) {
                tree.portAdded(vid, port);
            }
        }
    }

    private static PortSet members(Vlan vlan, PortSet active) {
        return vlan == null ? PortSet.EMPTY : vlan.untagged().or(vlan.tagged()).and(active);
    }

    @Override
    public void send(int port, int vid, byte[] frame) {
        bridge.originate(isTagged(vid, port) ? withTag(frame, vid) : frame, port);
    }

    @Override
    public void portState(int vid, int port, PortState state) {
        settings.state(vid, port, state);
    }

    @Override
    public void flushAddresses(int vid) {
        bridge.ageing().forgetVlan(vid, bridge.events());
    }

    @Override
    public boolean isTagged(int vid, int port) {
        return bridge.vlans().vlan(vid).tagged().contains(port);
    }

    @Override
    public BridgeEvents events() {
        return bridge.events();
    }

    private static byte[] withTag(byte[] frame, int vid) {
        byte[] tagged = new byte[frame.length + Ethernet.TAG_LENGTH];
        System.arraycopy(frame, 0, tagged, 0, Ethernet.TAG_OFFSET);
        tagged[Ethernet.TAG_OFFSET] = (byte) (Ethernet.TYPE_VLAN >>> 8);
        tagged[Ethernet.TAG_OFFSET + 1] = (byte) Ethernet.TYPE_VLAN;
        tagged[Ethernet.TAG_OFFSET + 2] = (byte) (vid >>> 8);
        tagged[Ethernet.TAG_OFFSET + 3] = (byte) vid;
        System.arraycopy(frame, Ethernet.TAG_OFFSET, tagged, Ethernet.TAG_OFFSET + Ethernet.TAG_LENGTH,
                frame.length - Ethernet.TAG_OFFSET);
        return tagged;
    }
}
