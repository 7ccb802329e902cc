package org.vswitch.link;

import java.util.concurrent.CompletableFuture;

/// A link with more inside than frames on their way: a router, a bad line. Consoles show its numbers unasked.
public interface MeasuredLink extends Link {
    /// Tells every number. On the data plane's thread.
    ///
    /// @param into takes them, until the answer comes: a link on a thread of its own tells them there
    /// @return completed when all are told; exceptionally if the link has ended before
    CompletableFuture<Void> measure(Measures into);

    /// Takes numbers.
    interface Measures {
        /// How much there is of something now.
        ///
        /// @param name lower case, words joined by `-`
        /// @param value 0 or more
        /// @param limit the most there can be
        void gauge(String name, long value, long limit);

        /// How often something has happened.
        ///
        /// @param name lower case, words joined by `-`
        /// @param count 0 or more
        void counter(String name, long count);
    }
}
