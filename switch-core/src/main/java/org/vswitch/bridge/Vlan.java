package org.vswitch.bridge;

/// One VLAN at one moment: who belongs to it, and whom the spanning tree lets learn and forward. Immutable.
///
/// @param untagged ports whose untagged frames belong to it, and which get its frames without tag
/// @param tagged ports that send and get its frames with tag
/// @param trunks ports that pass every tag, whether or not the VLAN was created
/// @param blocked members that may not forward
/// @param deaf members that may not learn either (a subset of `blocked`)
public record Vlan(PortSet untagged, PortSet tagged, PortSet trunks, PortSet blocked, PortSet deaf) {
    /// A VLAN without members.
    public static final Vlan NONE = new Vlan(PortSet.EMPTY, PortSet.EMPTY, PortSet.EMPTY, PortSet.EMPTY,
            PortSet.EMPTY);

    /// Whether frames of this VLAN are accepted from a port.
    ///
    /// @param port its number
    /// @return true for members and trunks
    public boolean accepts(int port) {
        return untagged.contains(port) || tagged.contains(port) || trunks.contains(port);
    }

    /// Whether addresses may be learned from a port.
    ///
    /// @param port its number
    /// @return false if the spanning tree discards
    public boolean learns(int port) {
        return !deaf.contains(port);
    }

    /// Whether frames may pass a port.
    ///
    /// @param port its number
    /// @return false if the spanning tree blocks it
    public boolean forwards(int port) {
        return !blocked.contains(port);
    }

    /// The state of a port.
    ///
    /// @param port its number
    /// @return as the spanning tree set it
    public PortState state(int port) {
        return deaf.contains(port) ? PortState.DISCARDING
                : blocked.contains(port) ? PortState.LEARNING : PortState.FORWARDING;
    }

    Vlan withState(int port, PortState state) {
        return new Vlan(untagged, tagged, trunks,
                state == PortState.FORWARDING ? blocked.without(port) : blocked.with(port),
                state == PortState.DISCARDING ? deaf.with(port) : deaf.without(port));
    }

    Vlan withUntagged(int port) {
        return new Vlan(untagged.with(port), tagged.without(port), trunks, blocked, deaf);
    }

    Vlan withTagged(int port) {
        return new Vlan(untagged.without(port), tagged.with(port), trunks, blocked, deaf);
    }

    Vlan withTrunk(int port, boolean trunk) {
        return new Vlan(untagged, tagged, trunk ? trunks.with(port) : trunks.without(port), blocked, deaf);
    }

    Vlan without(int port) {
        return new Vlan(untagged.without(port), tagged.without(port), trunks, blocked.without(port),
                deaf.without(port));
    }
}
