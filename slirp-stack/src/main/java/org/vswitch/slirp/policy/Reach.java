package org.vswitch.slirp.policy;

/// What guests may reach beyond the router.
public enum Reach {
    /// Nothing: they have the router's own services only.
    ROUTER_ONLY,
    /// The world, but neither the host's loopback nor any address that is one of the host's own.
    WORLD,
    /// The host's own services too; the router's address then means the host.
    WORLD_AND_HOST
}
