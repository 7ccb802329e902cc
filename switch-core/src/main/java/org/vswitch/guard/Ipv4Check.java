package org.vswitch.guard;

import org.vswitch.frame.Drop;
import org.vswitch.wire.Icmp;
import org.vswitch.wire.Icmpv4;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Udp;

/// IPv4: the source address is one of the port's, DHCP is a client's, and ICMP no router's. Without address only DHCP
/// servers are asked.
final class Ipv4Check {
    /// Of UDP's header, and of ICMP's.
    private static final int TRANSPORT_LENGTH = 8;
    private static final int PORTS_LENGTH = 4;
    /// RFC 1256, 3.
    private static final int ROUTER_ADVERTISEMENT = 9;

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
        int protocol = Ipv4.protocol(packet);
        boolean first = Ipv4.fragmentOffset(packet) == 0;
        boolean firstUdp = first && protocol == Udp.PROTOCOL;
        boolean firstIcmp = first && protocol == Icmpv4.PROTOCOL;
        int header = Ipv4.headerLength(packet);
        if ((firstUdp || firstIcmp) && payloadLength(sight) < TRANSPORT_LENGTH
                || sight.isRewritten(header + PORTS_LENGTH)) {
            return Drop.GUARD_HEADERS;
        }
        long udp = packet + header;
        int source = Ipv4.source(packet);
        boolean asks = firstUdp && source == 0 && DhcpCheck.isToServer(udp);
        if (guard.has(Check.IP) && !asks && !guard.permits(0, IpAddress.v4(source))) {
            return Drop.GUARD_IP;
        }
        if (firstIcmp && guard.has(Check.RA) && isOfRouters(Icmp.type(packet + header))) {
            return Drop.GUARD_RA;
        }
        return firstUdp && DhcpCheck.concerns(udp) ? dhcp.refusal(sight, guard) : null;
    }

    private static boolean isOfRouters(int icmpType) {
        return icmpType == Icmpv4.REDIRECT || icmpType == ROUTER_ADVERTISEMENT;
    }

    /// Bytes behind the header, as far as they can be read. What only pads the frame is none of them.
    private static int payloadLength(Sight sight) {
        long packet = sight.header();
        int end = sight.isOffloaded() ? sight.available() : Math.min(sight.available(), Ipv4.totalLength(packet));
        return end - Ipv4.headerLength(packet);
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
