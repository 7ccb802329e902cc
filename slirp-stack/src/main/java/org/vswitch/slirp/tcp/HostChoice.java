package org.vswitch.slirp.tcp;

import org.vswitch.slirp.policy.HostTarget;

/// Decides where connections go to: the policy of the router.
@FunctionalInterface
public interface HostChoice {
    /// Maps what a guest wants to reach to what the host connects to.
    ///
    /// @param path the guest and the remote it names
    /// @param into filled
    /// @return false if the guest must not connect there: it is told by a reset
    boolean choose(FlowPath path, HostTarget into);
}
