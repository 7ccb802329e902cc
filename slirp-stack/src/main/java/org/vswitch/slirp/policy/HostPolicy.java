package org.vswitch.slirp.policy;

import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.wire.IpAddress;

/// Decides what a guest may reach by way of the host, by the address that the host's kernel would be given.
///
/// Without permission the host itself is out of reach: its loopback by whatever name, and every address that is one of
/// its own, since services listen there that trust whoever comes from the host. With it, the router's address means the
/// host, as in QEMU. Never reachable: the guests' own network (guests reach each other through the switch), groups,
/// what is on the host's links only (RFC 3927, 2.7), and the metadata service of clouds, which hands out the host's
/// credentials.
public final class HostPolicy {
    private static final int LOOPBACK_NETWORK = 127;
    private static final int FIRST_GROUP = 224;
    private static final long V4_LOOPBACK = IpAddress.v4(0x7f00_0001);
    /// 169.254.0.0/16; clouds have their metadata there.
    private static final int V4_LINK_LOCAL = 0xa9fe;
    private static final long V6_METADATA_HIGH = 0xfd00_0ec2_0000_0000L;
    private static final long V6_METADATA_LOW = 0x254;

    private final HostNetwork host;
    private final Subnets subnets;
    private final Reach reach;

    /// A policy.
    ///
    /// @param host asked which addresses are its own
    /// @param subnets the guests' network and the router's own addresses
    /// @param reach what guests may reach
    public HostPolicy(HostNetwork host, Subnets subnets, Reach reach) {
        this.host = host;
        this.subnets = subnets;
        this.reach = reach;
    }

    /// Maps what a guest wants to reach to what the host's kernel is given.
    ///
    /// @param high upper half of the address that the guest names
    /// @param low lower half
    /// @param port of the destination, 0 if there is none
    /// @param into filled
    /// @return false if the guest must not go there
    public boolean choose(long high, long low, int port, HostTarget into) {
        if (isRouter(high, low)) {
            into.set(0, IpAddress.isV4(high, low) ? V4_LOOPBACK : 1, port);
            return reach == Reach.WORLD_AND_HOST;
        }
        into.set(high, low, port);
        return reach != Reach.ROUTER_ONLY && isGlobal(high, low) && !isHere(high, low)
                && (reach == Reach.WORLD_AND_HOST || !host.isOwn(high, low));
    }

    /// Whether an address of the host's network is shown to guests as the router's: it is the host's loopback.
    ///
    /// @param high upper half of a peer's address
    /// @param low lower half
    /// @return true if what comes from there seems to come from the router
    public static boolean isShownAsRouter(long high, long low) {
        return IpAddress.isV4(high, low) ? (int) low >>> 24 == LOOPBACK_NETWORK : high == 0 && low == 1;
    }

    private boolean isRouter(long high, long low) {
        return IpAddress.isV4(high, low) ? low == subnets.own().v4Low()
                : high == subnets.own().v6High(high) && low == subnets.own().v6Low(high);
    }

    /// Whether an address belongs to the guests' side.
    private boolean isHere(long high, long low) {
        Subnets all = subnets;
        return all.own().contains(high, low)
                || (IpAddress.isV4(high, low) ? all.v4().contains(high, low) : all.v6().contains(high, low));
    }

    private static boolean isGlobal(long high, long low) {
        if (IpAddress.isV4(high, low)) {
            int network = (int) low >>> 24;
            boolean linkLocal = (int) low >>> 16 == V4_LINK_LOCAL;
            return network != 0 && network != LOOPBACK_NETWORK && network < FIRST_GROUP && !linkLocal;
        }
        boolean metadata = high == V6_METADATA_HIGH && low == V6_METADATA_LOW;
        return high != 0 && !IpAddress.isMulticast(high, low) && !IpAddress.isLinkLocal(high) && !metadata;
    }
}
