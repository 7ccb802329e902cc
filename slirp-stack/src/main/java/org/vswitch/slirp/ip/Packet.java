package org.vswitch.slirp.ip;

/// An IP packet from a guest, validated: what the layers above may rely on. One object, filled anew for each packet;
/// valid during the call it is handed to, and the memory it points to does not change meanwhile.
///
/// All addresses are native. The frame lies contiguous; `payload` is behind the IP header and its extension headers,
/// and is what the IP length says, without the padding of short frames. A reassembled packet lies elsewhere, but
/// looks the same.
public final class Packet {
    /// Address of the Ethernet header; 0 for a reassembled packet.
    public long frame;
    /// The guest's station, from the Ethernet header.
    public long sourceMac;
    /// Where the frame was sent to.
    public long destinationMac;
    /// Whether it is IPv4.
    public boolean v4;
    /// Address of the IP header.
    public long header;
    /// Bytes of the IP header, options and extension headers included.
    public int headerLength;
    /// Upper half of the source address ([org.vswitch.wire.IpAddress]).
    public long sourceHigh;
    /// Lower half of the source address.
    public long sourceLow;
    /// Upper half of the destination address.
    public long destinationHigh;
    /// Lower half of the destination address.
    public long destinationLow;
    /// The upper protocol (IPv4: protocol; IPv6: the last next header).
    public int protocol;
    /// TTL or hop limit.
    public int hopLimit;
    /// TOS or traffic class.
    public int trafficClass;
    /// Whether nobody on the way may cut it: as IPv4 says (RFC 791, 3.1), always with IPv6, but never what the sender
    /// itself has cut.
    public boolean dontFragment;
    /// Address of the payload.
    public long payload;
    /// Bytes of the payload, at most 65,535.
    public int payloadLength;
    /// Whether the transport checksum need not be verified: it is known to be right, or still to be completed.
    public boolean checksumTrusted;
    /// Whether it was sent to more than one station: to a group on the Ethernet, a multicast or a broadcast address.
    /// Such a packet is never forwarded and never answered by an error.
    public boolean toGroup;
    /// Offset of the octet that named the protocol, from the IP header on: what a parameter problem points to.
    public int protocolOffset;
    /// Offset of the payload in the datagram that it is a fragment of; 0 for whole packets.
    public int fragmentOffset;
    /// Whether more fragments follow; false for whole packets.
    public boolean moreFragments;
    /// What fragments of a datagram have in common.
    public int identification;
    /// IPv6: offset of the octet that named the fragment header, which goes when the datagram is put together.
    int fragmentHeaderNamedAt;

    /// An empty object, to be filled.
    public Packet() {
        frame = 0;
    }

    /// Becomes equal to another one; the memory that it is about is the same.
    ///
    /// @param other a whole packet
    /// @return this
    public Packet from(Packet other) {
        assert !other.isFragment();
        frame = other.frame;
        sourceMac = other.sourceMac;
        destinationMac = other.destinationMac;
        v4 = other.v4;
        header = other.header;
        headerLength = other.headerLength;
        sourceHigh = other.sourceHigh;
        sourceLow = other.sourceLow;
        destinationHigh = other.destinationHigh;
        destinationLow = other.destinationLow;
        protocol = other.protocol;
        hopLimit = other.hopLimit;
        trafficClass = other.trafficClass;
        dontFragment = other.dontFragment;
        payload = other.payload;
        payloadLength = other.payloadLength;
        checksumTrusted = other.checksumTrusted;
        toGroup = other.toGroup;
        protocolOffset = other.protocolOffset;
        identification = other.identification;
        return this;
    }

    /// Whether it is only a part of a datagram.
    ///
    /// @return true for all fragments but atomic ones (RFC 6946)
    public boolean isFragment() {
        return moreFragments || fragmentOffset != 0;
    }
}
