package org.vswitch.guard;

import org.vswitch.wire.Dhcpv6;
import org.vswitch.wire.Udp;

/// DHCPv6, seen from both sides: from a guarded port only what clients say passes (RFC 7610 has no servers there; a
/// relay agent could ask in anybody's name); from a trusted one the replies are read, and give the port that asked its
/// addresses (RFC 7513) and networks.
final class Dhcpv6Check {
    /// Whether a datagram is one that only servers and relay agents send.
    ///
    /// @param udp address of the header, 8 bytes of which are there
    /// @return true by its ports; clients look at the one it comes to
    static boolean isFromServer(long udp) {
        return Udp.sourcePort(udp) == Dhcpv6.SERVER_PORT || Udp.destinationPort(udp) == Dhcpv6.CLIENT_PORT;
    }

    /// Whether a datagram is for servers.
    ///
    /// @param udp address of the header, 8 bytes of which are there
    /// @return true by its port
    static boolean isToServer(long udp) {
        return Udp.destinationPort(udp) == Dhcpv6.SERVER_PORT;
    }

    /// Whether a message to servers is a client's. It is remembered until its answer comes.
    ///
    /// @param sight at an IPv6 packet in one fragment
    /// @param offset of the UDP header in it
    /// @param guard of the port
    /// @return false for what cannot be read, too
    boolean isOfClient(Sight sight, int offset, PortGuard guard) {
        sight.widen();
        long udp = sight.header() + offset;
        if (!sight.isWhole(offset + Udp.CHECKSUM_OFFSET) || !Udp.isValid(udp, sight.available() - offset)
                || Udp.length(udp) < Udp.LENGTH + Dhcpv6.LENGTH
                || !Dhcpv6.isOfClient(Dhcpv6.type(udp + Udp.LENGTH))) {
            return false;
        }
        guard.requests().add(Dhcpv6.transaction(udp + Udp.LENGTH), sight.station(), sight.vid());
        return true;
    }

    /// Reads what a trusted port says.
    ///
    /// @param sight at an IPv6 packet in one fragment
    /// @param offset of the UDP header in it
    /// @param guards told of leases
    void snoop(Sight sight, int offset, PortGuards guards) {
        sight.widen();
        long udp = sight.header() + offset;
        if (!Udp.isValid(udp, sight.available() - offset) || Udp.length(udp) < Udp.LENGTH + Dhcpv6.LENGTH
                || Udp.sourcePort(udp) != Dhcpv6.SERVER_PORT || Dhcpv6.type(udp + Udp.LENGTH) != Dhcpv6.REPLY) {
            return;
        }
        PortGuard client = guards.requester(Dhcpv6.transaction(udp + Udp.LENGTH), sight.receiver());
        if (client != null) {
            readLeases(udp + Udp.LENGTH + Dhcpv6.LENGTH, udp + Udp.length(udp), client, guards);
        }
    }

    /// Reads options, those in others right behind the fields of these.
    private static void readLeases(long first, long end, PortGuard client, PortGuards guards) {
        long option = first;
        while (option + Dhcpv6.OPTION_LENGTH <= end) {
            int code = Dhcpv6.optionCode(option);
            int length = Dhcpv6.optionLength(option);
            if (option + Dhcpv6.OPTION_LENGTH + length > end) {
                return;
            }
            if (code == Dhcpv6.IAADDR && length >= Dhcpv6.IAADDR_FIELDS) {
                lease(option, client, guards);
            }
            if (code == Dhcpv6.IAPREFIX && length >= Dhcpv6.IAPREFIX_FIELDS) {
                delegate(option, client, guards);
            }
            int skipped = switch (code) {
                case Dhcpv6.IA_NA, Dhcpv6.IA_PD -> Dhcpv6.IA_NA_FIELDS;
                case Dhcpv6.IA_TA -> Dhcpv6.IA_TA_FIELDS;
                default -> length;
            };
            option += Dhcpv6.OPTION_LENGTH + skipped;
        }
    }

    private static void lease(long option, PortGuard client, PortGuards guards) {
        long high = Dhcpv6.addressHigh(option);
        if (high == 0) {
            return;
        }
        if (Dhcpv6.validSeconds(option) == 0) {
            client.addresses().remove(high, Dhcpv6.addressLow(option), guards.vid());
        } else {
            guards.lease(client, high, Dhcpv6.addressLow(option), Dhcpv6.validSeconds(option));
        }
    }

    private static void delegate(long option, PortGuard client, PortGuards guards) {
        long high = Dhcpv6.prefixHigh(option);
        long low = Dhcpv6.prefixLow(option);
        int bits = Dhcpv6.prefixLength(option);
        int seconds = Dhcpv6.prefixValidSeconds(option);
        if (seconds == 0) {
            client.addresses().delegated().remove(high, low, bits, guards.vid());
            return;
        }
        int slot = guards.delegate(client, high, low, bits);
        if (slot >= 0) {
            client.addresses().delegated().lease(slot, guards.endNs(seconds));
        }
    }
}
