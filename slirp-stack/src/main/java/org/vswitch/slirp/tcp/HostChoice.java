package org.vswitch.slirp.tcp;

import org.vswitch.slirp.policy.HostTarget;

/// Decides where connections go to: the policy of the router.
@FunctionalInterface
public interface HostChoice {
    /// Maps what a guest wants to reach to what the host connects to.
    ///
    /// @param path the guest and the remote it names
    /// @param into filled
    /// @param nowNs the time
    /// @return false if the guest must not connect there: it is told by a reset
    boolean choose(FlowPath path, HostTarget into, long nowNs);

    /// The host could not connect to what was chosen, and not for want of sockets of its own.
    ///
    /// @param path as it was chosen for
    /// @param nowNs the time
    default void failed(FlowPath path, long nowNs) {
        // who always chooses the same need not know
    }
}
