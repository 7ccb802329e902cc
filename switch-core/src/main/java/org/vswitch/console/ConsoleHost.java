package org.vswitch.console;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.vswitch.control.SwitchEvents;

/// What sessions need of the switch they belong to.
///
/// @param menus the commands
/// @param events of the switch
/// @param eventThread delivers the events; replies take the same way, so that they keep their order
/// @param shutdown run once somebody asked for it and was answered; must not block
/// @param log takes one line about trouble that is nobody's request
public record ConsoleHost(Menus menus, SwitchEvents events, Executor eventThread, Runnable shutdown,
        Consumer<String> log) {
}
