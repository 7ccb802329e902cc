package org.vswitch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.vswitch.link.LinkUrl;

/// What people write for a network: a URL, a VDE switch's directory, a file whose first line is one of these, or
/// nothing for the default network. Source: libvdeplug 4, `vde_open`.
final class PlugName {
    private static final List<String> DEFAULTS = List.of(".vdeplug/default", ".vde2/default.switch");

    private PlugName() {
    }

    /// Finds the URL.
    ///
    /// @param name as written on a command line
    /// @param home where the default network may be named; null if unknown
    /// @throws IOException if a file that should name it cannot be read
    static LinkUrl resolve(String name, String home) throws IOException {
        String chosen = chosen(name, home);
        return LinkUrl.parse(namesFile(chosen) ? firstLine(Path.of(chosen)) : chosen);
    }

    /// What people are told of a name when there is trouble: with the file that was read, if it was one, and its line.
    ///
    /// @param name as written on a command line
    /// @param home where the default network may be named; null if unknown
    static String shown(String name, String home) {
        String chosen = chosen(name, home);
        String shown = name.isEmpty() ? "default switch" : name;
        if (!namesFile(chosen)) {
            return shown;
        }
        try {
            String line = firstLine(Path.of(chosen));
            return shown + " (the file " + chosen + " names " + line + ")";
        } catch (IOException | UncheckedIOException unread) {
            return shown;
        }
    }

    /// What is known of the end of a network; what else there is to tell, its link has.
    ///
    /// @param name as the user wrote it
    /// @param url what it stands for
    /// @param home the user's home directory, may be null
    /// @return a line of the log
    static String farewell(String name, LinkUrl url, String home) {
        return shown(name, home) + " has ended"
                + (url.scheme().equals("vde") ? ": its switch has gone, or has unplugged us" : "");
    }

    private static String chosen(String name, String home) {
        if (!name.isEmpty() || home == null) {
            return name;
        }
        return DEFAULTS.stream().map(file -> Path.of(home, file)).filter(Files::exists).findFirst()
                .map(Path::toString).orElse("");
    }

    /// Whether a URL stands for a router, be it in front of a bad line.
    ///
    /// @param url as resolved
    static boolean isRouter(LinkUrl url) {
        LinkUrl inner = url;
        while (inner.scheme().equals("impair")) {
            inner = LinkUrl.parse(inner.rest().replaceFirst("^['\"]", ""));
        }
        return inner.scheme().equals("slirp");
    }

    private static boolean namesFile(String name) {
        try {
            return !name.contains("://") && Files.isRegularFile(Path.of(name));
        } catch (InvalidPathException impossible) {
            return false;
        }
    }

    private static String firstLine(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.findFirst().map(String::strip).filter(line -> !line.isEmpty())
                    .orElseThrow(() -> new IOException(file + " is empty"));
        }
    }
}
