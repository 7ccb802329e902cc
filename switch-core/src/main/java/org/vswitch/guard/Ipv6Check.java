package org.vswitch.guard;

import org.vswitch.frame.Drop;
import org.vswitch.wire.Icmp;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.Ndp;
import org.vswitch.wire.Udp;

/// IPv6: the source address is one of the port's, neighbor discovery speaks for the port's own, and nothing comes that
/// only routers (RFC 6105, RFC 7113) and DHCP servers say, behind whatever extension headers.
///
/// Addresses are claimed, first come, first served (RFC 6620), by the solicitation with which a station looks whether
/// an address is free (RFC 4862, 5.4); from an address that nobody has, only that, reports of group members (RFC 3590)
/// and the question for routers are sent. Addresses that begin with 64 zeros belong to nobody (RFC 4291, 2.4), and must
/// not: IPv4 addresses are kept among them. The link-local address made from the station's own MAC address needs no
/// claim, since a station may have been up before it was plugged in.
final class Ipv6Check {
    private static final int LISTENER_REPORT = 131;
    private static final int LISTENER_DONE = 132;
    private static final int LISTENER_REPORT_2 = 143;
    private static final int REDIRECT = 137;
    private static final long LINK_LOCAL = 0xfe80L << 48;
    private static final long EUI64_FILL = 0xff_fe00_0000L;
    private static final long EUI64_UNIVERSAL = 2L << 56;
    private static final int UPPER_HALF = 24;
    private static final int PORTS_LENGTH = 4;

    private final Ipv6Walk walk = new Ipv6Walk();
    private final Dhcpv6Check dhcp = new Dhcpv6Check();
    private final PortGuards guards;

    /// A check.
    ///
    /// @param guards of all ports
    Ipv6Check(PortGuards guards) {
        this.guards = guards;
    }

    /// Whether a packet may not pass.
    ///
    /// @param sight at the packet
    /// @param guard of the port
    /// @return the reason, or null
    Drop refusal(Sight sight, PortGuard guard) {
        if (!Ipv6.isValid(sight.header(), sight.available())) {
            return Drop.GUARD_HEADERS;
        }
        Ipv6Walk.End end = walk(sight);
        boolean known = end == Ipv6Walk.End.FOUND;
        if (end == Ipv6Walk.End.HIDDEN || (known ? sight.isRewritten(walk.offset() + PORTS_LENGTH)
                : sight.isOffloaded())) {
            return Drop.GUARD_HEADERS;
        }
        long packet = sight.header();
        boolean icmp = known && walk.protocol() == Icmpv6.PROTOCOL;
        if (guard.has(Check.IP) && !hasOwnSource(sight, guard, icmp ? Icmp.type(packet + walk.offset()) : -1)) {
            return Drop.GUARD_IP;
        }
        if (icmp) {
            return messageRefusal(sight, guard);
        }
        return known && walk.protocol() == Udp.PROTOCOL ? datagramRefusal(sight, guard) : null;
    }

    private Drop datagramRefusal(Sight sight, PortGuard guard) {
        long udp = sight.header() + walk.offset();
        boolean wrong = Dhcpv6Check.isFromServer(udp) || Dhcpv6Check.isToServer(udp)
                && (walk.isFragment() || !dhcp.isOfClient(sight, walk.offset(), guard));
        return wrong && guard.has(Check.DHCP) ? Drop.GUARD_DHCP : null;
    }

    /// Reads what a trusted port says: its addresses are nobody else's, and those that a DHCP server gives are the
    /// client's.
    ///
    /// @param sight at the packet
    /// @param guard of the port
    void snoop(Sight sight, PortGuard guard) {
        if (!Ipv6.isValid(sight.header(), sight.available()) || walk(sight) != Ipv6Walk.End.FOUND
                || walk.isFragment()) {
            return;
        }
        switch (walk.protocol()) {
            case Icmpv6.PROTOCOL -> snoopMessage(sight, guard);
            case Udp.PROTOCOL -> dhcp.snoop(sight, walk.offset(), guards);
            default -> { }
        }
    }

    private void snoopMessage(Sight sight, PortGuard guard) {
        boolean whole = isAllThere(sight);
        long packet = sight.header();
        long message = packet + walk.offset();
        if (!whole || !Ndp.isValid(message, messageLength(sight))) {
            return;
        }
        if (Icmp.type(message) == Ndp.NEIGHBOR_ADVERTISEMENT && Ndp.targetHigh(message) != 0) {
            guards.seize(guard, Ndp.targetHigh(message), Ndp.targetLow(message));
        } else if (Icmp.type(message) == Ndp.ROUTER_ADVERTISEMENT && Ipv6.sourceHigh(packet) != 0) {
            guards.seize(guard, Ipv6.sourceHigh(packet), Ipv6.sourceLow(packet));
        }
    }

    private Ipv6Walk.End walk(Sight sight) {
        Ipv6Walk.End end = walk.walk(sight.header(), sight.available());
        return end == Ipv6Walk.End.HIDDEN && sight.widen() ? walk.walk(sight.header(), sight.available()) : end;
    }

    private boolean hasOwnSource(Sight sight, PortGuard guard, int icmpType) {
        long high = Ipv6.sourceHigh(sight.header());
        long low = Ipv6.sourceLow(sight.header());
        if ((high | low) == 0) {
            return switch (icmpType) {
                case Ndp.NEIGHBOR_SOLICITATION, Ndp.ROUTER_SOLICITATION, LISTENER_REPORT, LISTENER_DONE,
                        LISTENER_REPORT_2 -> true;
                default -> false;
            };
        }
        return permits(guard, high, low) || high == LINK_LOCAL && low == interfaceIdentifier(sight.station())
                && guards.claimNow(guard, high, low);
    }

    private Drop messageRefusal(Sight sight, PortGuard guard) {
        int type = Icmp.type(sight.header() + walk.offset());
        if (type == Ndp.ROUTER_ADVERTISEMENT || type == REDIRECT) {
            return guard.has(Check.RA) ? Drop.GUARD_RA : null;
        }
        if (Ndp.optionsOffset(type) < 0) {
            return null;
        }
        boolean whole = isAllThere(sight) && !walk.isFragment() && !sight.isOffloaded();
        long message = sight.header() + walk.offset();
        whole = whole && Ndp.isValid(message, messageLength(sight));
        if (guard.has(Check.ARP) && (!whole || !speaksForItself(sight, message, guard))) {
            return Drop.GUARD_ND;
        }
        boolean claims = whole && type == Ndp.NEIGHBOR_SOLICITATION
                && (Ipv6.sourceHigh(sight.header()) | Ipv6.sourceLow(sight.header())) == 0;
        return claims && guard.has(Check.IP) && (Ndp.targetHigh(message) == 0
                || !guards.claim(guard, Ndp.targetHigh(message), Ndp.targetLow(message))) ? Drop.GUARD_ND : null;
    }

    /// Fragments of neighbor discovery are ignored by everybody (RFC 6980).
    private boolean speaksForItself(Sight sight, long message, PortGuard guard) {
        int length = messageLength(sight);
        boolean advertises = Icmp.type(message) == Ndp.NEIGHBOR_ADVERTISEMENT;
        int offset = Ndp.optionsOffset(Icmp.type(message));
        while (offset < length) {
            int option = Ndp.optionType(message, offset);
            if ((option == Ndp.SOURCE_LINK_LAYER_ADDRESS || option == Ndp.TARGET_LINK_LAYER_ADDRESS)
                    && Ndp.linkLayerAddressAt(message, offset) != sight.station()) {
                return false;
            }
            offset += Ndp.optionLength(message, offset);
        }
        return !advertises || !guard.has(Check.IP)
                || permits(guard, Ndp.targetHigh(message), Ndp.targetLow(message));
    }

    private static boolean permits(PortGuard guard, long high, long low) {
        return high != 0 && guard.permits(high, low);
    }

    /// Whether the packet can be read to its end; options behind that would pass unseen.
    private static boolean isAllThere(Sight sight) {
        int end = Ipv6.LENGTH + Ipv6.payloadLength(sight.header());
        return end <= sight.available() || sight.widen() && end <= sight.available();
    }

    /// Bytes of the message: to the end of the packet as its header says, and of what can be read.
    private int messageLength(Sight sight) {
        int end = Math.min(sight.available(), Ipv6.LENGTH + Ipv6.payloadLength(sight.header()));
        return Math.max(0, end - walk.offset());
    }

    /// RFC 4291, appendix A.
    private static long interfaceIdentifier(long station) {
        return (station >>> UPPER_HALF << UPPER_HALF + 16 | EUI64_FILL | station & 0xff_ffffL) ^ EUI64_UNIVERSAL;
    }
}
