package org.vswitch.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All commands of a switch. Shared by its sessions.
public final class Menus {
    private final List<Command> commands;

    /// The commands of VDE, in VDE's order, and those of further menus behind them.
    ///
    /// @param subject what the commands are about
    /// @param further menus of other modules
    public Menus(ConsoleSubject subject, List<? extends Menu> further) {
        List<Menu> menus = new ArrayList<>(List.of(
                new DatasockMenu(subject.start().ctl()),
                new SessionMenu(subject, this::commands),
                new DebugMenu(),
                new PluginMenu(),
                new HashMenu(subject.control(), subject.start().hashSize()),
                new FstpMenu(subject.control(), subject.tree()),
                new PortMenu(subject.control(), subject.accounts(), subject.tree()),
                new LedgerMenu(subject.control()),
                new GuardMenu(subject.control()),
                new GaugesMenu(subject.control()),
                new VlanMenu(subject.control()),
                new LinkMenu(subject.links())));
        menus.addAll(further);
        commands = menus.stream().flatMap(menu -> menu.commands().stream()).toList();
    }

    /// The table.
    ///
    /// @return in the order of `help`
    List<Command> commands() {
        return commands;
    }

    /// The command that a line calls: the first whose path the line begins with.
    ///
    /// @param line without leading blanks
    /// @return empty if there is none
    Optional<Command> find(String line) {
        return commands.stream().filter(command -> command.isCalledBy(line)).findFirst();
    }
}
