package org.vswitch.engine;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.vswitch.control.BridgeSettings;
import org.vswitch.control.CtlSettings;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SocketPermissions;
import org.vswitch.control.UserLimits;

/// All that a switch is started with.
///
/// @param bridge ports, addresses, spanning tree
/// @param ctl the control socket
/// @param management the management socket, if there is to be one
/// @param taps names of tap interfaces; one that cannot be opened is only logged
/// @param links `[NAME=]URL` each; one that cannot be opened keeps the switch from starting
/// @param limits what one user may occupy
/// @param threads how many data-plane threads there are, 1 to [#MAX_THREADS]
public record SwitchConfig(BridgeSettings bridge, CtlSettings ctl, Optional<ManagementSettings> management,
        List<String> taps, List<String> links, UserLimits limits, int threads) {
    /// The most data-plane threads.
    public static final int MAX_THREADS = 64;

    /// With one data-plane thread.
    ///
    /// @param bridge as above
    /// @param ctl as above
    /// @param management as above
    /// @param taps as above
    /// @param links as above
    /// @param limits as above
    public SwitchConfig(BridgeSettings bridge, CtlSettings ctl, Optional<ManagementSettings> management,
            List<String> taps, List<String> links, UserLimits limits) {
        this(bridge, ctl, management, taps, links, limits, 1);
    }

    /// A switch with vde_switch's defaults.
    ///
    /// @param directory where clients plug in
    /// @return the simplest configuration
    public static SwitchConfig in(String directory) {
        return new SwitchConfig(BridgeSettings.DEFAULT,
                CtlSettings.of(directory, OptionalInt.empty(), OptionalInt.empty(), SocketPermissions.NO_GROUP),
                Optional.empty(), List.of(), List.of(), UserLimits.DEFAULT);
    }

    /// The same with other settings of the bridge.
    ///
    /// @param changed ports, addresses, spanning tree
    /// @return changed configuration
    public SwitchConfig with(BridgeSettings changed) {
        return new SwitchConfig(changed, ctl, management, taps, links, limits, threads);
    }

    /// The same with other limits.
    ///
    /// @param changed what one user may occupy
    /// @return changed configuration
    public SwitchConfig with(UserLimits changed) {
        return new SwitchConfig(bridge, ctl, management, taps, links, changed, threads);
    }

    /// The same with links.
    ///
    /// @param changed `[NAME=]URL` each
    /// @return changed configuration
    public SwitchConfig withLinks(List<String> changed) {
        return new SwitchConfig(bridge, ctl, management, taps, changed, limits, threads);
    }

    /// The same with another number of threads.
    ///
    /// @param changed how many data-plane threads there are
    /// @return changed configuration
    public SwitchConfig withThreads(int changed) {
        return new SwitchConfig(bridge, ctl, management, taps, links, limits, changed);
    }
}
