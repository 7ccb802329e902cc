package org.vswitch.bridge;

/// What the spanning tree lets a port do within a VLAN (IEEE 802.1D-2004 clause 7.4).
public enum PortState {
    /// Frames are neither forwarded nor learned from.
    DISCARDING,
    /// Addresses are learned, frames not forwarded.
    LEARNING,
    /// Frames pass.
    FORWARDING
}
