package org.vswitch.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.vswitch.guard.GuardSettings;
import org.vswitch.link.LinkUrl;

/// A link's URL and what the switch itself reads of it, which stands among the options in brackets, whatever the
/// scheme: `tap://t0[mtu=9000,guard=clean-traffic+isolated,thread=1]`. The scheme does not see it.
///
/// A thread is a number: a scheme may have words of its own for it.
///
/// @param url for the scheme
/// @param guard of its port; empty if the URL asks for none
/// @param thread on which it works; empty if the URL asks for none
record GuardedUrl(LinkUrl url, Optional<GuardSettings> guard, OptionalInt thread) {
    /// How it is written, whatever the style of other options.
    static final String FORM = "[guard=], [thread=]";

    private static final String OPTION = "guard=";
    private static final Pattern THREAD = Pattern.compile("thread=(\\d{1,4})");
    private static final Pattern ENDS_WITH_ADDRESS = Pattern.compile("guard=(.*[+])?ip=[^+/]+");

    /// Takes a URL apart.
    ///
    /// @param url as it was asked for
    /// @return without the guard and the thread
    /// @throws IOException if the guard makes no sense
    static GuardedUrl of(LinkUrl url) throws IOException {
        String rest = url.rest();
        int open = rest.lastIndexOf('[');
        if (open < 0 || !rest.endsWith("]")
                || !rest.substring(open).contains(OPTION) && !THREAD.matcher(rest.substring(open)).find()) {
            return new GuardedUrl(url, Optional.empty(), OptionalInt.empty());
        }
        Optional<GuardSettings> guard = Optional.empty();
        OptionalInt thread = OptionalInt.empty();
        List<String> others = new ArrayList<>();
        String options = rest.substring(open + 1, rest.length() - 1);
        String separator = options.contains(",") ? "," : "/";
        for (String option : options(options, separator)) {
            Matcher threaded = THREAD.matcher(option);
            if (threaded.matches()) {
                if (thread.isPresent()) {
                    throw new IOException(option + ": another thread is given too");
                }
                thread = OptionalInt.of(Integer.parseInt(threaded.group(1)));
            } else if (!option.startsWith(OPTION)) {
                others.add(option);
            } else if (guard.isPresent()) {
                throw new IOException(option + ": another guard is given too");
            } else {
                guard = Optional.of(GuardSettings.parse(option.substring(OPTION.length())));
            }
        }
        String remaining = others.isEmpty() ? "" : "[" + String.join(separator, others) + "]";
        return new GuardedUrl(new LinkUrl(url.scheme(), rest.substring(0, open) + remaining), guard, thread);
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
