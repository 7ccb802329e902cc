package org.vswitch.slirp.host;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.vswitch.linux.Errno;

/// A host network in memory: nothing happens but by calls, in their order, and everything at once.
/// [HostNetworkContractTest] and [HostDatagramContractTest] hold it against the real one.
///
/// Nobody is there at first: connections are refused and datagrams reported unreachable. [#server] and [#datagramPeer]
/// put somebody at an address. Ping sockets are refused until [#permitPing]. Numbers of closed sockets are given again,
/// the lowest first. What the router reads, writes and polls, and what is echoed, allocates nothing once warm.
public final class FakeHostNetwork implements HostNetwork {
    private static final int EVENTS = 256;
    private static final int BOTH = READABLE | WRITABLE;
    private static final int FIRST_NUMBER = 3;
    private static final int FIRST_PORT = 32_768;
    private static final int DEFAULT_BUFFER_BYTES = 1 << 16;

    private final List<FakeServer> servers = new ArrayList<>();
    private final Set<List<Long>> ownAddresses = new HashSet<>();
    private final List<FakeDatagramPeer> datagramPeers = new ArrayList<>();
    private boolean lacksMemory;
    private final WatchTable watches = new WatchTable();
    private final long[] readyLabels = new long[EVENTS];
    private final int[] readyStates = new int[EVENTS];
    private FakeSocket[] sockets = new FakeSocket[64];
    private int openSockets;
    private int mostSockets = Integer.MAX_VALUE;
    private int bufferBytes = DEFAULT_BUFFER_BYTES;
    private boolean pingPermitted;
    private boolean v6Routed = true;
    private int pollFrom;

    /// Who answers connections to an address and port.
    ///
    /// @return the same each time
    public FakeServer server(long high, long low, int port) {
        FakeServer server = serverAt(high, low, port);
        if (server == null) {
            server = new FakeServer(high, low, port);
            servers.add(server);
        }
        return server;
    }

    /// Who gets the datagrams to an address and port, or with port 0 the pings to an address.
    ///
    /// @return the same each time
    public FakeDatagramPeer datagramPeer(long high, long low, int port) {
        FakeDatagramPeer peer = datagramPeerAt(high, low, port);
        if (peer == null) {
            peer = new FakeDatagramPeer(this, high, low, port);
            datagramPeers.add(peer);
        }
        return peer;
    }

    /// Sets the buffer of each direction of the connections from now on.
    public void bufferBytes(int bytes) {
        bufferBytes = bytes;
    }

    @Override
    public int sockets() {
        return openSockets;
    }

    @Override
    public int mostSockets() {
        return mostSockets;
    }

    /// Limits how many sockets may be open (EMFILE).
    public void mostSockets(int count) {
        mostSockets = count;
    }

    /// Makes an address one of the host's own.
    public void own(long high, long low) {
        ownAddresses.add(List.of(high, low));
    }

    /// Takes away, or gives back, the way to IPv6 addresses outside.
    public void routeV6(boolean exists) {
        v6Routed = exists;
    }

    /// Lets the router open ping sockets.
    public void permitPing() {
        pingPermitted = true;
    }

    /// How many sockets are open.
    public int openSockets() {
        return openSockets;
    }

    /// The port that a datagram socket has got, or the identifier of a ping socket.
    public int port(int socket) {
        return datagramSocket(socket).port();
    }

    @Override
    public boolean isOwn(long high, long low) {
        return ownAddresses.contains(List.of(high, low));
    }

    @Override
    public boolean reaches(long high, long low) {
        return isV4(high, low) ? (int) low != -1 : high == 0 && low == 1 || high >>> 54 != 0xfe80 >>> 6 && v6Routed;
    }

    @Override
    public int connect(long high, long low, int port, int hopLimit) {
        if (openSockets >= mostSockets) {
            return -Errno.EMFILE.number();
        }
        FakeServer server = serverAt(high, low, port);
        FakeStream stream = new FakeStream(bufferBytes, hopLimit);
        if (server == null) {
            stream.fail(Errno.ECONNREFUSED);
        } else {
            int result = server.connect(stream);
            if (result < 0) {
                return result;
            }
        }
        return open(stream);
    }

    @Override
    public int liftHopLimit(int socket, boolean v4) {
        return stream(socket).liftHopLimit();
    }

    @Override
    public int connectResult(int socket) {
        return stream(socket).connectResult();
    }

    @Override
    public int read(int socket, IoVector into) {
        assert into.length() > 0 : "the answer 0 would look like the end of the stream";
        return stream(socket).read(into);
    }

    @Override
    public int write(int socket, IoVector from) {
        return stream(socket).write(from);
    }

    @Override
    public int endOutput(int socket) {
        return stream(socket).endOutput();
    }

    @Override
    public void reset(int socket) {
        stream(socket).reset();
        forget(socket);
    }

    /// The kernel has no memory to watch another socket, or has it again.
    public void lacksMemory(boolean lacks) {
        lacksMemory = lacks;
    }

    @Override
    public int openDatagram(boolean v4, int port) {
        if (openSockets >= mostSockets) {
            return -Errno.EMFILE.number();
        }
        int bound = port;
        if (port == 0 || datagramSocket(v4, false, port) != null) {
            bound = FIRST_PORT;
            while (datagramSocket(v4, false, bound) != null) {
                bound++;
            }
        }
        return open(new FakeDatagramSocket(v4, false, bound));
    }

    @Override
    public int openPing(boolean v4, int identifier) {
        if (!pingPermitted) {
            return -Errno.EACCES.number();
        }
        if (openSockets >= mostSockets) {
            return -Errno.EMFILE.number();
        }
        if (identifier != 0 && datagramSocket(v4, true, identifier) != null) {
            return -Errno.EADDRINUSE.number();
        }
        int bound = identifier == 0 ? FIRST_PORT : identifier;
        while (datagramSocket(v4, true, bound) != null) {
            bound++;
        }
        return open(new FakeDatagramSocket(v4, true, bound));
    }

    @Override
    public int send(int socket, HostDatagram datagram) {
        FakeDatagramSocket from = datagramSocket(socket);
        return from.send(datagram, datagramPeerAt(datagram.peerHigh, datagram.peerLow,
                from.isPing() ? 0 : datagram.peerPort));
    }

    @Override
    public int receive(int socket, HostDatagram datagram) {
        return datagramSocket(socket).receive(datagram);
    }

    @Override
    public int receiveError(int socket, HostError error) {
        return sockets[socket].receiveError(error);
    }

    @Override
    public int watch(int socket, int interest, long token) {
        if (lacksMemory && !watches.register(socket)) {
            return -Errno.ENOMEM.number();
        }
        watches.watch(socket, interest, token);
        return 0;
    }

    @Override
    public void close(int socket) {
        sockets[socket].close();
        forget(socket);
    }

    @Override
    public int poll(ReadinessConsumer consumer) {
        int count = collect();
        int told = 0;
        for (int i = 0; i < count; i++) {
            int socket = watches.socket(readyLabels[i]);
            int readiness = socket < 0 ? 0 : readiness(readyStates[i], watches.interest(socket));
            if (readiness != 0) {
                consumer.ready(watches.token(socket), readiness);
                told++;
            }
        }
        return told;
    }

    /// There is none; who uses this network polls it.
    @Override
    public int descriptor() {
        return -1;
    }

    @Override
    public void close() {
        for (int socket = 0; socket < sockets.length; socket++) {
            if (sockets[socket] != null) {
                close(socket);
            }
        }
    }

    static boolean isV4(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }

    FakeDatagramSocket datagramSocket(boolean v4, boolean ping, int port) {
        for (FakeSocket socket : sockets) {
            if (socket instanceof FakeDatagramSocket datagrams && datagrams.isBound(v4, ping, port)) {
                return datagrams;
            }
        }
        return null;
    }

    private FakeServer serverAt(long high, long low, int port) {
        for (int i = 0; i < servers.size(); i++) {
            if (servers.get(i).isAt(high, low, port)) {
                return servers.get(i);
            }
        }
        return null;
    }

    private FakeDatagramPeer datagramPeerAt(long high, long low, int port) {
        for (int i = 0; i < datagramPeers.size(); i++) {
            if (datagramPeers.get(i).isAt(high, low, port)) {
                return datagramPeers.get(i);
            }
        }
        return null;
    }

    private FakeStream stream(int socket) {
        return (FakeStream) sockets[socket];
    }

    private FakeDatagramSocket datagramSocket(int socket) {
        return (FakeDatagramSocket) sockets[socket];
    }

    private int open(FakeSocket opened) {
        int socket = FIRST_NUMBER;
        while (socket < sockets.length && sockets[socket] != null) {
            socket++;
        }
        if (socket == sockets.length) {
            sockets = Arrays.copyOf(sockets, 2 * socket);
        }
        sockets[socket] = opened;
        watches.open(socket);
        openSockets++;
        return socket;
    }

    private void forget(int socket) {
        watches.close(socket);
        sockets[socket] = null;
        openSockets--;
    }

    /// Notes who is ready before anybody is told, as the kernel does; each call begins where the last one ended.
    private int collect() {
        int count = 0;
        int start = pollFrom;
        for (int i = 0; i < sockets.length && count < EVENTS; i++) {
            int socket = (start + i) % sockets.length;
            int state = sockets[socket] == null ? 0 : sockets[socket].readiness();
            if (state != 0 && readiness(state, watches.interest(socket)) != 0) {
                readyLabels[count] = watches.label(socket);
                readyStates[count++] = state;
                pollFrom = socket + 1;
            }
        }
        return count;
    }

    private static int readiness(int state, int interest) {
        if (interest == 0) {
            return 0;
        }
        return (state & FakeSocket.FAILED) != 0 ? BOTH : state & interest;
    }
}
