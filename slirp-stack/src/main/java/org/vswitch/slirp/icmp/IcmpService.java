package org.vswitch.slirp.icmp;

import org.vswitch.slirp.ip.Packet;

/// Who takes a kind of ICMP messages.
@FunctionalInterface
public interface IcmpService {
    /// Takes a message. Its length and checksum are right; the memory is valid during the call.
    ///
    /// @param packet of which the message is the payload
    /// @param nowNs the time
    void receive(Packet packet, long nowNs);
}
