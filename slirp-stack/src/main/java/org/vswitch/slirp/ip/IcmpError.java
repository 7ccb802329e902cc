package org.vswitch.slirp.ip;

import org.vswitch.linux.Errno;

/// The errors that the router itself reports, with the type and code of each family (RFC 792; RFC 1812, 5.2.7; RFC
/// 4443, 3). Where ICMP for IPv4 has no code of that meaning, it has the next best.
public enum IcmpError {
    /// No way to the network.
    NETWORK_UNREACHABLE(3, 0, 1, 0),
    /// The destination lies beyond the scope of the source address; IPv6 only.
    BEYOND_SCOPE(3, 13, 1, 2),
    /// The station does not answer.
    HOST_UNREACHABLE(3, 1, 1, 3),
    /// The protocol is not spoken here. IPv6: a parameter problem, which points to the octet that named it.
    UNKNOWN_PROTOCOL(3, 2, 4, 1),
    /// Nobody listens at the port.
    PORT_UNREACHABLE(3, 3, 1, 4),
    /// The policy forbids it, or a limit does (RFC 5508, REQ-8).
    PROHIBITED(3, 13, 1, 1),
    /// It does not fit into the next link; with that link's MTU (RFC 1191, 4; RFC 8201).
    TOO_BIG(3, 4, 2, 0),
    /// The hop limit ended here.
    HOP_LIMIT(11, 0, 3, 0),
    /// Some fragments did not come in time.
    REASSEMBLY_TIME(11, 1, 3, 1),
    /// A header field makes no sense; with its offset.
    BAD_FIELD(12, 0, 4, 0),
    /// An option that must be known is not; with its offset.
    UNKNOWN_OPTION(12, 0, 4, 2);

    private final int v4Type;
    private final int v4Code;
    private final int v6Type;
    private final int v6Code;

    IcmpError(int v4Type, int v4Code, int v6Type, int v6Code) {
        this.v4Type = v4Type;
        this.v4Code = v4Code;
        this.v6Type = v6Type;
        this.v6Code = v6Code;
    }

    /// What an errno of the host's sockets means to a guest.
    ///
    /// @param errno positive
    /// @return [#PROHIBITED] for what is no fault of the network, such as a shortage (RFC 5508, REQ-8)
    public static IcmpError ofErrno(int errno) {
        if (errno == Errno.EHOSTUNREACH.number() || errno == Errno.ETIMEDOUT.number()) {
            return HOST_UNREACHABLE;
        }
        if (errno == Errno.ENETUNREACH.number() || errno == Errno.ENETDOWN.number()) {
            return NETWORK_UNREACHABLE;
        }
        if (errno == Errno.ECONNREFUSED.number()) {
            return PORT_UNREACHABLE;
        }
        return errno == Errno.EMSGSIZE.number() ? TOO_BIG : PROHIBITED;
    }

    /// The message type.
    ///
    /// @param v4 for ICMP, otherwise for ICMPv6
    /// @return 0 to 255
    public int type(boolean v4) {
        return v4 ? v4Type : v6Type;
    }

    /// The code within the type.
    ///
    /// @param v4 for ICMP, otherwise for ICMPv6
    /// @return 0 to 255
    public int code(boolean v4) {
        return v4 ? v4Code : v6Code;
    }
}
