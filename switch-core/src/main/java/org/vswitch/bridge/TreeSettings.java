package org.vswitch.bridge;

import java.util.List;

/// What consoles ask of the spanning tree. Used by the data-plane thread alone.
public interface TreeSettings {
    /// Whether it runs.
    ///
    /// @return false while every port forwards
    boolean isEnabled();

    /// Starts or stops it.
    ///
    /// @param on whether it runs from now on
    void enable(boolean on);

    /// The bridge identifier of this switch.
    ///
    /// @return 16 bits of priority, 48 of address
    long bridgeId();

    /// Says whether a port leads to hosts only, so that it sends and takes no messages.
    ///
    /// @param vid an existing VLAN
    /// @param port any number below the count of ports
    /// @param on true for an edge port
    void edge(int vid, int port, boolean on);

    /// Makes one port of a VLAN cheaper; there is one such port a VLAN.
    ///
    /// @param vid an existing VLAN
    /// @param port any number below the count of ports
    /// @param cost subtracted from the port's cost
    void bonus(int vid, int port, int cost);

    /// Describes the tree of a VLAN.
    ///
    /// @param vid an existing VLAN
    /// @return its state at this moment
    View view(int vid);

    /// The tree of one VLAN.
    ///
    /// @param vid the VLAN
    /// @param root bridge identifier of the root
    /// @param designated bridge identifier of the next switch on the way to the root; all ones if there is none
    /// @param rootPort the port that leads to the root, or 0
    /// @param rootCost cost of the way to the root
    /// @param ageSeconds since the root was last heard of
    /// @param bonusPort the port that is cheaper, or 0
    /// @param bonusCost by how much
    /// @param members active ports, untagged ones before tagged ones, by number
    record View(int vid, long root, long designated, int rootPort, int rootCost, long ageSeconds, int bonusPort,
            int bonusCost, List<Member> members) {
    }

    /// A port in the tree of a VLAN.
    ///
    /// @param port its number
    /// @param tagged whether it is a tagged member of the VLAN
    /// @param cost of the way through it
    /// @param role VDE's word for it: Root, Designated, Alternate/Backup, Edge or Unknown
    record Member(int port, boolean tagged, int cost, String role) {
    }
}
