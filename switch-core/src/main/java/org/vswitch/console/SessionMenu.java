package org.vswitch.console;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.vswitch.bridge.TreeSettings;
import org.vswitch.control.ManagementSettings;
import org.vswitch.control.SwitchControl;
import org.vswitch.linux.Errno;
import org.vswitch.wire.MacAddress;

/// Commands about the session and the switch as a whole.
final class SessionMenu implements Menu {
    private final Supplier<List<Command>> table;
    private final SwitchControl control;
    private final TreeSettings tree;
    private final ConsoleSubject.Start start;

    SessionMenu(ConsoleSubject subject, Supplier<List<Command>> table) {
        this.table = table;
        this.control = subject.control();
        this.tree = subject.tree();
        this.start = subject.start();
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.printing("help", "[arg]", "Help (limited to arg when specified)",
                        Command.atOnce(this::help)),
                Command.of("logout", "", "logout from this mgmt terminal",
                        Command.atOnce(_ -> new Reply.End(false))),
                Command.of("shutdown", "", "shutdown of the switch", Command.atOnce(_ -> new Reply.End(true))),
                Command.printing("showinfo", "", "show switch version and info", this::showInfo),
                Command.of("load", "path", "load a configuration script", Command.atOnce(SessionMenu::load)));
    }

    private Reply help(Call call) {
        return Reply.rows(HelpRow.table(table.get(), call.argument()));
    }

    private CompletableFuture<Reply> showInfo(Call call) {
        return control.ask(_ -> new Reply.One(new About(ProcessHandle.current().pid(),
                MacAddress.toText(tree.bridgeId() & MacAddress.BROADCAST),
                (System.nanoTime() - start.startNs()) / 1_000_000_000L, start.management())));
    }

    private static Reply load(Call call) {
        return call.events().isEmpty() ? Reply.failure(Errno.EBADF) : Script.read(call.argument());
    }

    private record About(long pid, String address, long uptimeSeconds, Optional<ManagementSettings> management)
            implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append(Reply.BANNER).append('\n')
                    .append("pid %d MAC %s uptime %d\n".formatted(pid, address, uptimeSeconds));
            management.ifPresent(socket -> lines.append("mgmt %s perm 0%03o\n".formatted(socket.path(),
                    socket.permissions().mode())));
        }

        @Override
        public void json(Json json) {
            json.object().member("pid", pid).member("address", address).member("uptimeSeconds", uptimeSeconds);
            management.ifPresent(socket -> json.member("managementSocket", socket.path())
                    .member("managementMode", "%04o".formatted(socket.permissions().mode())));
            json.endObject();
        }
    }
}
