package org.vswitch.bridge;

import org.vswitch.guard.GuardSettings;

/// Changes to ports and their VLANs: what commands do between two batches. Preconditions are the caller's to check; a
/// violated one is an error of this program.
public final class PortSettings {
    private final Bridge bridge;
    private final BridgePorts ports;

    /// Settings of one bridge.
    ///
    /// @param bridge whose ports
    public PortSettings(Bridge bridge) {
        this.bridge = bridge;
        this.ports = bridge.ports();
    }

    /// Creates a port, untagged in VLAN 0.
    ///
    /// @param number free, below the count of ports
    /// @param allocatable whether it may be given to somebody who asks for no particular port
    /// @return the new port
    public BridgePort create(int number, boolean allocatable) {
        assert ports.port(number) == null;
        BridgePort port = new BridgePort(number, allocatable);
        ports.put(port);
        bridge.vlans(bridge.vlans().withUntagged(0, number));
        if (bridge.events().watched()) {
            bridge.events().portCreated(number);
        }
        return port;
    }

    /// Removes a port with its settings and VLAN memberships.
    ///
    /// @param number a port without endpoint
    public void remove(int number) {
        assert !ports.port(number).isActive();
        VlanTable vlans = bridge.vlans();
        for (int vid = 0; vid < VlanTable.COUNT; vid++) {
            if (vlans.exists(vid) && vlans.vlan(vid).accepts(number)) {
                vlans = vlans.without(vid, number);
            }
        }
        bridge.vlans(vlans.trunks().contains(number) ? vlans.withTrunk(number, false) : vlans);
        for (int other = 0; other < ports.count(); other++) {
            if (ports.port(other) != null && ports.port(other).mirror() == ports.port(number)) {
                ports.port(other).mirror(null);
            }
        }
        guard(ports.port(number), GuardSettings.OFF);
        ports.remove(number);
    }

    /// Gives a port a guard that has learned nothing yet, or takes it away.
    ///
    /// @param port the port
    /// @param settings what is demanded of it
    public void guard(BridgePort port, GuardSettings settings) {
        bridge.guards().set(port.number(), settings);
        port.guardSettings(settings);
        for (int number = 0; number < ports.count(); number++) {
            if (ports.port(number) != null) {
                ports.port(number).guard(bridge.guards().active(number));
            }
        }
        ports.refresh();
    }

    /// Sets the VLAN of a port's untagged frames, and forgets what was learned there.
    ///
    /// @param port the port
    /// @param vid an existing VLAN, or [VlanTable#NO_VLAN]
    /// @param events told of forgotten addresses
    public void untaggedVlan(BridgePort port, int vid, BridgeEvents events) {
        VlanTable vlans = bridge.vlans();
        if (port.untaggedVlan() != VlanTable.NO_VLAN) {
            vlans = vlans.without(port.untaggedVlan(), port.number());
        }
        bridge.vlans(vid == VlanTable.NO_VLAN ? vlans : vlans.withUntagged(vid, port.number()));
        port.untaggedVlan(vid);
        bridge.ageing().forgetPort(port.number(), events);
    }

    /// Makes a port a tagged member of a VLAN.
    ///
    /// @param port the port
    /// @param vid an existing VLAN, not its untagged one
    public void addTagged(BridgePort port, int vid) {
        bridge.vlans(bridge.vlans().withTagged(vid, port.number()));
    }

    /// Ends a port's tagged membership.
    ///
    /// @param port the port
    /// @param vid a VLAN it is a tagged member of
    /// @param events told of forgotten addresses
    public void removeTagged(BridgePort port, int vid, BridgeEvents events) {
        bridge.vlans(bridge.vlans().without(vid, port.number()));
        bridge.ageing().forget(vid, port.number(), events);
    }

    /// Creates a VLAN.
    ///
    /// @param vid not existing
    public void createVlan(int vid) {
        bridge.vlans(bridge.vlans().created(vid));
    }

    /// Removes a VLAN.
    ///
    /// @param vid existing, without members but trunks
    /// @param events told of forgotten addresses
    public void removeVlan(int vid, BridgeEvents events) {
        bridge.vlans(bridge.vlans().removed(vid));
        bridge.ageing().forgetVlan(vid, events);
    }

    /// Makes a port pass every tag, or only those of its VLANs.
    ///
    /// @param port the port
    /// @param on whether it is a trunk
    public void trunk(BridgePort port, boolean on) {
        bridge.vlans(bridge.vlans().withTrunk(port.number(), on));
        port.trunk(on);
    }

    /// Sends copies of all frames of a port to another one, or stops doing so.
    ///
    /// @param port whose frames
    /// @param to another port, or null
    public void mirror(BridgePort port, BridgePort to) {
        assert to != port;
        port.mirror(to);
    }

    /// Sets what the spanning tree lets a port do in a VLAN.
    ///
    /// @param vid the VLAN
    /// @param number the port
    /// @param state from now on
    public void state(int vid, int number, PortState state) {
        bridge.vlans(bridge.vlans().withState(vid, number, state));
    }
}
