package org.vswitch.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The address and the options of a URL's rest, in one of the styles that schemes use.
///
/// Theory of operation. Quoting comes first: within `'...'` or `"..."`, behind `\`, and as `%XX` (UTF-8) a character
/// has no meaning of its own. What is left is cut at brackets and separators. In VDE's styles an option that VDE has
/// may be abbreviated, as there; but where several begin so VDE takes the first of its table, and here that is an
/// error. What a scheme does not know is an error, too, never ignored.
public final class LinkOptions {
    /// How options follow the address.
    public enum Style {
        /// VDE's plugs: `path[option=value/option]`.
        VDE_BRACKETS('/'),
        /// VDE's tunnels: `address/option=value/option`.
        VDE_SLASHES('/'),
        /// Our own: `address[option=value,option]`.
        BRACKETS(',');

        private final char separator;

        Style(char separator) {
            this.separator = separator;
        }
    }

    private static final String BARE = "";
    private static final String IN_FULL = "!";

    private final String scheme;
    private final Style style;
    private final List<String> known = new ArrayList<>();
    private final Set<String> abbreviable = new HashSet<>();
    private final Map<String, String> values = new HashMap<>();
    private Optional<String> repetition = Optional.empty();
    private String address;
    /// The option that has just been read, if it has a value: what stands behind the next slash may belong to it.
    private String before = BARE;

    private LinkOptions(String scheme, Style style, String... names) {
        this.scheme = scheme;
        this.style = style;
        for (String name : names) {
            boolean inFull = name.startsWith(IN_FULL);
            known.add(inFull ? name.substring(IN_FULL.length()) : name);
            if (!inFull && style != Style.BRACKETS) {
                abbreviable.add(name);
            }
        }
    }

    /// Takes a URL apart.
    ///
    /// @param url its scheme stands in error messages
    /// @param style how the scheme writes options
    /// @param known the names of options: `mode=` has a value, `v6` has none, `!mac=` is never abbreviated, and the
    ///     empty name permits one bare token, as in `[5]`; with `broker` and `broker=` the value may be left out
    /// @return address and options
    /// @throws IOException if an option is unknown or ambiguous, lacks its value or has one too many, or a quote or
    ///     bracket is open
    public static LinkOptions parse(LinkUrl url, Style style, String... known) throws IOException {
        LinkOptions options = new LinkOptions(url.scheme(), style, known);
        Text text = options.unquote(url.rest());
        int open = text.find(style == Style.VDE_SLASHES ? '/' : '[', 0, text.length());
        int end = text.length();
        if (open < end && style != Style.VDE_SLASHES) {
            end--;
            if (text.find(']', open, text.length()) != end) {
                throw options.complaint("no ] at the end of " + url.rest());
            }
        }
        options.address = text.part(0, open);
        for (int from = open + 1; from < end;) {
            int to = text.find(style.separator, from, end);
            if (to > from) {
                options.add(text, from, to);
            }
            from = to + 1;
        }
        return options;
    }

    /// What stands in front of the options, without quotes.
    ///
    /// @return may be empty
    public String address() {
        return address;
    }

    /// The token that is no option.
    ///
    /// @return for example `5` of `[5]`
    public Optional<String> bare() {
        return Optional.ofNullable(values.get(BARE));
    }

    /// The value of an option.
    ///
    /// @param name as the scheme knows it, without `=`
    /// @return the last one given
    public Optional<String> value(String name) {
        return Optional.ofNullable(values.get(name + "="));
    }

    /// Refuses what was given twice, for a scheme that has no use for the last one alone.
    ///
    /// @return these options
    /// @throws IOException that names both
    public LinkOptions once() throws IOException {
        if (repetition.isPresent()) {
            throw complaint(repetition.get());
        }
        return this;
    }

    /// Whether an option without value is there.
    ///
    /// @param name as the scheme knows it
    /// @return true if it was given
    public boolean has(String name) {
        return values.containsKey(name);
    }

    /// What may be wrong with a value that makes no sense: that it ends with further options, behind the separator of
    /// another style.
    ///
    /// @param value as [#value] returned it
    /// @return to be put behind a complaint; empty if there is nothing to say
    public String hint(String value) {
        String other = style.separator == ',' ? "/" : ",";
        String[] words = value.split(other);
        for (int i = 1; i < words.length; i++) {
            int end = words[i].indexOf('=') + 1;
            if (!words[i].isEmpty() && known.contains(end == 0 ? words[i] : words[i].substring(0, end))) {
                return " (options are separated by " + style.separator + " here)";
            }
        }
        return "";
    }

    /// Complains about the value of an option.
    ///
    /// @param name as the scheme knows it, without `=`
    /// @param why it is refused
    /// @return one line that names both, to be thrown
    public IOException unfit(String name, String why) {
        String value = value(name).orElse("");
        return complaint(name + "=" + value + " (" + why + ")" + hint(value));
    }

    private void add(Text text, int from, int to) throws IOException {
        int equals = text.find('=', from, to);
        String given = text.part(from, equals);
        boolean hasValue = equals < to;
        String name = match(given, hasValue);
        if (name.isEmpty()) {
            if (hasValue || !known.contains(BARE) || values.containsKey(BARE)) {
                throw new UnknownOption(scheme + ": unknown option " + given, names(), slashHint());
            }
            values.put(BARE, given);
        } else if (hasValue != name.endsWith("=")) {
            throw complaint("option " + given + (hasValue ? " takes no value" : " needs a value"));
        } else {
            put(name, hasValue ? text.part(equals + 1, to) : "");
        }
        before = hasValue ? given : BARE;
    }

    private void put(String name, String value) {
        String former = values.put(name, value);
        if (former != null && repetition.isEmpty()) {
            repetition = Optional.of(name + value + (name.endsWith("=") ? ": " + name + former + " is given too"
                    : " is given twice"));
        }
    }

    /// The known option that is meant, or the empty name. What has no value is no option that needs one where it may be
    /// a bare token.
    private String match(String given, boolean hasValue) throws IOException {
        String exact = given + (hasValue ? "=" : "");
        if (!given.isEmpty() && known.contains(exact)) {
            return exact;
        }
        boolean mayBeBare = !hasValue && known.contains(BARE);
        List<String> candidates = new ArrayList<>();
        for (String name : known) {
            if (given.isEmpty() || !name.startsWith(given) || mayBeBare && name.endsWith("=")) {
                continue;
            }
            if (name.equals(given) || name.equals(given + "=")) {
                return name;
            }
            if (abbreviable.contains(name)) {
                candidates.add(name);
            }
        }
        if (candidates.size() > 1) {
            throw complaint("option " + given + " is ambiguous: " + String.join(", ", candidates));
        }
        return candidates.isEmpty() ? BARE : candidates.getFirst();
    }

    private String slashHint() {
        return style.separator != '/' || before.isEmpty() ? ""
                : "; if it belongs to " + before + ", its / must be written %2f";
    }

    /// What may be given.
    private List<String> names() {
        return known.stream().filter(name -> !name.isEmpty()).toList();
    }

    private IOException complaint(String what) {
        return new IOException(scheme + ": " + what);
    }

    private Text unquote(String rest) throws IOException {
        Text text = new Text(rest.length());
        int i = 0;
        while (i < rest.length()) {
            char c = rest.charAt(i);
            if (c == '\'' || c == '"') {
                int close = rest.indexOf(c, i + 1);
                if (close < 0) {
                    throw complaint("no closing " + c + " in " + rest);
                }
                text.append(rest.substring(i + 1, close), true);
                i = close + 1;
            } else if (c == '\\' && i + 1 < rest.length()) {
                text.append(rest.substring(i + 1, i + 2), true);
                i += 2;
            } else if (isEscape(rest, i)) {
                int end = i;
                while (isEscape(rest, end)) {
                    end += 3;
                }
                text.append(decode(rest.substring(i, end)), true);
                i = end;
            } else {
                text.append(String.valueOf(c), false);
                i++;
            }
        }
        return text;
    }

    private static boolean isEscape(String text, int index) {
        return index + 2 < text.length() && text.charAt(index) == '%'
                && Character.digit(text.charAt(index + 1), 16) >= 0
                && Character.digit(text.charAt(index + 2), 16) >= 0;
    }

    private static String decode(String escapes) {
        byte[] bytes = new byte[escapes.length() / 3];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(escapes.substring(3 * i + 1, 3 * i + 3), 16);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// Text without quotes that still knows which characters had been quoted.
    private static final class Text {
        private final StringBuilder characters = new StringBuilder();
        private final boolean[] literal;

        Text(int capacity) {
            literal = new boolean[capacity];
        }

        void append(String part, boolean quoted) {
            Arrays.fill(literal, characters.length(), characters.length() + part.length(), quoted);
            characters.append(part);
        }

        int length() {
            return characters.length();
        }

        String part(int from, int to) {
            return characters.substring(from, to);
        }

        /// The first character like this that was not quoted, or `to`.
        int find(char wanted, int from, int to) {
            for (int i = from; i < to; i++) {
                if (characters.charAt(i) == wanted && !literal[i]) {
                    return i;
                }
            }
            return to;
        }
    }
}
