package org.vswitch.slirp.host;

import org.vswitch.linux.Errno;

/// What the fake network reports about datagrams in place of delivering them.
///
/// @param errno what it amounts to
/// @param type ICMP or ICMPv6 type
/// @param code ICMP or ICMPv6 code
/// @param mtu of a "too big" report, otherwise 0
/// @param high upper half of the reporter's address
/// @param low lower half of the reporter's address
public record FakeReport(Errno errno, int type, int code, int mtu, long high, long low) {
    /// The destination itself says that nobody has the port.
    public static FakeReport portUnreachable(long high, long low) {
        boolean v4 = FakeHostNetwork.isV4(high, low);
        return new FakeReport(Errno.ECONNREFUSED, v4 ? 3 : 1, v4 ? 3 : 4, 0, high, low);
    }

    /// A router on the way says that the hop limit is used up.
    public static FakeReport timeExceeded(long high, long low) {
        boolean v4 = FakeHostNetwork.isV4(high, low);
        return new FakeReport(Errno.EHOSTUNREACH, v4 ? 11 : 3, 0, 0, high, low);
    }
}
