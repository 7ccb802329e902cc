package org.vswitch.console;

import java.util.ArrayList;
import java.util.List;

/// A row of `help`.
///
/// @param command what it describes
record HelpRow(Command command) implements Row {
    private static final String FORMAT = "%-18s %-15s %s\n";
    private static final Row HEADING = new Heading(FORMAT.formatted("COMMAND PATH", "SYNTAX", "HELP")
            + FORMAT.formatted("------------", "--------------", "------------"));

    /// The table.
    ///
    /// @param commands all
    /// @param prefix what the paths of those to show begin with
    /// @return with its heading
    static List<Row> table(List<Command> commands, String prefix) {
        List<Row> rows = new ArrayList<>();
        rows.add(HEADING);
        commands.stream().filter(command -> command.path().startsWith(prefix)).map(HelpRow::new).forEach(rows::add);
        return rows;
    }

    @Override
    public void text(StringBuilder lines) {
        lines.append(FORMAT.formatted(command.path(), command.syntax(), command.help()));
    }

    @Override
    public void json(Json json) {
        json.object().member("path", command.path()).member("syntax", command.syntax())
                .member("help", command.help()).member("heading", command.action() == null).endObject();
    }
}
