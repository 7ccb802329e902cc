package org.vswitch.slirp.policy;

/// What guests may reach beyond the router.
public enum Reach {
    /// Nothing: they have the router's own services only.
    ROUTER_ONLY("nothing but the router"),
    /// The world, but neither the host's loopback nor any address that is one of the host's own.
    WORLD("the world, but not this host"),
    /// The host's own services too; the router's address then means the host.
    WORLD_AND_HOST("the world and this host");

    private final String words;

    Reach(String words) {
        this.words = words;
    }

    /// What it is, said to people.
    ///
    /// @return goes on with "guests reach"
    @Override
    public String toString() {
        return words;
    }
}
