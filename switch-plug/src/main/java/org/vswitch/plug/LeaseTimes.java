package org.vswitch.plug;

import org.vswitch.wire.Dhcpv4Options;
import org.vswitch.wire.NetworkOrder;

/// When a lease is to be renewed (T1), asked of any server (T2), and over: points in time of the data plane's clock, or
/// [Long#MAX_VALUE] for never. Source: RFC 2131, 4.4.5.
///
/// @param renewNs T1
/// @param rebindNs T2
/// @param endNs the address must not be used from then on
record LeaseTimes(long renewNs, long rebindNs, long endNs) {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long INFINITE = 0xffff_ffffL;
    /// For a server that does not say.
    private static final long DEFAULT_S = 3600;

    /// Reads an acknowledgement. The server's own T1 and T2 count only in their order.
    ///
    /// @param options those of it
    /// @param askedNs when the request was sent, from which all counts
    static LeaseTimes of(Dhcpv4Options options, long askedNs) {
        long lease = seconds(options, Dhcpv4Options.LEASE_TIME, DEFAULT_S);
        if (lease == INFINITE) {
            return new LeaseTimes(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
        }
        long endNs = lease * SECOND_NS;
        long rebindNs = seconds(options, Dhcpv4Options.REBINDING_TIME, lease) * SECOND_NS;
        rebindNs = rebindNs < endNs ? rebindNs : endNs / 8 * 7;
        long renewNs = seconds(options, Dhcpv4Options.RENEWAL_TIME, lease) * SECOND_NS;
        renewNs = renewNs < rebindNs ? renewNs : Math.min(endNs / 2, rebindNs);
        return new LeaseTimes(askedNs + renewNs, askedNs + rebindNs, askedNs + endNs);
    }

    private static long seconds(Dhcpv4Options options, int code, long otherwise) {
        long seconds = options.length(code) == Integer.BYTES
                ? Integer.toUnsignedLong(NetworkOrder.u32(options.address(code))) : 0;
        return seconds == 0 ? otherwise : seconds;
    }
}
