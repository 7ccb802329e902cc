package org.vswitch.slirp.service;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostToken;
import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.wire.Dns;
import org.vswitch.wire.Udp;

/// A guest's query, and how far it has got. Made once, used for one query after the other.
final class DnsQuery {
    /// Where it lies among the others.
    final int index;

    /// Address of the message: in the guest's frame, or in memory of its own, where the ID is the server's.
    long message;
    int length;
    /// The most bytes of an answer that the guest takes.
    int udpSize;
    int place;

    /// The host's socket, -1 without.
    int socket = -1;
    /// What the answer has to have as its ID.
    int id;
    DnsUpstream upstream;
    /// Servers that were asked, as bits, and the list that they belong to.
    int tried;
    int version;
    long beganNs;
    long sentNs;
    long endNs;
    /// When to look at it; meaningless if it is not under way.
    long deadlineNs;
    boolean underWay;

    private int generation;
    private long guestMac;
    private long guestHigh;
    private long guestLow;
    private long ownHigh;
    private long ownLow;
    private int guestPort;
    private int guestId;

    DnsQuery(int index) {
        this.index = index;
    }

    /// Takes over what a guest sent.
    ///
    /// @param packet a datagram with a valid DNS header, which stays where it is
    void from(Packet packet) {
        message = packet.payload + Udp.LENGTH;
        length = Udp.length(packet.payload) - Udp.LENGTH;
        udpSize = Dns.MIN_UDP_SIZE;
        guestMac = packet.sourceMac;
        guestHigh = packet.sourceHigh;
        guestLow = packet.sourceLow;
        ownHigh = packet.destinationHigh;
        ownLow = packet.destinationLow;
        guestPort = Udp.sourcePort(packet.payload);
        guestId = Dns.id(message);
    }

    /// Takes over another query, and copies its message.
    ///
    /// @param other its message fits into this one's memory
    /// @param memory of this one
    void from(DnsQuery other, long memory) {
        NativeMemory.copy(other.message, memory, other.length);
        message = memory;
        length = other.length;
        udpSize = other.udpSize;
        place = other.place;
        guestMac = other.guestMac;
        guestHigh = other.guestHigh;
        guestLow = other.guestLow;
        ownHigh = other.ownHigh;
        ownLow = other.ownLow;
        guestPort = other.guestPort;
        guestId = other.guestId;
    }

    /// Addresses the answer.
    void address(Envelope envelope) {
        envelope.destinationMac = guestMac;
        envelope.sourceHigh = ownHigh;
        envelope.sourceLow = ownLow;
        envelope.destinationHigh = guestHigh;
        envelope.destinationLow = guestLow;
        envelope.protocol = Udp.PROTOCOL;
    }

    int guestPort() {
        return guestPort;
    }

    int guestId() {
        return guestId;
    }

    /// Has a new socket: what is reported about an earlier one is not for it.
    void opened(int newSocket) {
        socket = newSocket;
        generation++;
    }

    long token() {
        return HostToken.of(HostToken.DNS, generation, index);
    }
}
