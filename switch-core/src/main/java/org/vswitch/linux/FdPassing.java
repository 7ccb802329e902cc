package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Messages that carry file descriptors between processes over Unix sockets (SCM_RIGHTS, unix(7)). Callable from any
/// thread.
///
/// Theory of operation. The kernel installs the descriptors of a message in the receiver whether it wants them or not,
/// and cuts off what the control buffer has no room for (MSG_CTRUNC). Half a set of descriptors is of no use: whoever
/// sends more than [#MAX_DESCRIPTORS] gets all of them closed here and is refused, so that nothing leaks.
public final class FdPassing {
    /// The most descriptors in one message.
    public static final int MAX_DESCRIPTORS = 32;

    // struct msghdr { void *name; u32 namelen; iovec *iov; size_t iovlen;
    //                 void *control; size_t controllen; int flags; }
    private static final int MESSAGE_LENGTH = 56;
    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    // struct cmsghdr { size_t len; int level; int type; unsigned char data[]; }, aligned to 8
    private static final int CMSG_LEVEL = 8;
    private static final int CMSG_TYPE = 12;
    private static final int CMSG_DATA = 16;

    private FdPassing() {
    }

    /// Sends bytes, and descriptors with the first of them.
    ///
    /// @param socket a connected Unix socket
    /// @param bytes at least one on a stream
    /// @param descriptors stay the caller's: the receiver gets duplicates
    /// @return how many bytes went, or -errno
    public static int send(Fd socket, byte[] bytes, List<Fd> descriptors) {
        if (descriptors.size() > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException("descriptors=" + descriptors.size());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment message = message(arena, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
            if (!descriptors.isEmpty()) {
                int length = CMSG_DATA + Integer.BYTES * descriptors.size();
                MemorySegment control = control(arena, message, length);
                control.set(ValueLayout.JAVA_LONG, 0, length);
                control.set(ValueLayout.JAVA_INT, CMSG_LEVEL, Constants.SOL_SOCKET);
                control.set(ValueLayout.JAVA_INT, CMSG_TYPE, Constants.SCM_RIGHTS);
                for (int i = 0; i < descriptors.size(); i++) {
                    control.set(ValueLayout.JAVA_INT, CMSG_DATA + (long) Integer.BYTES * i,
                            descriptors.get(i).number());
                }
            }
            return (int) LibC.sendmsg(socket.number(), message.address(), Constants.MSG_NOSIGNAL);
        }
    }

    /// Receives bytes in one call, and the descriptors that came with them.
    ///
    /// @param socket a connected Unix socket
    /// @param bytes filled from its start
    /// @param descriptors appended to; the caller owns what was appended. They close on exec
    /// @return how many bytes came (0 at the end of a stream), or -errno: EMSGSIZE if there were too many descriptors,
    ///     all of which were closed
    public static int receive(Fd socket, byte[] bytes, List<Fd> descriptors) {
        return receive(socket, bytes, descriptors, MAX_DESCRIPTORS);
    }

    /// Receives with room for another number of descriptors.
    static int receive(Fd socket, byte[] bytes, List<Fd> descriptors, int room) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(bytes.length);
            MemorySegment message = message(arena, buffer);
            MemorySegment control = control(arena, message, CMSG_DATA + Integer.BYTES * room);
            int count = (int) LibC.recvmsg(socket.number(), message.address(), Constants.MSG_CMSG_CLOEXEC);
            if (count < 0) {
                return count;
            }
            int before = descriptors.size();
            collect(control, message.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH), descriptors);
            if ((message.get(ValueLayout.JAVA_INT, FLAGS) & Constants.MSG_CTRUNC) != 0) {
                List<Fd> cut = descriptors.subList(before, descriptors.size());
                cut.forEach(Fd::close);
                cut.clear();
                return -Errno.EMSGSIZE.number();
            }
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, 0, count);
            return count;
        }
    }

    private static MemorySegment message(Arena arena, MemorySegment bytes) {
        MemorySegment vector = arena.allocate(2 * Long.BYTES, Long.BYTES);
        vector.set(ValueLayout.JAVA_LONG, 0, bytes.address());
        vector.set(ValueLayout.JAVA_LONG, Long.BYTES, bytes.byteSize());
        MemorySegment message = arena.allocate(MESSAGE_LENGTH, Long.BYTES);
        message.set(ValueLayout.JAVA_LONG, IOV, vector.address());
        message.set(ValueLayout.JAVA_LONG, IOV_COUNT, 1);
        return message;
    }

    private static MemorySegment control(Arena arena, MemorySegment message, int length) {
        MemorySegment control = arena.allocate(aligned(length), Long.BYTES);
        message.set(ValueLayout.JAVA_LONG, CONTROL, control.address());
        message.set(ValueLayout.JAVA_LONG, CONTROL_LENGTH, control.byteSize());
        return control;
    }

    private static void collect(MemorySegment control, long used, List<Fd> descriptors) {
        long next = 0;
        while (next + CMSG_DATA <= used) {
            long length = control.get(ValueLayout.JAVA_LONG, next);
            if (control.get(ValueLayout.JAVA_INT, next + CMSG_LEVEL) == Constants.SOL_SOCKET
                    && control.get(ValueLayout.JAVA_INT, next + CMSG_TYPE) == Constants.SCM_RIGHTS) {
                for (long at = next + CMSG_DATA; at < next + length; at += Integer.BYTES) {
                    descriptors.add(new Fd(control.get(ValueLayout.JAVA_INT, at)));
                }
            }
            next += aligned(length);
        }
    }

    private static long aligned(long length) {
        return (length + Long.BYTES - 1) & -Long.BYTES;
    }
}
