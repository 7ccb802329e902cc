package org.vswitch.console;

import java.util.Iterator;
import java.util.List;
import org.vswitch.linux.Errno;

/// What a command answers. VDE's codes and texts stand here and nowhere else.
public sealed interface Reply {
    /// Sent to a new session on a socket, before the first prompt. Its version is the one that clients know.
    String BANNER = """
            VDE switch V.2.3.2
            (C) Virtual Square Team (coord. R. Davoli) 2005,2006,2007 - GPLv2
            """;
    /// Sent when a session waits for a line.
    String PROMPT = "\nvde$ ";
    /// Sent when a session ends by request.
    String END_OF_SESSION = "9999 END OF SESSION";
    /// What commands return that have nothing to print.
    Reply SUCCESS = new Status(0);

    /// The first line of what a command prints.
    String DATA_BEGINS = "0000 DATA END WITH '.'\n";
    /// The last line of what a command prints.
    String DATA_ENDS = ".\n";

    /// Success or failure, and nothing else.
    ///
    /// @param errno 0 for success
    record Status(int errno) implements Reply {
    }

    /// Something printed, in the order of the rows; a list, even of one row.
    ///
    /// @param rows may be a view that makes rows when asked
    /// @param errno 0 for success
    record Rows(List<? extends Row> rows, int errno) implements Reply {
    }

    /// One thing printed.
    ///
    /// @param row a snapshot
    record One(Row row) implements Reply {
    }

    /// Lines to be run now, as if they had been typed.
    ///
    /// @param script read completely
    record Run(Script script) implements Reply {
    }

    /// The end of the session.
    ///
    /// @param ofSwitch whether the switch ends, too
    record End(boolean ofSwitch) implements Reply {
    }

    /// A command that failed, without rows.
    ///
    /// @param errno why
    /// @return the reply
    static Reply failure(Errno errno) {
        return new Status(errno.number());
    }

    /// A command that prints and failed, with a line that says why.
    ///
    /// @param why without newline
    /// @param errno above 0
    /// @return the reply
    static Reply failure(String why, int errno) {
        return new Rows(List.of(new Message(why)), errno);
    }

    /// A command that printed.
    ///
    /// @param rows what
    /// @return the reply
    static Reply rows(List<? extends Row> rows) {
        return new Rows(rows, 0);
    }

    /// The status line.
    ///
    /// @param errno 0 for success
    /// @return with newline
    static String status(int errno) {
        return "1%03d %s\n".formatted(errno, errno == 0 ? "Success" : Errno.text(errno));
    }

    /// Renders a reply bit by bit, so that a long one needs no memory while its reader is slow.
    ///
    /// @param form how it is to look
    /// @return pieces of text
    default Iterator<String> render(Form form) {
        return switch (this) {
            case Status(int errno) when form == Form.STATUS -> List.of(status(errno)).iterator();
            case Status(int errno) -> new ReplyText(List.of(), errno, form, true);
            case Rows(var rows, int errno) -> new ReplyText(rows, errno, form, true);
            case One(Row row) -> new ReplyText(List.of(row), 0, form, false);
            case Run _, End _ -> List.<String>of().iterator();
        };
    }

    /// How a reply is to look.
    enum Form {
        /// A status line alone.
        STATUS,
        /// A data block with text, even if empty, and a status line.
        TEXT,
        /// A data block with one JSON document, and a status line.
        JSON;

        boolean json() {
            return this == JSON;
        }
    }
}
