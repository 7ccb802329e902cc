package org.vswitch.link;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/// A URL has an option that its scheme does not know. The message names it, and those that there are.
public final class UnknownOption extends IOException {
    private static final long serialVersionUID = 1;

    private final String what;
    private final transient List<String> known;
    private final String hint;

    /// A complaint.
    ///
    /// @param what is unknown, behind the scheme
    /// @param known the names of options
    /// @param hint behind the list; may be empty
    UnknownOption(String what, List<String> known, String hint) {
        super(what + " (known: " + (known.isEmpty() ? "none" : String.join(", ", known)) + ")" + hint);
        this.what = what;
        this.known = List.copyOf(known);
        this.hint = hint;
    }

    /// The same complaint of who takes an option before the scheme sees the URL.
    ///
    /// @param name as it is written
    /// @return to be thrown instead
    public UnknownOption beside(String name) {
        return new UnknownOption(what, Stream.concat(known.stream(), Stream.of(name)).toList(), hint);
    }
}
