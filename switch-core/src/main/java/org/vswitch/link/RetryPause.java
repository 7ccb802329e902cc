package org.vswitch.link;

/// How long to wait before something is tried again: short at first, then twice as long each time, up to a limit. So
/// what works again soon is found soon, and what never works keeps nobody busy.
public final class RetryPause {
    private final long first;
    private final long longest;
    private long next;

    /// A pause that begins with its shortest.
    ///
    /// @param first in any unit, above 0
    /// @param longest in the same, not below that
    public RetryPause(long first, long longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    /// The time to wait now.
    ///
    /// @return in the unit of the limits
    public long take() {
        long pause = next;
        next = Math.min(longest, 2 * pause);
        return pause;
    }

    /// Begins anew: it worked.
    public void reset() {
        next = first;
    }
}
