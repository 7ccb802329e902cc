package org.vswitch.slirp.tcp;

/// Where on the host's side a connection goes to. One object, filled anew for each.
public final class HostTarget {
    /// Upper half of the address.
    public long high;
    /// Lower half of the address.
    public long low;
    /// The port.
    public int port;

    /// Decides where connections go to: the policy of the router.
    @FunctionalInterface
    public interface Choice {
        /// Maps what a guest wants to reach to what the host connects to.
        ///
        /// @param path the guest and the remote it names
        /// @param into filled
        /// @return false if the guest must not connect there: it is told by a reset
        boolean choose(FlowPath path, HostTarget into);
    }
}
