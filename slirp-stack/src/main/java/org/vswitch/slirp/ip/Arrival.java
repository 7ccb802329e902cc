package org.vswitch.slirp.ip;

/// What a frame from a guest turned out to be.
public enum Arrival {
    /// An ARP packet, which is the payload of [PacketReader#packet]; only the Ethernet header has been looked at.
    ARP,
    /// An IP packet, whole: see [PacketReader#packet].
    PACKET,
    /// A fragment that waits for others.
    FRAGMENT,
    /// Nothing that can be used; it has been counted.
    DROPPED
}
