package org.vswitch.guard;

import org.vswitch.frame.Drop;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Udp;

/// IPv4: the source address is one of the port's, and DHCP is a client's. Without address only DHCP servers are asked.
final class Ipv4Check {
    private final DhcpCheck dhcp;

    /// A check.
    ///
    /// @param dhcp looks at what is DHCP
    Ipv4Check(DhcpCheck dhcp) {
        this.dhcp = dhcp;
    }

    /// Whether a packet may not pass.
    ///
    /// @param sight at the packet
    /// @param guard of the port
    /// @return the reason, or null
    Drop refusal(Sight sight, PortGuard guard) {
        long packet = sight.header();
        if (!Ipv4.isValid(packet, sight.available())) {
            return Drop.GUARD_HEADERS;
        }
        boolean firstUdp = Ipv4.protocol(packet) == Udp.PROTOCOL && Ipv4.fragmentOffset(packet) == 0;
        long udp = packet + Ipv4.headerLength(packet);
        if (firstUdp && sight.available() < Ipv4.headerLength(packet) + Udp.LENGTH) {
            return Drop.GUARD_HEADERS;
        }
        int source = Ipv4.source(packet);
        boolean asks = firstUdp && source == 0 && DhcpCheck.isToServer(udp);
        if (guard.has(Check.IP) && !asks && !guard.permits(0, IpAddress.v4(source))) {
            return Drop.GUARD_IP;
        }
        return firstUdp && DhcpCheck.concerns(udp) ? dhcp.refusal(sight, guard) : null;
    }

    /// Reads what a trusted port says.
    ///
    /// @param sight at the packet
    /// @param guards told of leases
    void snoop(Sight sight, PortGuards guards) {
        long packet = sight.header();
        if (Ipv4.isValid(packet, sight.available()) && Ipv4.protocol(packet) == Udp.PROTOCOL
                && !Ipv4.isFragment(packet) && sight.available() >= Ipv4.headerLength(packet) + Udp.LENGTH
                && DhcpCheck.concerns(packet + Ipv4.headerLength(packet))) {
            dhcp.snoop(sight, guards);
        }
    }
}
