package org.vswitch.linux;

/// Calls on non-blocking TCP, UDP and ping sockets, by number; all close on exec. Datagrams go through [InetMessage].
///
/// Addresses are two longs, the halves of an IPv6 address in network order, IPv4 as IPv4-mapped; a socket of one family
/// takes addresses of that family only. Every call returns a result or -errno and none throws, since a router makes
/// them for whoever asks. The object is the memory that the calls need: used by one thread.
public final class InetSockets implements AutoCloseable {
    private static final int LENGTH = 32;
    private static final int OPTION = 40;
    private static final int MESSAGE = 64;
    private static final int SCRATCH = MESSAGE + InetMessage.HEADER;

    private final long scratch;
    /// The value of an option in it: to be set, of two numbers, and to be asked for.
    private final LibC.Region number;
    private final LibC.Region linger;
    private final LibC.Region answer;

    /// Maps the memory that the calls need.
    public InetSockets() {
        scratch = NativeMemory.map(SCRATCH);
        number = new LibC.Region(scratch + OPTION, Integer.BYTES);
        linger = new LibC.Region(scratch + OPTION, 2 * Integer.BYTES);
        answer = new LibC.Region(scratch + OPTION, scratch + LENGTH);
    }

    /// Opens a TCP socket.
    ///
    /// @param v4 whether for IPv4, otherwise for IPv6 alone
    /// @return the number or -errno
    public int openStream(boolean v4) {
        return open(v4, Constants.SOCK_STREAM, 0);
    }

    /// Opens a UDP socket.
    ///
    /// @param v4 whether for IPv4, otherwise for IPv6 alone
    /// @return the number or -errno
    public int openDatagram(boolean v4) {
        return open(v4, Constants.SOCK_DGRAM, 0);
    }

    /// Opens a ping socket (icmp(7)): it sends and receives echo messages from their ICMP header on; its port is their
    /// identifier.
    ///
    /// @param v4 ICMP, otherwise ICMPv6
    /// @return the number or -errno; -EACCES where `net.ipv4.ping_group_range` excludes the user
    public int openPing(boolean v4) {
        return open(v4, Constants.SOCK_DGRAM, v4 ? Constants.IPPROTO_ICMP : Constants.IPPROTO_ICMPV6);
    }

    /// Closes a socket.
    ///
    /// @param socket no longer valid afterwards
    public static void close(int socket) {
        LibC.close(socket);
    }

    /// Binds a socket to an address of the host.
    ///
    /// @param socket not yet bound
    /// @param high upper half of the address
    /// @param low lower half of the address
    /// @param port 0: one that the kernel chooses
    /// @return 0 or -errno
    public int bind(int socket, long high, long low, int port) {
        return LibC.bind(socket, scratch, SockaddrIn.put(scratch, high, low, port));
    }

    /// Binds a socket to all addresses of the host.
    ///
    /// @param socket not yet bound
    /// @param v4 the socket's family
    /// @param port 0: one that the kernel chooses
    /// @return 0 or -errno
    public int bindAny(int socket, boolean v4, int port) {
        return bind(socket, 0, SockaddrIn.any(v4), port);
    }

    /// Begins to connect.
    ///
    /// @param socket a TCP socket
    /// @param high upper half of the destination
    /// @param low lower half of the destination
    /// @param port of the destination
    /// @return 0 if it is connected already, -EINPROGRESS, or the -errno of a failure, which over loopback may come at
    ///     once
    public int connect(int socket, long high, long low, int port) {
        int result = LibC.connect(socket, scratch, SockaddrIn.put(scratch, high, low, port));
        // the attempt goes on behind an interrupted call
        return result == -Errno.EINTR.number() ? -Errno.EINPROGRESS.number() : result;
    }

    /// Takes the pending error (SO_ERROR).
    ///
    /// @param socket any
    /// @return 0 if there is none, or -errno: the error, or that of the call
    public int takeError(int socket) {
        int result = option(socket, Constants.SO_ERROR);
        return result < 0 ? result : -NativeMemory.getInt(scratch + OPTION);
    }

    /// Whether a TCP socket is or was connected.
    ///
    /// @param socket a TCP socket
    /// @return 0, or -errno: -ENOTCONN while it connects and after that failed
    public int connected(int socket) {
        NativeMemory.putInt(scratch + LENGTH, SockaddrIn.CAPACITY);
        return LibC.getpeername(socket, scratch, scratch + LENGTH);
    }

    /// The port that a socket is bound to.
    ///
    /// @param socket any
    /// @return 0 if it is bound to none, or -errno
    public int localPort(int socket) {
        NativeMemory.putInt(scratch + LENGTH, SockaddrIn.CAPACITY);
        int result = LibC.getsockname(socket, scratch, scratch + LENGTH);
        return result < 0 ? result : SockaddrIn.port(scratch);
    }

    /// Sends small pieces at once (TCP_NODELAY).
    ///
    /// @param socket a TCP socket
    /// @return 0 or -errno
    public int noDelay(int socket) {
        return option(socket, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1);
    }

    /// Asks a silent peer now and then if it is still there, after the times of the kernel's settings (SO_KEEPALIVE).
    ///
    /// @param socket a TCP socket
    /// @return 0 or -errno
    public int keepAlive(int socket) {
        return option(socket, Constants.SOL_SOCKET, Constants.SO_KEEPALIVE, 1);
    }

    /// Makes [#close] reset the connection (SO_LINGER with a time of 0).
    ///
    /// @param socket a TCP socket
    /// @return 0 or -errno
    public int resetOnClose(int socket) {
        // struct linger { int onoff; int linger; }
        NativeMemory.putInt(scratch + OPTION, 1);
        NativeMemory.putInt(scratch + OPTION + Integer.BYTES, 0);
        return LibC.setsockopt(socket, Constants.SOL_SOCKET, Constants.SO_LINGER, linger);
    }

    /// Lets a bind to an address leave the choice of the port to connect, which takes any that is free towards that one
    /// destination (IP_BIND_ADDRESS_NO_PORT, also for IPv6).
    ///
    /// @param socket not yet bound
    /// @return 0 or -errno
    public int bindAddressNoPort(int socket) {
        return option(socket, Constants.IPPROTO_IP, Constants.IP_BIND_ADDRESS_NO_PORT, 1);
    }

    /// Keeps what the network reports about what was sent, for [InetMessage#receiveError] (IP_RECVERR). Any such report
    /// ends a TCP connection, even one that is open.
    ///
    /// @param socket any
    /// @param v4 its family
    /// @param kept false: forgets it, as a new socket does, and what is there as well
    /// @return 0 or -errno
    public int reportErrors(int socket, boolean v4, boolean kept) {
        int value = kept ? 1 : 0;
        return v4 ? option(socket, Constants.IPPROTO_IP, Constants.IP_RECVERR, value)
                : option(socket, Constants.IPPROTO_IPV6, Constants.IPV6_RECVERR, value);
    }

    /// Sets how far what is sent goes (IP_TTL, IPV6_UNICAST_HOPS).
    ///
    /// @param socket any
    /// @param v4 its family
    /// @param hopLimit TTL or hop limit, 1 to 255; 0: the kernel's default again
    /// @return 0 or -errno
    public int hopLimit(int socket, boolean v4, int hopLimit) {
        int value = hopLimit == 0 ? -1 : hopLimit;
        return v4 ? option(socket, Constants.IPPROTO_IP, Constants.IP_TTL, value)
                : option(socket, Constants.IPPROTO_IPV6, Constants.IPV6_UNICAST_HOPS, value);
    }

    /// Says whether what is sent from now on may be cut (IP_MTU_DISCOVER). If not, IPv4 says so to the network (Don't
    /// Fragment), and what is longer than the way carries, as far as the kernel knows it, fails with -EMSGSIZE and a
    /// report of the MTU; if it may, the kernel cuts it, and reports nothing about it.
    ///
    /// @param socket a UDP or ping socket
    /// @param v4 its family
    /// @param whole whether it must not be cut
    /// @return 0 or -errno
    public int dontFragment(int socket, boolean v4, boolean whole) {
        int value = whole ? Constants.IP_PMTUDISC_DO : Constants.IP_PMTUDISC_DONT; // the same for IPv6
        return v4 ? option(socket, Constants.IPPROTO_IP, Constants.IP_MTU_DISCOVER, value)
                : option(socket, Constants.IPPROTO_IPV6, Constants.IPV6_MTU_DISCOVER, value);
    }

    /// Receives TTL or hop limit with each datagram (IP_RECVTTL).
    ///
    /// @param socket a UDP or ping socket
    /// @param v4 its family
    /// @return 0 or -errno
    public int reportHopLimit(int socket, boolean v4) {
        return v4 ? option(socket, Constants.IPPROTO_IP, Constants.IP_RECVTTL, 1)
                : option(socket, Constants.IPPROTO_IPV6, Constants.IPV6_RECVHOPLIMIT, 1);
    }

    /// Receives TOS or traffic class with each datagram (IP_RECVTOS).
    ///
    /// @param socket a UDP or ping socket
    /// @param v4 its family
    /// @return 0 or -errno
    public int reportTrafficClass(int socket, boolean v4) {
        return v4 ? option(socket, Constants.IPPROTO_IP, Constants.IP_RECVTOS, 1)
                : option(socket, Constants.IPPROTO_IPV6, Constants.IPV6_RECVTCLASS, 1);
    }

    /// Sends the end of the stream (shutdown of the sending side).
    ///
    /// @param socket a connected TCP socket
    /// @return 0 or -errno
    public int endOutput(int socket) {
        return LibC.shutdown(socket, Constants.SHUT_WR);
    }

    /// Reads what has come, scattered (readv).
    ///
    /// @param socket a TCP socket
    /// @param vectors address of `struct iovec { void *base; size_t len; }[]`
    /// @param count how many of them
    /// @return bytes, 0 at the end of the stream, or -errno
    public int read(int socket, long vectors, int count) {
        int result = (int) LibC.readv(socket, vectors, count);
        while (result == -Errno.EINTR.number()) {
            result = (int) LibC.readv(socket, vectors, count);
        }
        return result;
    }

    /// Writes what the kernel takes, gathered. As writev, but a connection that is gone raises no SIGPIPE.
    ///
    /// @param socket a TCP socket
    /// @param vectors address of `struct iovec { void *base; size_t len; }[]`
    /// @param count how many of them
    /// @return bytes, or -errno: -EPIPE or -ECONNRESET if the connection is gone
    public int write(int socket, long vectors, int count) {
        NativeMemory.putLong(scratch + MESSAGE + InetMessage.IOV, vectors);
        NativeMemory.putLong(scratch + MESSAGE + InetMessage.IOV_COUNT, count);
        int result = (int) LibC.sendmsg(socket, scratch + MESSAGE, Constants.MSG_NOSIGNAL);
        while (result == -Errno.EINTR.number()) {
            result = (int) LibC.sendmsg(socket, scratch + MESSAGE, Constants.MSG_NOSIGNAL);
        }
        return result;
    }

    /// Unmaps the memory. Called once; sockets stay open.
    @Override
    public void close() {
        NativeMemory.unmap(scratch, SCRATCH);
    }

    /// Whether an errno says that what is sent there gets nowhere.
    private int open(boolean v4, int type, int protocol) {
        int socket = LibC.socket(v4 ? Constants.AF_INET : Constants.AF_INET6,
                type | Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC, protocol);
        if (socket < 0 || v4) {
            return socket;
        }
        // otherwise a port taken for IPv6 would be taken for IPv4, too
        int result = option(socket, Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, 1);
        if (result < 0) {
            LibC.close(socket);
            return result;
        }
        return socket;
    }

    private int option(int socket, int level, int option, int value) {
        NativeMemory.putInt(scratch + OPTION, value);
        return LibC.setsockopt(socket, level, option, number);
    }

    private int option(int socket, int option) {
        NativeMemory.putInt(scratch + LENGTH, Integer.BYTES);
        return LibC.getsockopt(socket, Constants.SOL_SOCKET, option, answer);
    }
}
