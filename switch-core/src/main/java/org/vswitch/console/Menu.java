package org.vswitch.console;

import java.util.List;

/// Commands on one subject. Another module adds commands by a menu of its own.
public interface Menu {
    /// The commands.
    ///
    /// @return in the order of `help`, a heading first if there is one
    List<Command> commands();
}
