package org.vswitch.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.vswitch.guard.GuardSettings;
import org.vswitch.link.LinkUrl;

/// A link's URL and the guard of its port, which stands among the options in brackets, whatever the scheme:
/// `tap://t0[mtu=9000,guard=clean-traffic+isolated]`. The scheme does not see it.
///
/// @param url for the scheme
/// @param guard empty if the URL asks for none
record GuardedUrl(LinkUrl url, Optional<GuardSettings> guard) {
    /// How it is written, whatever the style of other options.
    static final String FORM = "[guard=]";

    private static final String OPTION = "guard=";
    private static final Pattern ENDS_WITH_ADDRESS = Pattern.compile("guard=(.*[+])?ip=[^+/]+");

    /// Takes a URL apart.
    ///
    /// @param url as it was asked for
    /// @return without the guard
    /// @throws IOException if the guard makes no sense
    static GuardedUrl of(LinkUrl url) throws IOException {
        String rest = url.rest();
        int open = rest.lastIndexOf('[');
        if (open < 0 || !rest.endsWith("]") || !rest.substring(open).contains(OPTION)) {
            return new GuardedUrl(url, Optional.empty());
        }
        Optional<GuardSettings> guard = Optional.empty();
        List<String> others = new ArrayList<>();
        String options = rest.substring(open + 1, rest.length() - 1);
        String separator = options.contains(",") ? "," : "/";
        for (String option : options(options, separator)) {
            if (!option.startsWith(OPTION)) {
                others.add(option);
            } else if (guard.isPresent()) {
                throw new IOException(option + ": another guard is given too");
            } else {
                guard = Optional.of(GuardSettings.parse(option.substring(OPTION.length())));
            }
        }
        String remaining = others.isEmpty() ? "" : "[" + String.join(separator, others) + "]";
        return new GuardedUrl(new LinkUrl(url.scheme(), rest.substring(0, open) + remaining), guard);
    }

    /// The options one by one. Where a slash stands between them, one before a number may belong to a prefix.
    private static List<String> options(String text, String separator) {
        List<String> options = new ArrayList<>();
        for (String option : text.split(separator)) {
            if (!options.isEmpty() && separator.equals("/") && option.matches("\\d+([+].*)?")
                    && ENDS_WITH_ADDRESS.matcher(options.getLast()).matches()) {
                options.add(options.removeLast() + separator + option);
            } else {
                options.add(option);
            }
        }
        return options;
    }
}
