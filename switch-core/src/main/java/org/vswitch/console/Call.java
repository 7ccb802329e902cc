package org.vswitch.console;

import java.util.Optional;
import org.vswitch.control.SwitchEvents;

/// One call of a command.
///
/// @param argument the rest of the line, without leading blanks
/// @param events what the session watches; empty in a script that runs without session
public record Call(String argument, Optional<SwitchEvents.Subscription> events) {
}
