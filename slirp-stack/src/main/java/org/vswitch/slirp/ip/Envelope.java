package org.vswitch.slirp.ip;

import org.vswitch.wire.IpAddress;

/// What stands around the payload of a packet that the router sends: filled in anew for each one, and not changed
/// between [IpOutput#begin] and [IpOutput#commit].
public final class Envelope {
    /// The hop limit of what the router itself has to say (RFC 1700, "default TTL").
    public static final int DEFAULT_HOP_LIMIT = 64;

    /// The station that gets it.
    public long destinationMac;
    /// Upper half of the source address ([IpAddress]); the source says which version of IP it is.
    public long sourceHigh;
    /// Lower half of the source address.
    public long sourceLow;
    /// Upper half of the destination address.
    public long destinationHigh;
    /// Lower half of the destination address.
    public long destinationLow;
    /// The upper protocol.
    public int protocol;
    /// TTL or hop limit.
    public int hopLimit;
    /// TOS or traffic class.
    public int trafficClass;
    /// IPv4: whether nobody on the way may cut it. Not for what is larger than the MTU.
    public boolean dontFragment;

    /// An empty envelope.
    public Envelope() {
        hopLimit = DEFAULT_HOP_LIMIT;
    }

    /// Addresses an answer: from where the packet was sent to, back to its sender, with the default hop limit.
    ///
    /// @param packet what is answered
    /// @param upperProtocol the protocol of the answer
    /// @return this
    public Envelope replyTo(Packet packet, int upperProtocol) {
        destinationMac = packet.sourceMac;
        sourceHigh = packet.destinationHigh;
        sourceLow = packet.destinationLow;
        destinationHigh = packet.sourceHigh;
        destinationLow = packet.sourceLow;
        protocol = upperProtocol;
        hopLimit = DEFAULT_HOP_LIMIT;
        trafficClass = 0;
        dontFragment = false;
        return this;
    }

    /// Whether it is for an IPv4 packet.
    ///
    /// @return false for IPv6
    public boolean isV4() {
        return IpAddress.isV4(sourceHigh, sourceLow);
    }
}
