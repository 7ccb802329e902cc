package org.vswitch.slirp.tcp;

/// How many stretches of data in flight all connections together may tell apart, beyond the few that each has. Guests
/// that report bytes one by one would fill the heap otherwise.
final class StretchBudget {
    /// With 13 bytes each under 2 MiB; a connection over 20 ms that loses a hundredth needs 100 to 200.
    private static final int MOST = 131_072;

    private int left = MOST;

    /// Whether those that are not needed may be kept.
    ///
    /// @return true while half of them is left
    boolean isAmple() {
        return left >= MOST / 2;
    }

    /// Takes some.
    ///
    /// @param stretches how many
    /// @return false if there are not so many left; then none is taken
    boolean take(int stretches) {
        if (stretches > left) {
            return false;
        }
        left -= stretches;
        return true;
    }

    /// Gives some back.
    ///
    /// @param stretches as many as were taken
    void give(int stretches) {
        left += stretches;
    }
}
