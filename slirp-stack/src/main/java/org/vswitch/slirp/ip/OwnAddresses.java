package org.vswitch.slirp.ip;

import org.vswitch.wire.IpAddress;

/// The router's own addresses: its station on the Ethernet, and every IP address that it answers for (router, name
/// server, alias of the host; link-local and global). No guest may use one of them. Fixed, and so few that looking
/// through all of them is quickest.
public final class OwnAddresses {
    private final long mac;
    private final long[] halves;
    private final long v4Low;
    private final long v6High;
    private final long v6Low;
    private final long linkLocalHigh;
    private final long linkLocalLow;

    /// Takes over the addresses.
    ///
    /// @param mac the router's station address
    /// @param halves upper and lower half of each IP address in turn. The first IPv4, the first link-local and the
    ///     first other IPv6 address are the router's, which its errors come from
    public OwnAddresses(long mac, long... halves) {
        this.mac = mac;
        this.halves = halves.clone();
        int v4 = first(IpAddress::isV4);
        int linkLocal = first((high, low) -> IpAddress.isLinkLocal(high));
        int v6 = first((high, low) -> !IpAddress.isV4(high, low) && !IpAddress.isLinkLocal(high));
        this.v4Low = v4 < 0 ? IpAddress.v4(0) : halves[v4 + 1];
        this.v6High = v6 < 0 ? 0 : halves[v6];
        this.v6Low = v6 < 0 ? 0 : halves[v6 + 1];
        this.linkLocalHigh = linkLocal < 0 ? 0 : halves[linkLocal];
        this.linkLocalLow = linkLocal < 0 ? 0 : halves[linkLocal + 1];
    }

    /// What is asked of an address while the router's are looked up.
    @FunctionalInterface
    private interface Kind {
        boolean is(long high, long low);
    }

    /// The router's station.
    ///
    /// @return a MAC address
    public long mac() {
        return mac;
    }

    /// Whether an address is one of the router's.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @return true if no guest may have it
    public boolean contains(long high, long low) {
        for (int i = 0; i < halves.length; i += 2) {
            if (halves[i + 1] == low && halves[i] == high) {
                return true;
            }
        }
        return false;
    }

    /// The router's IPv4 address.
    ///
    /// @return lower half of the mapped form; that of 0.0.0.0 if there is none
    public long v4Low() {
        return v4Low;
    }

    /// The router's IPv6 address that a guest's address goes with: link-local to link-local.
    ///
    /// @param guestHigh upper half of the guest's address
    /// @return upper half; 0 if there is none
    public long v6High(long guestHigh) {
        return IpAddress.isLinkLocal(guestHigh) ? linkLocalHigh : v6High;
    }

    /// The lower half of [#v6High].
    ///
    /// @param guestHigh upper half of the guest's address
    /// @return lower half; 0 if there is none
    public long v6Low(long guestHigh) {
        return IpAddress.isLinkLocal(guestHigh) ? linkLocalLow : v6Low;
    }

    private int first(Kind kind) {
        for (int i = 0; i < halves.length; i += 2) {
            if (kind.is(halves[i], halves[i + 1])) {
                return i;
            }
        }
        return -1;
    }
}
