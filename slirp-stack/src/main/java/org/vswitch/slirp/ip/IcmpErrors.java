package org.vswitch.slirp.ip;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.wire.Icmp;
import org.vswitch.slirp.wire.Icmpv4;
import org.vswitch.slirp.wire.Icmpv6;

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
        if (!isAllowed(about, error)) {
            return false;
        }
        if (!limit.permits(about.sourceMac, nowNs)) {
            counters.count(StackDrop.RATE_LIMIT);
            return false;
        }
        address(about);
        int quoted = Math.min(about.headerLength + about.payloadLength,
                about.v4 ? Icmpv4.MAX_QUOTE : Icmpv6.MAX_QUOTE);
        long message = output.begin(envelope, Icmp.LENGTH + quoted);
        if (message == 0) {
            return false;
        }
        if (about.v4) {
            Icmpv4.emitError(message, error.type(true), error.code(true), v4Rest(error, value));
        } else {
            Icmpv6.emitError(message, error.type(false), error.code(false), value);
        }
        NativeMemory.copy(about.header, message + Icmp.LENGTH, quoted);
        return output.commit();
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
