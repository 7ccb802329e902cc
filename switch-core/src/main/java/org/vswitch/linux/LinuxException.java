package org.vswitch.linux;

import java.io.IOException;

/// A system call that failed where something was being set up. In loops, failures are return values instead.
public final class LinuxException extends IOException {
    private static final long serialVersionUID = 1;
    private final String call;
    private final int errno;

    /// States what failed.
    ///
    /// @param call the call with what it was applied to, for example `bind /run/vnet0/ctl`
    /// @param errno above 0
    public LinuxException(String call, int errno) {
        super(call + ": " + Errno.text(errno));
        this.call = call;
        this.errno = errno;
    }

    /// The call that failed.
    ///
    /// @return as given to the constructor
    public String call() {
        return call;
    }

    /// The error number.
    ///
    /// @return above 0
    public int errno() {
        return errno;
    }

    /// Whether this is that error.
    ///
    /// @param candidate the error to compare with
    /// @return true if the numbers are equal
    public boolean is(Errno candidate) {
        return errno == candidate.number();
    }

    static int check(int result, String call) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call, -result);
        }
        return result;
    }
}
