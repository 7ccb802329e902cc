package org.vswitch.console;

import java.util.List;
import org.vswitch.control.CtlSettings;

/// `ds/...`: the sockets that programs plug in by.
final class DatasockMenu implements Menu {
    private final CtlSettings ctl;

    DatasockMenu(CtlSettings ctl) {
        this.ctl = ctl;
    }

    @Override
    public List<Command> commands() {
        return List.of(
                Command.heading("ds", "DATA SOCKET MENU"),
                Command.printing("ds/showinfo", "", "show ds info", Command.atOnce(this::showInfo)));
    }

    private Reply showInfo(Call call) {
        return new Reply.One(new Sockets(ctl.directory(), ctl.sockets().mode()));
    }

    private record Sockets(String directory, int mode) implements Row {
        @Override
        public void text(StringBuilder lines) {
            lines.append("ctl dir %s\nstd mode 0%03o\n".formatted(directory, mode));
        }

        @Override
        public void json(Json json) {
            json.object().member("directory", directory).member("mode", "%04o".formatted(mode)).endObject();
        }
    }
}
