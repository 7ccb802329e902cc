package org.vswitch.linux;

/// Error numbers of Linux and their texts, for those this project meets.
public enum Errno {
    /// Operation not permitted.
    EPERM(1, "Operation not permitted"),
    /// No such file or directory.
    ENOENT(2, "No such file or directory"),
    /// Interrupted system call.
    EINTR(4, "Interrupted system call"),
    /// Input/output error.
    EIO(5, "Input/output error"),
    /// No such device or address.
    ENXIO(6, "No such device or address"),
    /// Bad file descriptor.
    EBADF(9, "Bad file descriptor"),
    /// Would block.
    EAGAIN(11, "Resource temporarily unavailable"),
    /// Out of memory.
    ENOMEM(12, "Cannot allocate memory"),
    /// Permission denied.
    EACCES(13, "Permission denied"),
    /// Bad address.
    EFAULT(14, "Bad address"),
    /// Device or resource busy.
    EBUSY(16, "Device or resource busy"),
    /// File exists.
    EEXIST(17, "File exists"),
    /// No such device.
    ENODEV(19, "No such device"),
    /// Not a directory.
    ENOTDIR(20, "Not a directory"),
    /// Is a directory.
    EISDIR(21, "Is a directory"),
    /// Invalid argument.
    EINVAL(22, "Invalid argument"),
    /// Too many open files in system.
    ENFILE(23, "Too many open files in system"),
    /// Too many open files.
    EMFILE(24, "Too many open files"),
    /// Inappropriate ioctl for device.
    ENOTTY(25, "Inappropriate ioctl for device"),
    /// No space left on device.
    ENOSPC(28, "No space left on device"),
    /// Read-only file system.
    EROFS(30, "Read-only file system"),
    /// Broken pipe.
    EPIPE(32, "Broken pipe"),
    /// Numerical result out of range.
    ERANGE(34, "Numerical result out of range"),
    /// File name too long.
    ENAMETOOLONG(36, "File name too long"),
    /// Function not implemented.
    ENOSYS(38, "Function not implemented"),
    /// Directory not empty.
    ENOTEMPTY(39, "Directory not empty"),
    /// Protocol error.
    EPROTO(71, "Protocol error"),
    /// File descriptor in bad state.
    EBADFD(77, "File descriptor in bad state"),
    /// Message too long.
    EMSGSIZE(90, "Message too long"),
    /// Protocol wrong type for socket.
    EPROTOTYPE(91, "Protocol wrong type for socket"),
    /// Operation not supported.
    EOPNOTSUPP(95, "Operation not supported"),
    /// No such family of addresses, as where IPv6 is switched off.
    EAFNOSUPPORT(97, "Address family not supported by protocol"),
    /// Address already in use.
    EADDRINUSE(98, "Address already in use"),
    /// Cannot assign requested address.
    EADDRNOTAVAIL(99, "Cannot assign requested address"),
    /// Network is down.
    ENETDOWN(100, "Network is down"),
    /// Network is unreachable.
    ENETUNREACH(101, "Network is unreachable"),
    /// Connection reset by peer.
    ECONNRESET(104, "Connection reset by peer"),
    /// No buffer space available.
    ENOBUFS(105, "No buffer space available"),
    /// Transport endpoint is already connected.
    EISCONN(106, "Transport endpoint is already connected"),
    /// Transport endpoint is not connected.
    ENOTCONN(107, "Transport endpoint is not connected"),
    /// Connection timed out.
    ETIMEDOUT(110, "Connection timed out"),
    /// Connection refused.
    ECONNREFUSED(111, "Connection refused"),
    /// No route to host.
    EHOSTUNREACH(113, "No route to host"),
    /// Operation now in progress.
    EINPROGRESS(115, "Operation now in progress");

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /// The number, as the kernel gives it.
    ///
    /// @return above 0
    public int number() {
        return number;
    }

    /// What `strerror` says.
    ///
    /// @return the text of the C locale
    public String text() {
        return text;
    }

    /// The symbolic name of a number.
    ///
    /// @param number errno, above 0
    /// @return for example `EPERM`, or `errno 250`
    public static String name(int number) {
        Errno known = of(number);
        return known == null ? "errno " + number : known.name();
    }

    /// What `strerror` says of a number.
    ///
    /// @param number errno, above 0
    /// @return for example `Operation not permitted`
    public static String text(int number) {
        Errno known = of(number);
        return known == null ? "Unknown error " + number : known.text;
    }

    private static Errno of(int number) {
        for (Errno errno : values()) {
            if (errno.number == number) {
                return errno;
            }
        }
        return null;
    }
}
