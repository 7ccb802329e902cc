package org.vswitch.guard;

import org.vswitch.frame.Drop;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Udp;

/// DHCP over IPv4, seen from both sides: from a guarded port only what clients say passes, each for its own station;
/// from a trusted one the answers are read, and an acknowledgement gives the port that asked its address.
final class DhcpCheck {
    private final Dhcpv4Options options = new Dhcpv4Options();

    /// Whether a datagram is one of DHCP, by its ports.
    ///
    /// @param udp address of the header, 8 bytes of which are there
    /// @return true if a server or a client could take it
    static boolean concerns(long udp) {
        return isToServer(udp) || isFromServer(udp);
    }

    /// Whether a datagram is for servers.
    ///
    /// @param udp address of the header, 8 bytes of which are there
    /// @return true by its port
    static boolean isToServer(long udp) {
        return Udp.destinationPort(udp) == Dhcpv4.SERVER_PORT;
    }

    /// Clients look at the port it comes to, not at the one it comes from.
    private static boolean isFromServer(long udp) {
        return Udp.sourcePort(udp) == Dhcpv4.SERVER_PORT || Udp.destinationPort(udp) == Dhcpv4.CLIENT_PORT;
    }

    /// Whether a message from a guarded port may not pass. A request is remembered until its answer comes.
    ///
    /// @param sight at an IPv4 packet with a DHCP message
    /// @param guard of the port
    /// @return the reason, or null
    Drop refusal(Sight sight, PortGuard guard) {
        sight.widen();
        long packet = sight.header();
        long udp = packet + Ipv4.headerLength(packet);
        boolean strict = guard.has(Check.DHCP);
        if (isFromServer(udp)) {
            return strict ? Drop.GUARD_DHCP : null;
        }
        long message = udp + Udp.LENGTH;
        int length = (int) (sight.header() + sight.available() - message);
        if (Ipv4.isFragment(packet) || !sight.isWhole(Ipv4.headerLength(packet) + Udp.CHECKSUM_OFFSET)
                || !Udp.isValid(udp, length + Udp.LENGTH)
                || !Dhcpv4.isRequest(message, Udp.length(udp) - Udp.LENGTH)
                || Dhcpv4.chaddr(message) != sight.station() || Dhcpv4.giaddr(message) != 0
                || !options.parse(message, Udp.length(udp) - Udp.LENGTH)) {
            return strict ? Drop.GUARD_DHCP : null;
        }
        switch (options.messageType()) {
            case Dhcpv4.DHCPRELEASE -> giveBack(guard, Dhcpv4.ciaddr(message), sight.vid());
            case Dhcpv4.DHCPDECLINE -> giveBack(guard, options.requestedAddress(), sight.vid());
            default -> guard.requests().add(Dhcpv4.xid(message), sight.station(), sight.vid());
        }
        return null;
    }

    private static void giveBack(PortGuard guard, int address, int vid) {
        guard.addresses().remove(0, IpAddress.v4(address), vid);
    }

    /// Reads what a trusted port says.
    ///
    /// @param sight at an IPv4 packet with a DHCP message
    /// @param guards told of leases
    void snoop(Sight sight, PortGuards guards) {
        sight.widen();
        long packet = sight.header();
        long udp = packet + Ipv4.headerLength(packet);
        long message = udp + Udp.LENGTH;
        int length = (int) (sight.header() + sight.available() - message);
        if (Udp.sourcePort(udp) != Dhcpv4.SERVER_PORT || Ipv4.isFragment(packet)
                || !Udp.isValid(udp, length + Udp.LENGTH)
                || !Dhcpv4.isReply(message, Udp.length(udp) - Udp.LENGTH)
                || !options.parse(message, Udp.length(udp) - Udp.LENGTH)
                || options.messageType() != Dhcpv4.DHCPACK) {
            return;
        }
        int seconds = options.leaseSeconds();
        int address = Dhcpv4.yiaddr(message);
        PortGuard client = guards.requester(Dhcpv4.xid(message), Dhcpv4.chaddr(message));
        if (client != null && address != 0 && seconds != 0) {
            guards.lease(client, 0, IpAddress.v4(address), seconds);
        }
    }
}
