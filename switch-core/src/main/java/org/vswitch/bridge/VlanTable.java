package org.vswitch.bridge;

/// All VLANs at one moment (IEEE 802.1Q clause 8.8; VDE's model: one untagged VLAN a port, any number of tagged ones).
/// Immutable: changes make a new table, which the bridge reads once per pass.
///
/// A frame of a VLAN that was not created goes between trunk ports only.
public final class VlanTable {
    /// How many VLAN identifiers there are.
    public static final int COUNT = 4096;
    /// The untagged VLAN of a port that takes no untagged frames.
    public static final int NO_VLAN = 4095;
    /// Only VLAN 0 exists.
    public static final VlanTable DEFAULT = new VlanTable(new Vlan[COUNT], Vlan.NONE).created(0);

    private final Vlan[] vlans;
    private final Vlan uncreated;

    private VlanTable(Vlan[] vlans, Vlan uncreated) {
        this.vlans = vlans;
        this.uncreated = uncreated;
    }

    /// A VLAN, for forwarding.
    ///
    /// @param vid 0 to 4,095
    /// @return its members; trunk ports only if it was not created
    public Vlan vlan(int vid) {
        Vlan vlan = vlans[vid];
        return vlan == null ? uncreated : vlan;
    }

    /// Whether a VLAN was created.
    ///
    /// @param vid any number
    /// @return false outside 0 to 4,095, too
    public boolean exists(int vid) {
        return vid >= 0 && vid < COUNT && vlans[vid] != null;
    }

    /// The trunk ports.
    ///
    /// @return ports that pass every tag
    public PortSet trunks() {
        return uncreated.trunks();
    }

    VlanTable created(int vid) {
        return replaced(vid, uncreated);
    }

    VlanTable removed(int vid) {
        return replaced(vid, null);
    }

    VlanTable withUntagged(int vid, int port) {
        return replaced(vid, vlan(vid).withUntagged(port));
    }

    VlanTable withTagged(int vid, int port) {
        return replaced(vid, vlan(vid).withTagged(port));
    }

    VlanTable without(int vid, int port) {
        return replaced(vid, vlan(vid).without(port));
    }

    VlanTable withState(int vid, int port, PortState state) {
        return replaced(vid, vlan(vid).withState(port, state));
    }

    VlanTable withTrunk(int port, boolean trunk) {
        Vlan[] changed = vlans.clone();
        for (int vid = 0; vid < COUNT; vid++) {
            if (changed[vid] != null) {
                changed[vid] = changed[vid].withTrunk(port, trunk);
            }
        }
        return new VlanTable(changed, uncreated.withTrunk(port, trunk));
    }

    private VlanTable replaced(int vid, Vlan vlan) {
        Vlan[] changed = vlans.clone();
        changed[vid] = vlan;
        return new VlanTable(changed, uncreated);
    }
}
