package org.vswitch.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/// Calls on Unix and internet sockets that are set up once; frames go through [MessageBatch]. All sockets close on
/// exec.
///
/// Callable from any thread.
public final class Sockets {
    /// What a socket carries.
    public enum Type {
        /// A byte stream.
        STREAM(Constants.SOCK_STREAM),
        /// Datagrams.
        DATAGRAM(Constants.SOCK_DGRAM),
        /// Datagrams on a connection.
        SEQPACKET(Constants.SOCK_SEQPACKET);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        private int flags(boolean nonBlocking) {
            return number | Constants.SOCK_CLOEXEC | (nonBlocking ? Constants.SOCK_NONBLOCK : 0);
        }
    }

    /// Two sockets, each the other's peer.
    ///
    /// @param first one end
    /// @param second the other end
    public record Pair(Fd first, Fd second) {
    }

    /// Who is at the other end, as the kernel recorded it at connect (SO_PEERCRED).
    ///
    /// @param pid process id in our namespace, 0 if it is not visible
    /// @param uid effective user id
    /// @param gid effective group id
    public record Credentials(int pid, int uid, int gid) {
    }

    private static final int NGROUPS_MAX = 65_536;

    private Sockets() {
    }

    /// Opens a Unix socket.
    ///
    /// @param type what it carries
    /// @param nonBlocking whether calls return EAGAIN instead of waiting
    /// @return the socket, owned by the caller
    /// @throws LinuxException if the kernel refuses
    public static Fd open(Type type, boolean nonBlocking) throws LinuxException {
        return open(Constants.AF_UNIX, type, nonBlocking);
    }

    /// Opens a socket for addresses of a kind.
    ///
    /// @param type what it carries
    /// @param like an address of the family wanted
    /// @param nonBlocking whether calls return EAGAIN instead of waiting
    /// @return the socket, owned by the caller
    /// @throws LinuxException if the kernel refuses
    public static Fd open(Type type, SocketAddress like, boolean nonBlocking) throws LinuxException {
        return open(like.family(), type, nonBlocking);
    }

    /// Another descriptor of a socket, to be closed by another owner.
    ///
    /// @param socket stays open
    /// @return owned by the caller
    /// @throws LinuxException if the kernel refuses
    public static Fd duplicate(Fd socket) throws LinuxException {
        return new Fd(LinuxException.check(LibC.fcntl(socket.number(), Constants.F_DUPFD_CLOEXEC, 0),
                "fcntl F_DUPFD_CLOEXEC"));
    }

    /// Opens two Unix sockets that are connected to each other.
    ///
    /// @param type what they carry
    /// @param nonBlocking whether calls return EAGAIN instead of waiting
    /// @return both, owned by the caller
    /// @throws LinuxException if the kernel refuses
    public static Pair pair(Type type, boolean nonBlocking) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(2 * Integer.BYTES, Integer.BYTES);
            LinuxException.check(LibC.socketpair(Constants.AF_UNIX, type.flags(nonBlocking), numbers.address()),
                    "socketpair " + type);
            return new Pair(new Fd(numbers.get(ValueLayout.JAVA_INT, 0)), new Fd(numbers.get(ValueLayout.JAVA_INT, 4)));
        }
    }

    /// Opens a UDP socket.
    ///
    /// @param like an address of the family wanted
    /// @return a non-blocking socket, owned by the caller
    /// @throws LinuxException if the kernel refuses
    public static Fd openUdp(SocketAddress like) throws LinuxException {
        return open(like.family(), Type.DATAGRAM, true);
    }

    /// Binds a socket to an address.
    ///
    /// @param socket the socket
    /// @param address path, abstract name, or internet address
    /// @throws LinuxException EADDRINUSE and others, with the address in the message
    public static void bind(Fd socket, SocketAddress address) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            LinuxException.check(LibC.bind(socket.number(), address.in(arena).address(), address.length()),
                    "bind " + address);
        }
    }

    /// Connects a socket; for datagrams, this fixes the peer and makes the kernel refuse everybody else.
    ///
    /// @param socket the socket
    /// @param address the peer
    /// @throws LinuxException ECONNREFUSED and others, with the address in the message
    public static void connect(Fd socket, SocketAddress address) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment peer = address.in(arena);
            int result = LibC.connect(socket.number(), peer.address(), address.length());
            while (result == -Errno.EINTR.number()) {
                result = LibC.connect(socket.number(), peer.address(), address.length());
            }
            LinuxException.check(result, "connect " + address);
        }
    }

    /// The same for a datagram socket, at once and again and again: it allocates nothing, and does not say why not.
    ///
    /// @param socket the socket
    /// @param peer the peer's address
    /// @return whether the socket is connected to whoever has the address now; if not, it stays connected as it was
    public static boolean connect(Fd socket, MessageBatch.Destination peer) {
        return LibC.tryConnect(socket.number(), peer.address(), peer.length()) == 0;
    }

    /// Accepts connections from now on.
    ///
    /// @param socket a bound stream or seqpacket socket
    /// @param backlog how many may wait
    /// @throws LinuxException if the kernel refuses
    public static void listen(Fd socket, int backlog) throws LinuxException {
        LinuxException.check(LibC.listen(socket.number(), backlog), "listen");
    }

    /// Takes one waiting connection.
    ///
    /// @param socket a listening socket
    /// @return the number of a non-blocking descriptor, owned by the caller, or -errno (EAGAIN if none waits)
    public static int accept(Fd socket) {
        return LibC.accept4(socket.number(), Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC);
    }

    /// Who connected to this stream or seqpacket socket, or whom it connected to.
    ///
    /// @param socket a connected descriptor
    /// @return the credentials the kernel recorded
    /// @throws LinuxException if it is not connected
    public static Credentials peer(int socket) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            // struct ucred { pid_t pid; uid_t uid; gid_t gid; }
            MemorySegment ucred = arena.allocate(12);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 12);
            LinuxException.check(LibC.getsockopt(socket, Constants.SOL_SOCKET, Constants.SO_PEERCRED,
                    new LibC.Region(ucred.address(), length.address())), "getsockopt SO_PEERCRED");
            return new Credentials(ucred.get(ValueLayout.JAVA_INT, 0), ucred.get(ValueLayout.JAVA_INT, 4),
                    ucred.get(ValueLayout.JAVA_INT, 8));
        }
    }

    /// Which groups the process at the other end had besides its own, as the kernel recorded it at connect
    /// (SO_PEERGROUPS).
    ///
    /// @param socket a connected descriptor
    /// @return group ids, at most 65,536 (NGROUPS_MAX)
    /// @throws LinuxException if it is not connected
    public static Set<Integer> peerGroups(int socket) throws LinuxException {
        int room = NGROUPS_MAX * Integer.BYTES;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 0);
            int result = LibC.getsockopt(socket, Constants.SOL_SOCKET, Constants.SO_PEERGROUPS,
                    new LibC.Region(0, length.address()));
            if (result != -Errno.ERANGE.number()) {
                LinuxException.check(result, "getsockopt SO_PEERGROUPS");
                return Set.of();
            }
            int bytes = Math.min(room, length.get(ValueLayout.JAVA_INT, 0));
            MemorySegment groups = arena.allocate(bytes, Integer.BYTES);
            LinuxException.check(LibC.getsockopt(socket, Constants.SOL_SOCKET, Constants.SO_PEERGROUPS,
                    new LibC.Region(groups.address(), length.address())), "getsockopt SO_PEERGROUPS");
            return Arrays.stream(groups.toArray(ValueLayout.JAVA_INT)).boxed().collect(Collectors.toSet());
        }
    }

    /// Sets how many bytes of kernel memory may wait in the receiver for what this socket sent (SO_SNDBUF). The kernel
    /// counts its own overhead: about twice the payload of full frames. Beyond `net.core.wmem_max` the limit holds,
    /// unless the process may ignore it.
    ///
    /// @param socket the socket
    /// @param bytes half of what the kernel will account for
    /// @return what the kernel will account for
    /// @throws LinuxException if the kernel refuses
    public static int sendBuffer(Fd socket, int bytes) throws LinuxException {
        if (option(socket.number(), Constants.SO_SNDBUFFORCE, bytes) < 0) {
            LinuxException.check(option(socket.number(), Constants.SO_SNDBUF, bytes), "setsockopt SO_SNDBUF");
        }
        return option(socket.number(), Constants.SO_SNDBUF);
    }

    /// Sets the receive buffer (SO_RCVBUF); without meaning for Unix sockets.
    ///
    /// @param socket the socket
    /// @param bytes as asked; limited by `net.core.rmem_max`
    /// @throws LinuxException if the kernel refuses
    public static void receiveBuffer(Fd socket, int bytes) throws LinuxException {
        LinuxException.check(option(socket.number(), Constants.SO_RCVBUF, bytes), "setsockopt SO_RCVBUF");
    }

    /// Allows a port to be bound again at once.
    ///
    /// @param socket the socket, not yet bound
    /// @throws LinuxException if the kernel refuses
    public static void reuseAddress(Fd socket) throws LinuxException {
        LinuxException.check(option(socket.number(), Constants.SO_REUSEADDR, 1), "setsockopt SO_REUSEADDR");
    }

    /// Ends the conversation in both directions: whoever waits in [#receive], here or at the peer, sees the end.
    ///
    /// @param socket a connected stream or seqpacket socket; still to be closed
    public static void shutdown(Fd socket) {
        LibC.shutdown(socket.number(), Constants.SHUT_RDWR);
    }

    /// Limits how long a blocking call on this socket waits, `connect` included.
    ///
    /// @param socket a blocking socket
    /// @param timeoutMs above 0, or 0 for no limit
    /// @throws LinuxException if the kernel refuses
    public static void timeout(Fd socket, int timeoutMs) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timeval = arena.allocate(16, 8);
            timeval.set(ValueLayout.JAVA_LONG, 0, timeoutMs / 1000);
            timeval.set(ValueLayout.JAVA_LONG, 8, timeoutMs % 1000 * 1000L);
            var value = new LibC.Region(timeval.address(), 16);
            LinuxException.check(LibC.setsockopt(socket.number(), Constants.SOL_SOCKET, Constants.SO_RCVTIMEO, value),
                    "setsockopt SO_RCVTIMEO");
            LinuxException.check(LibC.setsockopt(socket.number(), Constants.SOL_SOCKET, Constants.SO_SNDTIMEO, value),
                    "setsockopt SO_SNDTIMEO");
        }
    }

    /// Sends bytes in one call.
    ///
    /// @param socket a connected socket
    /// @param bytes what to send
    /// @return how many bytes went, or -errno
    public static int send(Fd socket, byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            return (int) LibC.write(socket.number(), buffer.address(), bytes.length);
        }
    }

    /// Receives bytes in one call, which a signal does not end.
    ///
    /// @param socket a connected socket
    /// @param bytes filled from its start
    /// @return how many bytes came (0 at the end of a stream), or -errno
    public static int receive(Fd socket, byte[] bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(bytes.length);
            int count = (int) LibC.read(socket.number(), buffer.address(), bytes.length);
            while (count == -Errno.EINTR.number()) {
                count = (int) LibC.read(socket.number(), buffer.address(), bytes.length);
            }
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, bytes, 0, Math.max(0, count));
            return count;
        }
    }

    /// Sends bytes that lie in native memory in one call, without allocating.
    ///
    /// @param socket a connected socket
    /// @param address the first byte
    /// @param length how many bytes
    /// @return how many bytes went, or -errno
    public static int send(int socket, long address, int length) {
        return (int) LibC.write(socket, address, length);
    }

    /// Receives bytes into native memory in one call, without allocating.
    ///
    /// @param socket a connected socket
    /// @param address where the first byte goes
    /// @param capacity bytes of room
    /// @return how many bytes came (0 at the end of a stream), or -errno
    public static int receive(int socket, long address, int capacity) {
        return (int) LibC.read(socket, address, capacity);
    }

    /// The local address of a socket.
    ///
    /// @param socket a bound socket
    /// @return the address
    /// @throws LinuxException if the kernel refuses
    public static SocketAddress localAddress(Fd socket) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SocketAddress.UNIX_LENGTH);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, SocketAddress.UNIX_LENGTH);
            LinuxException.check(LibC.getsockname(socket.number(), address.address(), length.address()),
                    "getsockname");
            int used = Math.min(SocketAddress.UNIX_LENGTH, length.get(ValueLayout.JAVA_INT, 0));
            return SocketAddress.ofBytes(address.asSlice(0, used).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static Fd open(int family, Type type, boolean nonBlocking) throws LinuxException {
        return new Fd(LinuxException.check(LibC.socket(family, type.flags(nonBlocking), 0), "socket " + type));
    }

    private static int option(int socket, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocateFrom(ValueLayout.JAVA_INT, value);
            return LibC.setsockopt(socket, Constants.SOL_SOCKET, option, new LibC.Region(number.address(), 4));
        }
    }

    private static int option(int socket, int option) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 4);
            LinuxException.check(LibC.getsockopt(socket, Constants.SOL_SOCKET, option,
                    new LibC.Region(number.address(), length.address())), "getsockopt " + option);
            return number.get(ValueLayout.JAVA_INT, 0);
        }
    }
}
