package org.vswitch.linux;

import java.util.concurrent.TimeUnit;

/// An alarm clock whose descriptor becomes readable when it goes off (timerfd_create(2), CLOCK_MONOTONIC). Used by one
/// thread.
///
/// Theory of operation. A wait with a timeout sets a kernel timer each time, and cancels it when it ends early; where
/// the timer is the next of its processor, each of both programs the hardware, under a hypervisor a trap. An alarm is
/// set once for many waits. It is watched with [Epoll#EDGE] and not read: setting it anew clears what it had to say.
public final class TimerFd implements AutoCloseable {
    // struct itimerspec { struct timespec { int64_t sec, nsec; } interval, value; }
    private static final int LENGTH = 32;
    private static final int VALUE_SECONDS = 16;
    private static final int VALUE_NS = 24;

    private final Fd fd;
    private final long value = NativeMemory.map(LENGTH);

    /// Creates an alarm that is not set.
    ///
    /// @throws LinuxException if the kernel refuses
    public TimerFd() throws LinuxException {
        fd = new Fd(LinuxException.check(LibC.timerfdCreate(Constants.CLOCK_MONOTONIC,
                Constants.TFD_CLOEXEC | Constants.TFD_NONBLOCK), "timerfd_create"));
    }

    /// The descriptor to watch for readability.
    ///
    /// @return the number
    public int fd() {
        return fd.number();
    }

    /// Sets the alarm, instead of any time set before.
    ///
    /// @param delayNs from now on, above 0
    public void set(long delayNs) {
        NativeMemory.putLong(value + VALUE_SECONDS, TimeUnit.NANOSECONDS.toSeconds(delayNs));
        NativeMemory.putLong(value + VALUE_NS, delayNs % TimeUnit.SECONDS.toNanos(1));
        LibC.timerfdSettime(fd.number(), value);
    }

    @Override
    public void close() {
        if (fd.number() >= 0) {
            fd.close();
            NativeMemory.unmap(value, LENGTH);
        }
    }
}
