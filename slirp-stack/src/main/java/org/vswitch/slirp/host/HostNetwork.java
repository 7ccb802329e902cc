package org.vswitch.slirp.host;

import org.vswitch.linux.Errno;

/// The host's network as the stack uses it: non-blocking sockets, by number. The stack owns what it opens and closes
/// it.
///
/// Results are a count, a socket (0 or above), or the negative of an errno ([org.vswitch.linux.Errno]); nothing here
/// blocks or throws for what the outside world does. Addresses are two longs, IPv4 as IPv4-mapped
/// ([org.vswitch.wire.IpAddress]); pieces are (address, length) pairs in an [IoVector]. One thread.
///
/// A number is used again once its socket is closed. What is read, written, sent, received or polled allocates nothing.
public interface HostNetwork extends AutoCloseable {
    /// Interest: readable, or the peer has ended.
    int READABLE = 1;
    /// Interest: writable, or connected.
    int WRITABLE = 2;
    /// The most datagrams of one call.
    int BATCH = 32;

    /// Whether an address is one of the host's own, as its routing has it now: what is sent there stays on the host.
    ///
    /// @param high upper half
    /// @param low lower half, of an address that is neither a group's nor the loopback's
    /// @return false also if there is no way to it; true if that cannot be found out at the moment
    boolean isOwn(long high, long low);

    /// Whether the host knows a way to an address, as its routing has it now. Nothing is sent.
    ///
    /// @param high upper half
    /// @param low lower half, of a unicast address
    /// @return false if what is sent there does not get further than the host
    boolean reaches(long high, long low);

    /// Begins a TCP connection, as [#connect(long, long, int, int)] without a limit of hops.
    ///
    /// @param high upper half of the destination
    /// @param low lower half of the destination
    /// @param port of the destination
    /// @return a socket or -errno
    default int connect(long high, long low, int port) {
        return connect(high, low, port, 0);
    }

    /// Begins a TCP connection. The socket is non-blocking, without delay (TCP_NODELAY), and notices when its peer is
    /// gone without a word (SO_KEEPALIVE).
    ///
    /// With a hop limit of its own it finds out how far its packets get: what the network reports about them is kept
    /// for [#receiveError], and while there is a report the socket is ready, perhaps still connecting. Once it is
    /// connected, [#liftHopLimit] makes it a connection like any other.
    ///
    /// @param high upper half of the destination
    /// @param low lower half of the destination
    /// @param port of the destination
    /// @param hopLimit TTL or hop limit; 0: the kernel's default, and reports are not kept
    /// @return a socket that connects or has connected, writable as soon as that is decided; or -errno, which over
    ///     loopback may be -ECONNREFUSED already
    int connect(long high, long low, int port, int hopLimit);

    /// Ends what a hop limit of its own means to a TCP socket.
    ///
    /// @param socket that has connected
    /// @param v4 its family
    /// @return 0 or -errno
    int liftHopLimit(int socket, boolean v4);

    /// Asks how a connection attempt went, once the socket has become writable.
    ///
    /// @param socket from [#connect]
    /// @return 0 if connected; -EINPROGRESS; or the -errno of the failure, told once
    int connectResult(int socket);

    /// Reads what has come.
    ///
    /// @param socket a connected TCP socket
    /// @param into where to, at least one byte of room
    /// @return bytes; 0 at the end of the stream; or -errno, -EAGAIN if nothing has come, -ECONNRESET after a reset
    int read(int socket, IoVector into);

    /// Writes what the kernel takes.
    ///
    /// @param socket a connected TCP socket
    /// @param from what
    /// @return bytes, possibly fewer; or -errno, -EAGAIN if the kernel takes none, -EPIPE or -ECONNRESET if the
    ///     connection is gone
    int write(int socket, IoVector from);

    /// Says that nothing more will be written: the peer sees the end of the stream.
    ///
    /// @param socket a connected TCP socket
    /// @return 0 or -errno
    int endOutput(int socket);

    /// Closes a TCP socket so that the peer sees a reset.
    ///
    /// @param socket no longer valid afterwards
    void reset(int socket);

    /// Opens a UDP socket for one endpoint of a guest, unconnected (endpoint-independent mapping, RFC 4787, REQ-1),
    /// with errors reported (IP_RECVERR).
    ///
    /// @param v4 which family
    /// @param port the source port wanted; another if it is taken or 0
    /// @return a socket; or -errno
    int openDatagram(boolean v4, int port);

    /// Opens a ping socket, where the kernel allows it to the user (net.ipv4.ping_group_range). Its datagrams are echo
    /// messages from the ICMP header on, whose identifier and checksum the kernel sets; ports are 0.
    ///
    /// @param v4 ICMP, otherwise ICMPv6
    /// @param identifier of the echo requests; 0: one that nobody has
    /// @return a socket; or -errno, -EACCES where it is not allowed, -EADDRINUSE if the identifier is taken
    int openPing(boolean v4, int identifier);

    /// Sends one datagram; TTL, traffic class and whether it may be cut as in `datagram`. What the network reported
    /// about an earlier one is told by [#receiveError] alone.
    ///
    /// @param socket a UDP or ping socket
    /// @param datagram destination, memory, TTL, traffic class, whether it may be cut
    /// @return bytes or -errno; -EAGAIN while the kernel takes none, -EMSGSIZE if it never takes so many, or is known
    ///     not to get them there uncut; then there is a report of the MTU
    int send(int socket, HostDatagram datagram);

    /// Receives one datagram.
    ///
    /// @param socket a UDP or ping socket
    /// @param datagram memory to fill; filled with length, source, TTL, traffic class, unless an errno is returned
    /// @return bytes, 0 for an empty datagram; or -errno: -EAGAIN if there is none, -EMSGSIZE if one had no room and is
    ///     lost
    int receive(int socket, HostDatagram datagram);

    /// Sends datagrams through one socket, in order, in one call as far as the kernel takes them; each as [#send] does.
    ///
    /// @param socket a UDP or ping socket
    /// @param datagrams destination, memory, TTL, traffic class of each
    /// @param from index of the first
    /// @param to index of the last, plus 1; at most [#BATCH] in one call
    /// @return how many went, at least 1; or -errno, which is about the first of them
    default int sendAll(int socket, HostDatagram[] datagrams, int from, int to) {
        for (int i = from; i < to; i++) {
            int result = send(socket, datagrams[i]);
            if (result < 0) {
                return i == from ? result : i - from;
            }
        }
        return to - from;
    }

    /// Receives what waits in one call, each as [#receive] does.
    ///
    /// @param socket a UDP or ping socket
    /// @param datagrams memory to fill; filled from the first on. One that had no room is lost: its length is -1
    /// @param most how many, 1 to [#BATCH]
    /// @return how many came, at least 1; fewer than asked for if that was all for the moment; or -errno: -EAGAIN if
    ///     there is none
    default int receiveAll(int socket, HostDatagram[] datagrams, int most) {
        for (int i = 0; i < most; i++) {
            int result = receive(socket, datagrams[i]);
            if (result == -Errno.EMSGSIZE.number()) {
                datagrams[i].length = -1;
            } else if (result < 0) {
                return i == 0 ? result : i;
            }
        }
        return most;
    }

    /// Takes one error report of a socket (MSG_ERRQUEUE). While there are some the socket is ready, whatever the
    /// interest is, unless it is 0.
    ///
    /// @param socket a UDP or ping socket, or a TCP socket with a hop limit of its own
    /// @param error filled: errno, ICMP type and code, who reported, the original destination
    /// @return 0 or -errno, -EAGAIN if there is none
    int receiveError(int socket, HostError error);

    /// Whether a socket was refused because the host, or this process, has no more of something: which is no fault of
    /// whoever is at the other end.
    ///
    /// @param result of opening, connecting or watching it
    /// @return true for want of descriptors, memory or watches
    static boolean isShortage(int result) {
        return result == -Errno.EMFILE.number() || result == -Errno.ENFILE.number()
                || result == -Errno.ENOBUFS.number() || result == -Errno.ENOMEM.number()
                || result == -Errno.ENOSPC.number();
    }

    /// How many sockets are open.
    ///
    /// @return 0 to [#mostSockets]
    int sockets();

    /// How many sockets may be open at a time: what the process may have, less what others in it need. Beyond that a
    /// socket is refused with -EMFILE.
    ///
    /// @return above 0
    int mostSockets();

    /// Sets what the router wants to know of a socket. Level-triggered: told again by each [#poll] as long as it
    /// lasts, so that who cannot take what has come, or has seen the end of the stream, withdraws the interest. A new
    /// socket has none. With an interest of 0 nothing is told, not even failures; they are told once there is interest
    /// again.
    ///
    /// @param socket any
    /// @param interest [#READABLE], [#WRITABLE], both or 0
    /// @param token handed back by [#poll]
    /// @return 0; or -ENOMEM or -ENOSPC, which only the first interest in a socket can meet with: it is to be closed
    int watch(int socket, int interest, long token);

    /// Closes a socket; a TCP peer sees the end of the stream, or a reset if data was unread.
    ///
    /// @param socket no longer valid afterwards
    void close(int socket);

    /// Takes what is ready, without waiting; at most 256 sockets, the others at the next call. The consumer may call
    /// everything but this: it is told nothing about sockets that it has closed meanwhile, and of others what they are
    /// watched for at that moment.
    ///
    /// @param consumer told each socket's token and readiness
    /// @return how many it was told
    int poll(ReadinessConsumer consumer);

    /// A descriptor that is readable while something is ready.
    ///
    /// @return for the data plane's epoll
    int descriptor();

    /// Closes all sockets that are still open, and the descriptor.
    @Override
    void close();

    /// Who is told what is ready.
    @FunctionalInterface
    interface ReadinessConsumer {
        /// A socket is ready.
        ///
        /// @param token as set by [HostNetwork#watch]
        /// @param readiness [HostNetwork#READABLE] and [HostNetwork#WRITABLE]; errors and a connection that has ended
        ///     in both directions are both, wanted or not
        void ready(long token, int readiness);
    }
}
