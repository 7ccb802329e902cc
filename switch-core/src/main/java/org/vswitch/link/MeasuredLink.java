package org.vswitch.link;

/// A link with more inside than frames on their way: a router, a bad line. Consoles show its numbers unasked.
public interface MeasuredLink extends Link {
    /// Tells every number. On the data plane's thread.
    ///
    /// @param into takes them
    void measure(Measures into);

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
