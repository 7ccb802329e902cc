package org.vswitch.control;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.link.LinkUrl;

/// `[NAME=]URL`, as links are asked for on the command line and on consoles.
///
/// @param name unique among the links of a switch; null for one made from scheme and port number
/// @param url what to open
public record NamedUrl(String name, LinkUrl url) {
    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9_.-]+)=(.+)");

    /// Reads the text. A name consists of letters, digits, `_`, `.` and `-`: a path with `=` in it stays a path.
    ///
    /// @param text what was asked for
    /// @return name and URL
    public static NamedUrl parse(String text) {
        Matcher named = NAMED.matcher(text);
        return named.matches() ? new NamedUrl(named.group(1), LinkUrl.parse(named.group(2)))
                : new NamedUrl(null, LinkUrl.parse(text));
    }
}
