package org.vswitch.slirp.udp;

import org.vswitch.slirp.host.HostToken;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.policy.HostTarget;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Udp;

/// One endpoint of a guest, with the host's socket that stands for it. Used again after it has ended.
final class UdpFlow {
    private static final int NAME_SERVER_PORT = 53;

    final int index;
    final RecencyList.Link amongAll = new RecencyList.Link(this);
    final RecencyList.Link amongGuests = new RecencyList.Link(this);
    long guestHigh;
    long guestLow;
    int guestPort;
    /// The station that the guest's latest datagram came from.
    long guestMac;
    /// Where the flow counts among that guest's.
    int place;
    /// -1 while the flow is not in use.
    int socket = -1;
    UdpPhase phase = UdpPhase.ONE_WAY;
    /// When the latest datagram came, of either direction.
    long latestNs;
    /// The guest's latest datagram, for errors to quote it: where it believes that it went to.
    long remoteHigh;
    long remoteLow;
    /// And where it went to.
    long targetHigh;
    long targetLow;
    int remotePort;
    /// Its UDP header.
    long header;
    int hopLimit;
    int trafficClass;
    private int generation;
    private boolean namesOnly;
    private boolean answered;

    UdpFlow(int index) {
        this.index = index;
    }

    boolean isV4() {
        return IpAddress.isV4(guestHigh, guestLow);
    }

    /// What the socket's readiness is reported with.
    long token() {
        return HostToken.of(HostToken.UDP, generation, index);
    }

    /// Begins.
    void begin(Packet packet, int hostSocket) {
        guestHigh = packet.sourceHigh;
        guestLow = packet.sourceLow;
        guestPort = Udp.sourcePort(packet.payload);
        guestMac = packet.sourceMac;
        socket = hostSocket;
        phase = UdpPhase.ONE_WAY;
        namesOnly = true;
        answered = false;
    }

    /// Ends; what is still reported about the socket finds nobody.
    void end() {
        socket = -1;
        generation++;
    }

    boolean isOf(long high, long low, int port) {
        return guestLow == low && guestPort == port && guestHigh == high;
    }

    /// Remembers a datagram of the guest.
    ///
    /// @return the phase that it leads to
    UdpPhase sending(Packet packet, HostTarget target) {
        remoteHigh = packet.destinationHigh;
        remoteLow = packet.destinationLow;
        targetHigh = target.high;
        targetLow = target.low;
        remotePort = Udp.destinationPort(packet.payload);
        header = NetworkOrder.u64(packet.payload);
        hopLimit = packet.hopLimit;
        trafficClass = packet.trafficClass;
        namesOnly &= remotePort == NAME_SERVER_PORT;
        return answered && !namesOnly ? UdpPhase.STREAM : UdpPhase.ONE_WAY;
    }

    /// Notes that somebody has sent something to the guest.
    ///
    /// @return the phase that it leads to
    UdpPhase receiving(int fromPort) {
        answered = true;
        return namesOnly && fromPort == NAME_SERVER_PORT ? UdpPhase.NAME_ANSWERED : UdpPhase.STREAM;
    }
}
