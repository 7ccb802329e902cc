package org.vswitch.slirp.wire;

/// Arithmetic on TCP sequence numbers and on timestamps: modulo 2^32 (RFC 9293, 3.4; RFC 7323, 5.2).
///
/// A number is before another if it takes fewer than 2^31 steps forward from it to the other. That is no order of all
/// numbers, only of those that lie within 2^31 of each other, as a window does (at most 2^30 bytes, RFC 7323, 2.3).
public final class SeqNumber {
    private SeqNumber() {
    }

    /// Whether a number comes before another.
    ///
    /// @param a a number
    /// @param b a number within 2^31 of it
    /// @return true if a < b
    public static boolean lessThan(int a, int b) {
        return a - b < 0;
    }

    /// Whether a number comes before another or is the same.
    ///
    /// @param a a number
    /// @param b a number within 2^31 of it
    /// @return true if a =< b
    public static boolean atMost(int a, int b) {
        return a - b <= 0;
    }

    /// How far it is from one number to another.
    ///
    /// @param a a number
    /// @param b a number within 2^31 of it
    /// @return steps from b to a, negative if a comes first
    public static int difference(int a, int b) {
        return a - b;
    }

    /// The number some steps later.
    ///
    /// @param number where to begin
    /// @param steps how many, 0 to 2^31 - 1, or negative for steps back
    /// @return the number there
    public static int plus(int number, int steps) {
        return number + steps;
    }

    /// The later of two numbers.
    ///
    /// @param a a number
    /// @param b a number within 2^31 of it
    /// @return a or b
    public static int max(int a, int b) {
        return lessThan(a, b) ? b : a;
    }

    /// The earlier of two numbers.
    ///
    /// @param a a number
    /// @param b a number within 2^31 of it
    /// @return a or b
    public static int min(int a, int b) {
        return lessThan(a, b) ? a : b;
    }

    /// Whether a number lies in a window.
    ///
    /// @param number a number
    /// @param first the first number in the window
    /// @param window how many numbers are in it, unsigned
    /// @return true if first =< number < first + window; false for every number if the window is empty
    public static boolean isWithin(int number, int first, int window) {
        return Integer.compareUnsigned(number - first, window) < 0;
    }
}
