package org.vswitch.slirp.host;

/// What the readiness of a host socket is reported with ([HostNetwork#watch]): whose it is, which one, and a number
/// that tells later users of the same place apart, so that what is reported about a socket that is gone finds nobody.
public final class HostToken {
    /// A TCP connection.
    public static final int TCP = 0;
    /// A UDP endpoint.
    public static final int UDP = 1;
    /// An echo identifier.
    public static final int PING = 2;
    /// A query of the DNS proxy.
    public static final int DNS = 3;

    private static final int KIND_SHIFT = 56;
    private static final int GENERATIONS = 0xff_ffff;

    private HostToken() {
    }

    /// Composes a token.
    ///
    /// @param kind [#TCP] and so on
    /// @param generation counts the users of the place; its lowest 24 bits matter
    /// @param index the place, 0 or more
    /// @return above or equal to 0
    public static long of(int kind, int generation, int index) {
        return (long) kind << KIND_SHIFT | (long) (generation & GENERATIONS) << Integer.SIZE | index;
    }

    /// Whose socket it is.
    ///
    /// @param token as composed
    /// @return [#TCP] and so on
    public static int kind(long token) {
        return (int) (token >>> KIND_SHIFT);
    }

    /// Which place it has among those of its kind.
    ///
    /// @param token as composed
    /// @return 0 or more
    public static int index(long token) {
        return (int) token;
    }
}
