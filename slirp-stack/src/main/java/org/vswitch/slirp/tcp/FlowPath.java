package org.vswitch.slirp.tcp;

import org.vswitch.slirp.ip.Packet;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.NetworkOrder;

/// Who talks to whom: what a segment's headers say, seen from the guest. "Remote" is whom the guest believes to talk
/// to.
public final class FlowPath {
    /// The guest's station.
    public long guestMac;
    /// The station that the guest sent to: the router.
    public long routerMac;
    /// Upper half of the guest's address.
    public long guestHigh;
    /// Lower half of the guest's address.
    public long guestLow;
    /// The guest's port.
    public int guestPort;
    /// Upper half of the remote address.
    public long remoteHigh;
    /// Lower half of the remote address.
    public long remoteLow;
    /// The remote port.
    public int remotePort;

    /// Whether the addresses are IPv4 addresses.
    ///
    /// @return true for IPv4
    public boolean isV4() {
        return IpAddress.isV4(guestHigh, guestLow);
    }

    /// Takes everything from a guest's segment.
    ///
    /// @param packet whose payload begins with two ports
    void from(Packet packet) {
        guestMac = packet.sourceMac;
        routerMac = packet.destinationMac;
        guestHigh = packet.sourceHigh;
        guestLow = packet.sourceLow;
        remoteHigh = packet.destinationHigh;
        remoteLow = packet.destinationLow;
        guestPort = NetworkOrder.u16(packet.payload);
        remotePort = NetworkOrder.u16(packet.payload + Short.BYTES);
    }

    /// Copies another path.
    ///
    /// @param other unchanged
    void from(FlowPath other) {
        guestMac = other.guestMac;
        routerMac = other.routerMac;
        guestHigh = other.guestHigh;
        guestLow = other.guestLow;
        guestPort = other.guestPort;
        remoteHigh = other.remoteHigh;
        remoteLow = other.remoteLow;
        remotePort = other.remotePort;
    }

    /// Whether both ends are the same; stations do not count.
    ///
    /// @param other a path
    /// @return true if both belong to one connection
    boolean sameEnds(FlowPath other) {
        return guestLow == other.guestLow && remoteLow == other.remoteLow && ports() == other.ports()
                && guestHigh == other.guestHigh && remoteHigh == other.remoteHigh;
    }

    /// Both ports in one number.
    ///
    /// @return the guest's above the remote one
    int ports() {
        return guestPort << 16 | remotePort;
    }
}
