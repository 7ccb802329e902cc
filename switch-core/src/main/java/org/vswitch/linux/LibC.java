package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Every function of the C library that this project calls: the list of our system calls.
///
/// Theory of operation. All functions are linked with one shape, six 64-bit integer arguments and a 64-bit result.
/// The calling conventions of x86-64 (System V) and AArch64 pass the first six integer arguments in registers, take an
/// `int` from the low half of its register and ignore registers the callee does not use, so that `close(fd, 0, ...)`
/// is `close(fd)`. One shape means that the JVM generates one stub instead of one per signature; stubs are what
/// no class-data or AOT cache holds, and with a shape per signature they were a third of the start-up time.
/// An `int` result has an undefined upper half: [#toInt] takes the low one.
///
/// To capture errno allocates 40 bytes wherever the second compiler has not removed the object. In what runs for every
/// batch it has, if the launcher keeps the two calls that move batches from being inlined, so that their compiled code
/// serves seldom callers, too. What may run no more than a few hundred times a second is not compiled soon, and goes
/// without errno: [#epollModify], [#timerfdSettime], and all whose names begin with `try`.
///
/// [#tryEpollWait] is not inlined either. The second compiler makes the strings of a class in the thread whose call it
/// compiles: here that is in the first second, and not when a data plane has slept often enough.
///
/// What moves frames invokes its handle itself: a handle is fast and free of allocation only where the JIT sees that it
/// is a constant, and [#call] sees that only where it is inlined into its caller.
///
/// Every method returns the result or, where the call failed, the negated errno. Thread-safe: errno is captured in
/// memory of the calling thread.
final class LibC {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = CAPTURE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private static final boolean ARM = "aarch64".equals(System.getProperty("os.arch"));
    private static final int SYS_MKNODAT = ARM ? 33 : 259;
    private static final int SYS_UNSHARE = ARM ? 97 : 272;

    private static final MethodHandle ACCEPT4 = link("accept4");
    private static final MethodHandle ACCESS = link("access");
    private static final MethodHandle BIND = link("bind");
    private static final MethodHandle CHDIR = link("chdir");
    private static final MethodHandle CHMOD = link("chmod");
    private static final MethodHandle CLOSE = link("close");
    private static final MethodHandle CONNECT = link("connect");
    private static final MethodHandle DUP2 = link("dup2");
    private static final MethodHandle EPOLL_CREATE1 = link("epoll_create1");
    private static final MethodHandle EPOLL_CTL = link("epoll_ctl");
    private static final MethodHandle EVENTFD = link("eventfd");
    private static final MethodHandle FCHOWNAT = link("fchownat");
    private static final MethodHandle FCNTL = link("fcntl");
    private static final MethodHandle FTRUNCATE = link("ftruncate");
    private static final MethodHandle GETEGID = link("getegid");
    private static final MethodHandle GETEUID = link("geteuid");
    private static final MethodHandle GETPEERNAME = link("getpeername");
    private static final MethodHandle GETRLIMIT = link("getrlimit");
    private static final MethodHandle GETSOCKNAME = link("getsockname");
    private static final MethodHandle GETSOCKOPT = link("getsockopt");
    private static final MethodHandle IOCTL = link("ioctl");
    private static final MethodHandle KILL = link("kill");
    private static final MethodHandle LISTEN = link("listen");
    private static final MethodHandle LSEEK = link("lseek");
    private static final MethodHandle MEMFD_CREATE = link("memfd_create");
    private static final MethodHandle MKDIR = link("mkdir");
    private static final MethodHandle MMAP = link("mmap");
    private static final MethodHandle MUNMAP = link("munmap");
    private static final MethodHandle OPEN = link("open");
    private static final MethodHandle READ = link("read");
    private static final MethodHandle READLINK = link("readlink");
    private static final MethodHandle READV = link("readv");
    private static final MethodHandle RECVMMSG = link("recvmmsg");
    private static final MethodHandle RECVMSG = link("recvmsg");
    private static final MethodHandle RMDIR = link("rmdir");
    private static final MethodHandle SENDMMSG = link("sendmmsg");
    private static final MethodHandle SENDMSG = link("sendmsg");
    private static final MethodHandle SETNS = link("setns");
    private static final MethodHandle SETSOCKOPT = link("setsockopt");
    private static final MethodHandle SHUTDOWN = link("shutdown");
    private static final MethodHandle SIGNAL = link("signal");
    private static final MethodHandle SOCKET = link("socket");
    private static final MethodHandle SOCKETPAIR = link("socketpair");
    private static final MethodHandle STATX = link("statx");
    private static final MethodHandle SYSCALL = link("syscall");
    private static final MethodHandle TIMERFD_CREATE = link("timerfd_create");
    private static final MethodHandle UMASK = link("umask");
    private static final MethodHandle UNLINK = link("unlink");
    private static final MethodHandle WRITE = link("write");
    private static final MethodHandle WRITEV = link("writev");

    private static final MethodHandle CONNECT_WITHOUT_ERRNO = link("connect", new Linker.Option[0]);
    private static final MethodHandle EPOLL_CTL_WITHOUT_ERRNO = link("epoll_ctl", new Linker.Option[0]);
    private static final MethodHandle EPOLL_WAIT = link("epoll_wait", new Linker.Option[0]);
    private static final MethodHandle RECV = link("recv", new Linker.Option[0]);
    private static final MethodHandle RECVMMSG_WITHOUT_ERRNO = link("recvmmsg", new Linker.Option[0]);
    private static final MethodHandle RECVMSG_WITHOUT_ERRNO = link("recvmsg", new Linker.Option[0]);
    private static final MethodHandle SEND = link("send", new Linker.Option[0]);
    private static final MethodHandle SENDMMSG_WITHOUT_ERRNO = link("sendmmsg", new Linker.Option[0]);
    private static final MethodHandle SENDMSG_WITHOUT_ERRNO = link("sendmsg", new Linker.Option[0]);
    private static final MethodHandle TIMERFD_SETTIME = link("timerfd_settime", new Linker.Option[0]);
    private static final MethodHandle WRITE_WITHOUT_ERRNO = link("write", new Linker.Option[0]);

    private LibC() {
    }

    static int accept4(int fd, int flags) {
        return toInt(call(ACCEPT4, fd, 0, 0, flags, 0, 0));
    }

    static int access(long path, int mode) {
        return toInt(call(ACCESS, path, mode, 0, 0, 0, 0));
    }

    static int bind(int fd, long address, int length) {
        return toInt(call(BIND, fd, address, length, 0, 0, 0));
    }

    static int chdir(long path) {
        return toInt(call(CHDIR, path, 0, 0, 0, 0, 0));
    }

    static int chmod(long path, int mode) {
        return toInt(call(CHMOD, path, mode, 0, 0, 0, 0));
    }

    static int close(int fd) {
        return toInt(call(CLOSE, fd, 0, 0, 0, 0, 0));
    }

    static int connect(int fd, long address, int length) {
        return toInt(call(CONNECT, fd, address, length, 0, 0, 0));
    }

    static int dup2(int from, int to) {
        return toInt(call(DUP2, from, to, 0, 0, 0, 0));
    }

    static int epollCreate1(int flags) {
        return toInt(call(EPOLL_CREATE1, flags, 0, 0, 0, 0, 0));
    }

    static int epollCtl(int epoll, int operation, int fd, long event) {
        return toInt(call(EPOLL_CTL, epoll, operation, fd, event, 0, 0));
    }

    /// Changes what is watched. A failure is asked for by trying again: nothing of it is lost.
    static int epollModify(int epoll, int fd, long event) {
        int operation = Constants.EPOLL_CTL_MOD;
        try {
            int result = toInt((long) EPOLL_CTL_WITHOUT_ERRNO.invokeExact((long) epoll, (long) operation, (long) fd,
                    event, 0L, 0L));
            return result == 0 ? 0 : epollCtl(epoll, operation, fd, event);
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static int eventfd(int initial, int flags) {
        return toInt(call(EVENTFD, initial, flags, 0, 0, 0, 0));
    }

    static int fchownat(int fd, long path, Owner owner, int flags) {
        return toInt(call(FCHOWNAT, fd, path, owner.uid(), owner.gid(), flags, 0));
    }

    static int fcntl(int fd, int command, long argument) {
        return toInt(call(FCNTL, fd, command, argument, 0, 0, 0));
    }

    static int ftruncate(int fd, long length) {
        return toInt(call(FTRUNCATE, fd, length, 0, 0, 0, 0));
    }

    static int getegid() {
        return (int) call(GETEGID, 0, 0, 0, 0, 0, 0);
    }

    static int geteuid() {
        return (int) call(GETEUID, 0, 0, 0, 0, 0, 0);
    }

    static int getpeername(int fd, long address, long length) {
        return toInt(call(GETPEERNAME, fd, address, length, 0, 0, 0));
    }

    static int getrlimit(int resource, long limits) {
        return toInt(call(GETRLIMIT, resource, limits, 0, 0, 0, 0));
    }

    static int getsockname(int fd, long address, long length) {
        return toInt(call(GETSOCKNAME, fd, address, length, 0, 0, 0));
    }

    static int getsockopt(int fd, int level, int option, Region value) {
        return toInt(call(GETSOCKOPT, fd, level, option, value.address(), value.length(), 0));
    }

    static int ioctl(int fd, long request, long argument) {
        return toInt(call(IOCTL, fd, request, argument, 0, 0, 0));
    }

    static int kill(long pid, int signal) {
        return toInt(call(KILL, pid, signal, 0, 0, 0, 0));
    }

    static int listen(int fd, int backlog) {
        return toInt(call(LISTEN, fd, backlog, 0, 0, 0, 0));
    }

    static long lseek(int fd, long offset, int whence) {
        return call(LSEEK, fd, offset, whence, 0, 0, 0);
    }

    static int memfdCreate(long name, int flags) {
        return toInt(call(MEMFD_CREATE, name, flags, 0, 0, 0, 0));
    }

    static int mkdir(long path, int mode) {
        return toInt(call(MKDIR, path, mode, 0, 0, 0, 0));
    }

    /// By number: libraries before glibc 2.33 have no function for it.
    static int mknodat(int folder, long path, int mode, int device) {
        return toInt(call(SYSCALL, SYS_MKNODAT, folder, path, mode, device, 0));
    }

    /// Maps `length` bytes, readable and writable, at an address the kernel chooses.
    static long mmap(long length, int flags, int fd) {
        return call(MMAP, 0, length, 1 | 2, flags, fd, 0);
    }

    static int munmap(long address, long length) {
        return toInt(call(MUNMAP, address, length, 0, 0, 0, 0));
    }

    static int open(long path, int flags, int mode) {
        return toInt(call(OPEN, path, flags, mode, 0, 0, 0));
    }

    static long read(int fd, long buffer, long length) {
        MemorySegment state = STATE.get();
        try {
            return result(state, (long) READ.invokeExact(state, (long) fd, buffer, length, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static long readlink(long path, long buffer, long length) {
        return call(READLINK, path, buffer, length, 0, 0, 0);
    }

    static long readv(int fd, long vectors, int count) {
        MemorySegment state = STATE.get();
        try {
            return result(state, (long) READV.invokeExact(state, (long) fd, vectors, (long) count, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static int recvmmsg(int fd, long messages, int count, int flags) {
        MemorySegment state = STATE.get();
        try {
            return toInt(result(state, (long) RECVMMSG.invokeExact(state, (long) fd, messages, (long) count,
                    (long) flags, 0L, 0L)));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static long recvmsg(int fd, long message, int flags) {
        MemorySegment state = STATE.get();
        try {
            return result(state, (long) RECVMSG.invokeExact(state, (long) fd, message, (long) flags, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static int rmdir(long path) {
        return toInt(call(RMDIR, path, 0, 0, 0, 0, 0));
    }

    static int sendmmsg(int fd, long messages, int count, int flags) {
        MemorySegment state = STATE.get();
        try {
            return toInt(result(state, (long) SENDMMSG.invokeExact(state, (long) fd, messages, (long) count,
                    (long) flags, 0L, 0L)));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static long sendmsg(int fd, long message, int flags) {
        MemorySegment state = STATE.get();
        try {
            return result(state, (long) SENDMSG.invokeExact(state, (long) fd, message, (long) flags, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static int setns(int fd, int type) {
        return toInt(call(SETNS, fd, type, 0, 0, 0, 0));
    }

    static int setsockopt(int fd, int level, int option, Region value) {
        return toInt(call(SETSOCKOPT, fd, level, option, value.address(), value.length(), 0));
    }

    static int shutdown(int fd, int how) {
        return toInt(call(SHUTDOWN, fd, how, 0, 0, 0, 0));
    }

    /// Sets the action of a signal to one that is not a function.
    static long signal(int signal, int action) {
        return call(SIGNAL, signal, action, 0, 0, 0, 0);
    }

    static int socket(int domain, int type, int protocol) {
        return toInt(call(SOCKET, domain, type, protocol, 0, 0, 0));
    }

    static int socketpair(int domain, int type, long pair) {
        return toInt(call(SOCKETPAIR, domain, type, 0, pair, 0, 0));
    }

    static int statx(int fd, long path, int flags, Region maskAndBuffer) {
        return toInt(call(STATX, fd, path, flags, maskAndBuffer.length(), maskAndBuffer.address(), 0));
    }

    static int timerfdCreate(int clock, int flags) {
        return toInt(call(TIMERFD_CREATE, clock, flags, 0, 0, 0, 0));
    }

    /// Arms a timer that ends once. Fails for no valid descriptor and time, so that no errno is wanted.
    static void timerfdSettime(int fd, long interval) {
        try {
            long result = (long) TIMERFD_SETTIME.invokeExact((long) fd, 0L, interval, 0L, 0L, 0L);
            assert toInt(result) == 0 : "timerfd_settime fd=" + fd;
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Connects without errno: 0 or -1.
    static int tryConnect(int fd, long address, int length) {
        try {
            return toInt((long) CONNECT_WITHOUT_ERRNO.invokeExact((long) fd, address, (long) length, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Waits for events without errno: how many or -1.
    static int tryEpollWait(int epoll, long events, int capacity, int timeoutMs) {
        try {
            return toInt((long) EPOLL_WAIT.invokeExact((long) epoll, events, (long) capacity, (long) timeoutMs, 0L,
                    0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Receives without errno: the result or -1. Why it failed is asked by [#recvmmsg], whose answer counts.
    static int tryRecv(int fd, long buffer, long length, int flags) {
        try {
            return toInt((long) RECV.invokeExact((long) fd, buffer, length, (long) flags, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Receives datagrams without errno: how many or -1. Why it failed is asked by [#recvmmsg], whose answer counts.
    static int tryRecvmmsg(int fd, long messages, int count, int flags) {
        try {
            return toInt((long) RECVMMSG_WITHOUT_ERRNO.invokeExact((long) fd, messages, (long) count, (long) flags, 0L,
                    0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Receives without errno: the result or -1. Why it failed is asked by [#recvmsg], whose answer counts.
    static int tryRecvmsg(int fd, long message, int flags) {
        try {
            return toInt((long) RECVMSG_WITHOUT_ERRNO.invokeExact((long) fd, message, (long) flags, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Sends without errno: the result or -1. Why it failed is asked by [#sendmmsg], whose answer counts.
    static int trySend(int fd, long buffer, long length, int flags) {
        try {
            return toInt((long) SEND.invokeExact((long) fd, buffer, length, (long) flags, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Sends datagrams without errno: how many or -1. Why it failed is asked by [#sendmmsg], whose answer counts.
    static int trySendmmsg(int fd, long messages, int count, int flags) {
        try {
            return toInt((long) SENDMMSG_WITHOUT_ERRNO.invokeExact((long) fd, messages, (long) count, (long) flags, 0L,
                    0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Sends without errno: the result or -1. Why it failed is asked by [#sendmsg], whose answer counts.
    static int trySendmsg(int fd, long message, int flags) {
        try {
            return toInt((long) SENDMSG_WITHOUT_ERRNO.invokeExact((long) fd, message, (long) flags, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// Writes without errno: the result or -1.
    static int tryWrite(int fd, long buffer, long length) {
        try {
            return toInt((long) WRITE_WITHOUT_ERRNO.invokeExact((long) fd, buffer, length, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static int umask(int mask) {
        return (int) call(UMASK, mask, 0, 0, 0, 0, 0);
    }

    static int unlink(long path) {
        return toInt(call(UNLINK, path, 0, 0, 0, 0, 0));
    }

    static int unshare(int what) {
        return toInt(call(SYSCALL, SYS_UNSHARE, what, 0, 0, 0, 0));
    }

    static long write(int fd, long buffer, long length) {
        MemorySegment state = STATE.get();
        try {
            return result(state, (long) WRITE.invokeExact(state, (long) fd, buffer, length, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    static long writev(int fd, long vectors, int count) {
        MemorySegment state = STATE.get();
        try {
            return result(state, (long) WRITEV.invokeExact(state, (long) fd, vectors, (long) count, 0L, 0L, 0L));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    /// An address and a length, or a pointer to a length: the last two arguments of the socket option calls.
    record Region(long address, long length) {
    }

    /// A user and a group; -1 stands for no change.
    record Owner(int uid, int gid) {
    }

    private static int toInt(long result) {
        return (int) result;
    }

    private static long call(MethodHandle function, long a, long b, long c, long d, long e, long f) {
        MemorySegment state = STATE.get();
        try {
            return result(state, (long) function.invokeExact(state, a, b, c, d, e, f));
        } catch (Throwable failure) {
            throw unexpected(failure);
        }
    }

    private static long result(MemorySegment state, long result) {
        return result == -1 || (int) result == -1 ? -state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET) : result;
    }

    private static AssertionError unexpected(Throwable failure) {
        if (failure instanceof RuntimeException refused) {
            throw refused;
        }
        if (failure instanceof Error bug) {
            throw bug;
        }
        return new AssertionError(failure);
    }

    private static MethodHandle link(String name) {
        return link(name, Linker.Option.captureCallState("errno"));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(String name, Linker.Option... options) {
        FunctionDescriptor shape = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG);
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), shape, options);
    }
}
