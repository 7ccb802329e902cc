package org.vswitch.benchmark.load;

import java.util.LinkedHashMap;
import java.util.Map;

/// One line between the harness and a process it commands: a word and `key=value` pairs, in which no value has blanks.
///
/// @param word what to do, or how it went
/// @param values in the order written
public record Order(String word, Map<String, String> values) {
    /// Reads a line.
    ///
    /// @param line without its end
    /// @return its parts
    public static Order parse(String line) {
        String[] parts = line.trim().split(" +");
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals > 0) {
                values.put(parts[i].substring(0, equals), parts[i].substring(equals + 1));
            }
        }
        return new Order(parts[0], values);
    }

    /// A line without values.
    ///
    /// @param word its word
    /// @return to be extended by [#with]
    public static Order of(String word) {
        return new Order(word, Map.of());
    }

    /// The same line with one value more.
    ///
    /// @param key its name
    /// @param value its text, without blanks
    /// @return a new line
    public Order with(String key, Object value) {
        Map<String, String> more = new LinkedHashMap<>(values);
        more.put(key, String.valueOf(value));
        return new Order(word, more);
    }

    /// A value that must be there.
    ///
    /// @param key its name
    /// @return its text
    public String text(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(word + ": no " + key);
        }
        return value;
    }

    /// A number that must be there.
    ///
    /// @param key its name
    /// @return the number
    public long number(String key) {
        return Long.parseLong(text(key));
    }

    /// The line as it is sent.
    ///
    /// @return without its end
    public String line() {
        StringBuilder line = new StringBuilder(word);
        values.forEach((key, value) -> line.append(' ').append(key).append('=').append(value));
        return line.toString();
    }
}
