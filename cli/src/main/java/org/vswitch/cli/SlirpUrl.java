package org.vswitch.cli;

import org.vswitch.control.NamedUrl;
import org.vswitch.link.LinkUrl;

/// The URL of a router, put together from a command line. What the options mean is the scheme's affair.
final class SlirpUrl {
    private static final String SCHEME = "slirp";
    /// Characters that have a meaning within brackets, as [org.vswitch.link.LinkOptions] has it.
    private static final String MEANINGFUL = "[],'\"\\%";

    private final StringBuilder options = new StringBuilder();

    /// A router with options as they stand in a URL.
    ///
    /// @param text in brackets, or with slashes between them
    static LinkUrl ofOptions(String text) {
        if (text.isEmpty() || text.equals("/")) {
            return new LinkUrl(SCHEME, "");
        }
        return new LinkUrl(SCHEME, text.startsWith("[") || text.startsWith("/") ? text : "/" + text);
    }

    /// Whether a link is a router.
    ///
    /// @param link `[NAME=]URL`
    static boolean isOne(String link) {
        return NamedUrl.parse(link).url().scheme().equals(SCHEME);
    }

    /// Adds an option without value.
    void flag(String name) {
        options.append(options.isEmpty() ? "" : ",").append(name);
    }

    /// Adds an option with a value, whatever characters are in it.
    void value(String name, String value) {
        flag(name);
        options.append('=');
        for (char c : value.toCharArray()) {
            options.append(MEANINGFUL.indexOf(c) < 0 ? String.valueOf(c) : "%%%02x".formatted((int) c));
        }
    }

    /// The URL.
    LinkUrl url() {
        return new LinkUrl(SCHEME, options.isEmpty() ? "" : "[" + options + "]");
    }
}
