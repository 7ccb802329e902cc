package org.vswitch.slirp.ip;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostError;
import org.vswitch.wire.Icmp;
import org.vswitch.wire.Icmpv4;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.IpAddress;

/// Tells a guest why its packet went no further (RFC 792; RFC 4443, 3). The message quotes the packet from its IP
/// header on: as much as 576 bytes allow for IPv4 (RFC 1812, 4.3.2.3), as much as 1,280 allow for IPv6 (RFC 4443, 2.4
/// c), never more than there is of it.
///
/// Never about an ICMP error, a fragment but the first, or what was sent to a group (RFC 1122, 3.2.2; RFC 4443, 2.4
/// e), and no more than 100 a second to a guest and 1,000 to all.
public final class IcmpErrors {
    /// Messages per second to one guest.
    public static final int RATE_PER_GUEST = 100;
    /// Messages per second to all guests.
    public static final int RATE = 1_000;

    private static final int BURST = 50;
    private static final int V4_POINTER_SHIFT = 24;
    private static final int LOOPBACK_NETWORK = 127;
    private static final int MIN_V4_MTU = 68;
    private static final int MIN_V6_MTU = 1_280;
    private static final int MAX_MTU = 65_535;
    /// Not to be answered by an error although it is none (RFC 4443, 2.4 e.2).
    private static final int V6_REDIRECT = 137;

    private final IpOutput output;
    private final StackCounters counters;
    private final OwnAddresses own;
    private final RateLimit limit = new RateLimit(RATE_PER_GUEST, RATE, BURST);
    private final Envelope envelope = new Envelope();

    /// Errors that come from the router's addresses.
    ///
    /// @param output where they go
    /// @param counters where those are counted that the rate limit holds back
    /// @param own the router's addresses
    public IcmpErrors(IpOutput output, StackCounters counters, OwnAddresses own) {
        this.output = output;
        this.counters = counters;
        this.own = own;
    }

    /// Sends an error to the sender of a packet, unless there must be none.
    ///
    /// @param about a packet from a guest, the addresses of which have been checked
    /// @param error what is wrong
    /// @param value the MTU for [IcmpError#TOO_BIG]; for parameter problems the offset of what is wrong, from the
    ///     packet's IP header on; otherwise 0
    /// @param nowNs the time
    /// @return whether it was sent
    public boolean send(Packet about, IcmpError error, int value, long nowNs) {
        if (!isAllowed(about, error) || !permits(about, nowNs)) {
            return false;
        }
        address(about);
        return emit(about, error.type(about.v4), error.code(about.v4), about.v4 ? v4Rest(error, value) : value);
    }

    /// Hands on what the host's network reported about a datagram of a guest, as if it had come straight from the hop
    /// that reported it, so that the guest sees the way (RFC 5508, REQ-3 to REQ-5). What the host itself reports, and
    /// what comes from an address that has no meaning among guests, comes from the router.
    ///
    /// @param about what the guest sent, rebuilt
    /// @param error what was reported; without a type of ICMP the errno counts
    /// @param nowNs the time
    /// @return whether it was sent
    public boolean relay(Packet about, HostError error, long nowNs) {
        if (!isReported(error)) {
            IcmpError own = IcmpError.ofErrno(error.errno);
            return send(about, own, own == IcmpError.TOO_BIG ? mtu(about, error) : 0, nowNs);
        }
        if (!isRelayed(about.v4, error.type) || about.toGroup || !isAllowed(about, IcmpError.HOST_UNREACHABLE)
                || !permits(about, nowNs)) {
            return false;
        }
        address(about);
        if (isPresentable(about.v4, error.reporterHigh, error.reporterLow)) {
            envelope.sourceHigh = error.reporterHigh;
            envelope.sourceLow = error.reporterLow;
        }
        boolean tooBig = error.type == IcmpError.TOO_BIG.type(about.v4)
                && error.code == IcmpError.TOO_BIG.code(about.v4);
        return emit(about, error.type, error.code, tooBig ? mtu(about, error) : 0);
    }

    private boolean permits(Packet about, long nowNs) {
        boolean permitted = limit.permits(about.sourceMac, nowNs);
        if (!permitted) {
            counters.count(StackDrop.RATE_LIMIT);
        }
        return permitted;
    }

    /// Sends an error that quotes the packet; the envelope is addressed.
    private boolean emit(Packet about, int type, int code, int rest) {
        int quoted = Math.min(about.headerLength + about.payloadLength,
                about.v4 ? Icmpv4.MAX_QUOTE : Icmpv6.MAX_QUOTE);
        long message = output.begin(envelope, Icmp.LENGTH + quoted);
        if (message == 0) {
            return false;
        }
        if (about.v4) {
            Icmpv4.emitError(message, type, code, rest);
        } else {
            Icmpv6.emitError(message, type, code, rest);
        }
        NativeMemory.copy(about.header, message + Icmp.LENGTH, quoted);
        return output.commit();
    }

    private static boolean isReported(HostError error) {
        return error.type != 0 && !IpAddress.isUnspecified(error.reporterHigh, error.reporterLow);
    }

    /// A redirect or a source quench concerns the host, not its guests; an unknown type concerns nobody.
    private static boolean isRelayed(boolean v4, int type) {
        return v4 ? type == Icmpv4.DESTINATION_UNREACHABLE || type == Icmpv4.TIME_EXCEEDED
                || type == Icmpv4.PARAMETER_PROBLEM : type <= Icmpv6.PARAMETER_PROBLEM;
    }

    /// Whether guests may see an error come from there: not if it is the host's loopback or valid on its links only.
    private boolean isPresentable(boolean v4, long high, long low) {
        if (IpAddress.isV4(high, low) != v4 || IpAddress.isMulticast(high, low) || own.contains(high, low)) {
            return false;
        }
        return v4 ? (int) low >>> V4_POINTER_SHIFT != LOOPBACK_NETWORK : high != 0 && !IpAddress.isLinkLocal(high);
    }

    /// What every link carries is not reported as too long for one (RFC 791, 3.2; RFC 8200, 5). An MTU of 0 over IPv4
    /// is a router's that does not tell it (RFC 1191, 5).
    private static int mtu(Packet about, HostError error) {
        int least = about.v4 ? error.information == 0 ? 0 : MIN_V4_MTU : MIN_V6_MTU;
        return Math.clamp(error.information, least, MAX_MTU);
    }

    private static boolean isAllowed(Packet about, IcmpError error) {
        if (IpAddress.isUnspecified(about.sourceHigh, about.sourceLow) || isAboutError(about)) {
            return false;
        }
        if (about.v4) {
            return !about.toGroup && about.fragmentOffset == 0;
        }
        // A field of a later fragment may be what is wrong (RFC 8200, 4.5); a group may be told of MTU and options.
        boolean toGroup = about.toGroup && error != IcmpError.TOO_BIG && error != IcmpError.UNKNOWN_OPTION;
        return !toGroup && (about.fragmentOffset == 0 || error == IcmpError.BAD_FIELD);
    }

    /// Of a message that is too short to tell, the worst is assumed.
    private static boolean isAboutError(Packet about) {
        if (about.protocol != (about.v4 ? Icmpv4.PROTOCOL : Icmpv6.PROTOCOL) || about.fragmentOffset != 0) {
            return false;
        }
        if (about.payloadLength == 0) {
            return true;
        }
        int type = Icmp.type(about.payload);
        return about.v4 ? Icmpv4.isError(type) : Icmpv6.isError(type) || type == V6_REDIRECT;
    }

    private void address(Packet about) {
        envelope.replyTo(about, about.v4 ? Icmpv4.PROTOCOL : Icmpv6.PROTOCOL);
        if (!own.contains(about.destinationHigh, about.destinationLow)) {
            envelope.sourceHigh = about.v4 ? 0 : own.v6High(about.sourceHigh);
            envelope.sourceLow = about.v4 ? own.v4Low() : own.v6Low(about.sourceHigh);
        }
    }

    private static int v4Rest(IcmpError error, int value) {
        return switch (error) {
            case TOO_BIG -> value;
            case BAD_FIELD, UNKNOWN_OPTION -> value << V4_POINTER_SHIFT;
            default -> 0;
        };
    }
}
