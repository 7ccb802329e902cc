package org.vswitch.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import org.vswitch.linux.Errno;

/// Lines of a file, to be run one after the other: what `load` and the start-up file are about.
///
/// An empty line is no comment here, as it is when typed, but an unknown command: so it is with VDE, which keeps the
/// newline of such a line.
final class Script {
    /// The longest file that is run.
    static final int MAX_BYTES = 1 << 20;

    private final String name;
    private final Queue<String> lines = new ArrayDeque<>();

    private Script(String name, String text) {
        this.name = name;
        int from = 0;
        while (from < text.length()) {
            int newline = text.indexOf('\n', from);
            int to = newline < 0 ? text.length() : newline;
            lines.add(to == from ? "\n" : text.substring(from, to));
            from = to + 1;
        }
    }

    /// Reads a file. What is not a regular file has no lines: that of a directory or /dev/null is success, and opening
    /// others might block.
    ///
    /// @param name as given
    /// @return to be run, or why not
    static Reply read(String name) {
        try {
            Path path = Path.of(name);
            if (name.isEmpty() || !Files.exists(path)) {
                return Reply.failure(Errno.ENOENT);
            }
            if (!Files.isRegularFile(path)) {
                return new Reply.Run(new Script(name, ""));
            }
            if (Files.size(path) > MAX_BYTES) {
                return Reply.failure(Errno.EMSGSIZE);
            }
            return new Reply.Run(new Script(name, new String(Files.readAllBytes(path), StandardCharsets.UTF_8)));
        } catch (AccessDeniedException refused) {
            return Reply.failure(Errno.EACCES);
        } catch (InvalidPathException impossible) {
            return Reply.failure(Errno.ENOENT);
        } catch (IOException unreadable) {
            return Reply.failure(Errno.EIO);
        }
    }

    /// What `load` prints before each line.
    ///
    /// @param line about to be run
    /// @return with newline
    String echo(String line) {
        return "vde[" + name + "]: " + line + "\n";
    }

    /// The next line.
    ///
    /// @return null at the end
    String next() {
        return lines.poll();
    }
}
