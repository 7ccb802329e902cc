package org.vswitch.console;

import java.util.Optional;
import org.vswitch.bridge.TreeSettings;
import org.vswitch.control.Accounts;
import org.vswitch.control.CtlSettings;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SwitchControl;
import org.vswitch.control.SwitchLinks;

/// What commands are about: one switch.
///
/// @param control ports, VLANs and addresses
/// @param tree the spanning tree; used on the data-plane thread only
/// @param links those made from URLs
/// @param accounts names of users and groups
/// @param start how it was started
public record ConsoleSubject(SwitchControl control, TreeSettings tree, SwitchLinks links, Accounts accounts,
        Start start) {
    /// How a switch was started, as consoles show it.
    ///
    /// @param ctl where clients plug in
    /// @param management where consoles connect, if they can
    /// @param hashSize VDE's number of hash chains
    /// @param startNs when, by `System.nanoTime()`
    public record Start(CtlSettings ctl, Optional<ManagementSettings> management, int hashSize, long startNs) {
    }
}
