package org.vswitch.link;

import org.vswitch.linux.TunTap;

/// What is known of a tap's interface, shared by its queues: whether it is up, and what it is called.
///
/// Nothing on a descriptor tells of either: that it is down shows when a frame is refused, or when somebody asks; a
/// name only then. Used by the data-plane thread alone.
final class TapState {
    private final TunTap tap;
    private String knownName;
    private long renamed;
    private boolean down;
    private long wentDown;

    /// The state as it is.
    ///
    /// @param tap asked later as well
    TapState(TunTap tap) {
        this.tap = tap;
        knownName = tap.currentName().orElse(tap.name());
        down = !tap.isUp();
    }

    /// A frame has passed.
    void passed() {
        down = false;
    }

    /// A frame was refused, as the interface is down.
    void refused() {
        notice(true);
    }

    /// Asks the kernel, and tells.
    ///
    /// @param into what `port/gauges` shows
    void measure(MeasuredLink.Measures into) {
        notice(!tap.isUp());
        String name = tap.currentName().orElse(knownName);
        renamed += name.equals(knownName) ? 0 : 1;
        knownName = name;
        into.gauge("up", down ? 0 : 1, 1);
        into.counter("set-down", wentDown);
        into.counter("renamed", renamed);
    }

    private void notice(boolean isDown) {
        wentDown += isDown && !down ? 1 : 0;
        down = isDown;
    }
}
