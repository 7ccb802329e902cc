package org.vswitch.slirp.host;

/// The host's network as the stack uses it: non-blocking sockets, by number. The stack owns what it opens and closes it.
///
/// Results are a count, a socket (0 or above), or the negative of an errno ([org.vswitch.linux.Errno]); nothing here
/// blocks or throws for what the outside world does. Addresses are two longs, IPv4 as IPv4-mapped
/// ([org.vswitch.slirp.ip.IpAddress]); pieces are (address, length) pairs in an [IoVector]. One thread.
public interface HostNetwork {
    /// Interest: readable, or the peer has ended.
    int READABLE = 1;
    /// Interest: writable, or connected.
    int WRITABLE = 2;

    /// Begins a TCP connection. The socket is non-blocking, without delay (TCP_NODELAY).
    ///
    /// @param high upper half of the destination
    /// @param low lower half of the destination
    /// @param port of the destination
    /// @return a socket that connects; or -errno
    int connect(long high, long low, int port);

    /// Asks how a connection attempt went, once the socket has become writable.
    ///
    /// @param socket from [#connect]
    /// @return 0 if connected; -EINPROGRESS; or the -errno of the failure
    int connectResult(int socket);

    /// Reads what has come.
    ///
    /// @param socket a connected TCP socket
    /// @param into where to
    /// @return bytes; 0 at the end of the stream; or -errno
    int read(int socket, IoVector into);

    /// Writes what the kernel takes.
    ///
    /// @param socket a connected TCP socket
    /// @param from what
    /// @return bytes, possibly fewer; or -errno
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

    /// Opens a UDP socket for one endpoint of a guest, unconnected (endpoint-independent mapping, RFC 4787, REQ-1), with
    /// errors reported (IP_RECVERR).
    ///
    /// @param v4 which family
    /// @param port the source port wanted; another if it is taken or 0
    /// @return a socket; or -errno
    int openDatagram(boolean v4, int port);

    /// Opens a ping socket, where the kernel allows it to the user (net.ipv4.ping_group_range).
    ///
    /// @param v4 ICMP, otherwise ICMPv6
    /// @param identifier of the echo requests
    /// @return a socket; or -errno, -EACCES where it is not allowed
    int openPing(boolean v4, int identifier);

    /// Sends one datagram; TTL and traffic class as in `datagram`.
    ///
    /// @param socket a UDP or ping socket
    /// @param datagram destination, memory, TTL, traffic class
    /// @return bytes or -errno
    int send(int socket, HostDatagram datagram);

    /// Receives one datagram.
    ///
    /// @param socket a UDP or ping socket
    /// @param datagram memory to fill; filled with length, source, TTL, traffic class
    /// @return bytes, or -errno
    int receive(int socket, HostDatagram datagram);

    /// Takes one error report of a UDP or ping socket (MSG_ERRQUEUE).
    ///
    /// @param socket a UDP or ping socket
    /// @param error filled: errno, ICMP type and code, who reported, the original destination
    /// @return 0 or -errno, -EAGAIN if there is none
    int receiveError(int socket, HostError error);

    /// Sets what the router wants to know of a socket. Level-triggered.
    ///
    /// @param socket any
    /// @param interest [#READABLE], [#WRITABLE], both or 0
    /// @param token handed back by [#poll]
    void watch(int socket, int interest, long token);

    /// Closes a socket; a TCP peer sees the end of the stream, or a reset if data was unread.
    ///
    /// @param socket no longer valid afterwards
    void close(int socket);

    /// Takes what is ready, without waiting.
    ///
    /// @param consumer told each socket's token and readiness
    /// @return how many
    int poll(ReadinessConsumer consumer);

    /// A descriptor that is readable while something is ready.
    ///
    /// @return for the data plane's epoll
    int descriptor();

    /// Who is told what is ready.
    @FunctionalInterface
    interface ReadinessConsumer {
        /// A socket is ready.
        ///
        /// @param token as set by [HostNetwork#watch]
        /// @param readiness [HostNetwork#READABLE] and [HostNetwork#WRITABLE]; errors are both
        void ready(long token, int readiness);
    }
}
