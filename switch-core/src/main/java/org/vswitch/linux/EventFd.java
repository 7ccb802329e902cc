package org.vswitch.linux;

/// A counter in the kernel whose descriptor is readable while it is above zero (eventfd(2)): one thread wakes another.
public final class EventFd implements AutoCloseable {
    private final Fd fd;
    private final long one = NativeMemory.map(2 * Long.BYTES);

    /// Creates a counter of zero.
    ///
    /// @throws LinuxException if the kernel refuses
    public EventFd() throws LinuxException {
        fd = new Fd(LinuxException.check(LibC.eventfd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK), "eventfd"));
        NativeMemory.putLong(one, 1);
    }

    /// The descriptor to watch for readability.
    ///
    /// @return the number
    public int fd() {
        return fd.number();
    }

    /// Adds one, which makes the descriptor readable. Callable from any thread.
    public void signal() {
        LibC.write(fd.number(), one, Long.BYTES);
    }

    /// Sets the counter to zero. For the thread that waits.
    public void drain() {
        LibC.read(fd.number(), one + Long.BYTES, Long.BYTES);
    }

    @Override
    public void close() {
        if (fd.number() >= 0) {
            fd.close();
            NativeMemory.unmap(one, 2 * Long.BYTES);
        }
    }
}
