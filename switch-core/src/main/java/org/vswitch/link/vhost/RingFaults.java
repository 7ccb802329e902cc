package org.vswitch.link.vhost;

import java.util.function.Consumer;

/// The broken rings of a device. While there is one nothing goes through the device: its guest is beside itself. Used
/// by one thread.
final class RingFaults {
    private final Consumer<String> log;
    private int broken;
    private long count;

    /// None so far.
    ///
    /// @param log takes one line for each
    RingFaults(Consumer<String> log) {
        this.log = log;
    }

    /// A ring has broken.
    void report(int ring, RingFault fault) {
        broken++;
        count++;
        log.accept("ring " + ring + " of the guest is broken, until the guest resets it: " + fault.text());
    }

    /// A ring that was broken has been stopped.
    void mended() {
        broken--;
    }

    /// Whether a ring is broken.
    boolean isAny() {
        return broken > 0;
    }

    /// How often a ring has broken.
    long count() {
        return count;
    }
}
