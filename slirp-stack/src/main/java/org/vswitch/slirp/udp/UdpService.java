package org.vswitch.slirp.udp;

import org.vswitch.slirp.ip.Packet;

/// A service that the router itself offers on a UDP port.
@FunctionalInterface
public interface UdpService {
    /// Takes a datagram. Its header and checksum are right; the memory is valid during the call.
    ///
    /// @param packet the payload of which begins with the UDP header; UDP's own length says where the data ends
    /// @param nowNs the time
    void receive(Packet packet, long nowNs);
}
