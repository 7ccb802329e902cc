package org.vswitch.link;

/// Wakes a thread that sleeps, and nobody else.
///
/// No wake-up is lost, since each side first says what it did, then looks what the other did: who has something to say
/// commits it, fences and rings; who wants to sleep arms, and then looks once more. Whichever comes second sees the
/// first. Who takes `armed` away wakes in any case, so that a sleeper who has armed again in between is woken once too
/// often rather than never. A wake-up costs a system call, so it is given once for each sleep.
final class Doorbell {
    private static final Runnable NOBODY = () -> { };

    private volatile Runnable wake = NOBODY;
    private volatile boolean armed;

    /// Says how. For the sleeper.
    ///
    /// @param wakeUp callable from any thread
    void wakeBy(Runnable wakeUp) {
        wake = wakeUp;
    }

    /// The sleeper is about to sleep, and looks for work after this.
    void arm() {
        armed = true;
    }

    /// The sleeper is awake.
    void disarm() {
        armed = false;
    }

    /// The sleeper will not be there any more.
    void remove() {
        wake = NOBODY;
        armed = false;
    }

    /// Wakes the sleeper if it sleeps. For the other side, behind a full fence.
    void ring() {
        if (armed) {
            armed = false;
            wake.run();
        }
    }
}
