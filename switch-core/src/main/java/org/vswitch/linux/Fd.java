package org.vswitch.linux;

/// A file descriptor and the duty to close it. Not thread-safe: one owner at a time.
public final class Fd implements AutoCloseable {
    private int number;

    /// Takes over an open descriptor.
    ///
    /// @param number 0 or above
    public Fd(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("fd=" + number);
        }
        this.number = number;
    }

    /// The number to hand to system calls.
    ///
    /// @return 0 or above, or -1 once closed or handed over
    public int number() {
        return number;
    }

    /// Gives the descriptor to another owner, who closes it.
    ///
    /// @return its number
    public int release() {
        int released = number;
        number = -1;
        return released;
    }

    /// Opens a second descriptor of the same file, which closes on exec.
    ///
    /// @return owned by the caller
    /// @throws LinuxException EMFILE and others
    public Fd duplicate() throws LinuxException {
        return new Fd(LinuxException.check(LibC.fcntl(number, Constants.F_DUPFD_CLOEXEC, 0), "dup " + this));
    }

    /// Closes the descriptor; a second call has no effect.
    @Override
    public void close() {
        if (number >= 0) {
            LibC.close(release());
        }
    }

    @Override
    public String toString() {
        return "fd=" + number;
    }
}
