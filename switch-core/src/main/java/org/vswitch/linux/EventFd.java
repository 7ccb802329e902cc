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

    /// Takes over a counter that another process has made and passed on. It is made non-blocking, for both: a writer is
    /// not to wait for whoever reads.
    ///
    /// @param passed an eventfd, closed with the result, and the caller's if this fails
    /// @throws LinuxException if the kernel refuses
    public EventFd(Fd passed) throws LinuxException {
        int flags = LibC.fcntl(passed.number(), Constants.F_GETFL, 0);
        int result = flags < 0 ? flags : LibC.fcntl(passed.number(), Constants.F_SETFL, flags | Constants.O_NONBLOCK);
        if (result < 0) {
            NativeMemory.unmap(one, 2 * Long.BYTES);
            throw new LinuxException("fcntl " + passed, -result);
        }
        fd = new Fd(passed.release());
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
        LibC.tryWrite(fd.number(), one, Long.BYTES);
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
