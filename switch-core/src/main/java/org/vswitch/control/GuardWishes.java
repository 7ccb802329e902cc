package org.vswitch.control;

import java.util.Map;
import org.vswitch.guard.GuardSettings;

/// Which guards a switch begins with.
///
/// @param clients of ports that clients of the control socket plug into
/// @param ports of ports by number, whoever plugs in
public record GuardWishes(GuardSettings clients, Map<Integer, GuardSettings> ports) {
    /// None.
    public static final GuardWishes NONE = new GuardWishes(GuardSettings.OFF, Map.of());

    /// Immutable copies.
    public GuardWishes {
        ports = Map.copyOf(ports);
    }
}
