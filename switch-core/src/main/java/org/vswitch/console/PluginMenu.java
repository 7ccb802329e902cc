package org.vswitch.console;

import java.util.List;
import org.vswitch.linux.Errno;

/// `plugin/...`: this switch loads no libraries, and answers as VDE does when there are none.
final class PluginMenu implements Menu {
    private static final Row HEADING = new Heading("%-22s %s\n".formatted("NAME", "HELP")
            + "%-22s %s\n".formatted("------------", "----"));

    @Override
    public List<Command> commands() {
        return List.of(
                Command.heading("plugin", "PLUGINS MENU"),
                Command.printing("plugin/list", "", "list plugins",
                        Command.atOnce(_ -> new Reply.Rows(List.of(HEADING), Errno.ENOENT.number()))),
                Command.of("plugin/add", "library", "load a plugin",
                        Command.atOnce(call -> Reply.failure(call.argument().isEmpty() ? Errno.EINVAL : Errno.ENOENT))),
                Command.of("plugin/del", "name", "unload a plugin",
                        Command.atOnce(_ -> Reply.failure(Errno.ENOENT))));
    }
}
