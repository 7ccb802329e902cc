package org.vswitch.slirp.udp;

import org.vswitch.slirp.ip.Packet;

/// Takes datagrams that are not for a service of the router, checked, and sends them on or tells the guest why not. The
/// memory is valid during the call.
public interface UdpForward {
    /// A datagram for a station beyond the router.
    ///
    /// @param packet the payload of which begins with the UDP header
    /// @param nowNs the time
    void receive(Packet packet, long nowNs);

    /// A datagram for one of the router's own addresses, on a port where it has no service: that may mean the host.
    ///
    /// @param packet the payload of which begins with the UDP header
    /// @param nowNs the time
    /// @return false if it does not mean the host, and nothing was done
    boolean receiveForRouter(Packet packet, long nowNs);
}
