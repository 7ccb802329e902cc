package org.vswitch.slirp.host;

import java.util.Arrays;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Errno;
import org.vswitch.linux.InetMessage;
import org.vswitch.linux.InetMessageBatch;
import org.vswitch.linux.InetSockets;
import org.vswitch.linux.LinuxException;
import org.vswitch.linux.OwnProcess;
import org.vswitch.linux.RoutingTable;

/// The network of the host this runs on.
///
/// Theory of operation. Each socket is added to an epoll instance when there is something to watch it for, and stays
/// until it is closed, which ends that as well; while a process that is just starting still holds a duplicate, events
/// of a closed socket may come, and their label tells. epoll reports failures and hang-ups unasked, also to an interest
/// of 0: such a socket would keep the instance readable and the data plane awake for as long as nobody takes the
/// failure. So a socket without interest is watched edge-triggered, which wakes at most once, and what comes of it is
/// not told. Setting an interest makes epoll look at the state again, so nothing is lost.
///
/// A fifth of the descriptors that the process may have, and [#RESERVE] besides, are left to the rest of it: a router
/// that has as many sockets as it may have does not keep the switch from taking plugs. The limit is the hard one, to
/// which the JVM raises the soft one at its start (-XX:+MaxFDLimit, the default).
public final class LinuxHostNetwork implements HostNetwork {
    private static final int EVENTS = 256;
    private static final int BOTH = READABLE | WRITABLE;
    private static final int RESERVE = 256;
    private static final int FULL = -Errno.EMFILE.number();
    private static final byte NOT_SAID = 0;
    private static final byte CUT = 1;
    private static final byte WHOLE = 2;

    private final RoutingTable routes;
    private final Epoll epoll;
    private final InetSockets sockets = new InetSockets();
    private final InetMessageBatch messages = new InetMessageBatch();
    private final InetMessage message = messages.at(0);
    private final WatchTable watches = new WatchTable();
    /// Whether what a socket sends may be cut, by number, as last said to the kernel.
    private byte[] cutting = new byte[64];
    private final int mostSockets;
    private int openSockets;
    private boolean closed;

    /// Opens the epoll instance, for as many sockets as the limit of descriptors allows.
    ///
    /// @throws LinuxException if the kernel refuses
    public LinuxHostNetwork() throws LinuxException {
        this(mostSockets(OwnProcess.descriptorLimit()));
    }

    /// Opens the epoll instance.
    ///
    /// @param mostSockets how many sockets may be open at a time
    /// @throws LinuxException if the kernel refuses
    LinuxHostNetwork(int mostSockets) throws LinuxException {
        this.mostSockets = mostSockets;
        routes = new RoutingTable();
        try {
            epoll = new Epoll(EVENTS);
        } catch (LinuxException refused) {
            routes.close();
            throw refused;
        }
    }

    /// How many sockets a router may have.
    ///
    /// @param descriptors how many descriptors the process may have
    static int mostSockets(int descriptors) {
        return (int) Math.max(descriptors / 2, (descriptors - RESERVE) * 4L / 5);
    }

    /// What is not sent on is the host's: also what a route makes local, and the anycast address of its subnet.
    @Override
    public boolean isOwn(long high, long low) {
        int type = routes.typeOf(high, low);
        return type < 0 ? !isNoWay(type) : type != RoutingTable.UNICAST;
    }

    @Override
    public boolean reaches(long high, long low) {
        int type = routes.typeOf(high, low);
        return type == RoutingTable.UNICAST || type == RoutingTable.LOCAL;
    }

    @Override
    public int connect(long high, long low, int port, int hopLimit) {
        boolean v4 = isV4(high, low);
        int socket = isFull() ? FULL : sockets.openStream(v4);
        if (socket < 0) {
            return socket;
        }
        int result = sockets.noDelay(socket);
        if (result == 0) {
            result = sockets.keepAlive(socket);
        }
        if (result == 0 && hopLimit != 0) {
            result = reach(socket, v4, hopLimit);
        }
        if (result == 0) {
            result = sockets.connect(socket, high, low, port);
        }
        return opened(socket, result == -Errno.EINPROGRESS.number() ? 0 : result);
    }

    @Override
    public int liftHopLimit(int socket, boolean v4) {
        return reach(socket, v4, 0);
    }

    @Override
    public int connectResult(int socket) {
        int result = sockets.connected(socket);
        if (result != -Errno.ENOTCONN.number()) {
            return result;
        }
        int failure = sockets.takeError(socket);
        return failure != 0 ? failure : -Errno.EINPROGRESS.number();
    }

    @Override
    public int read(int socket, IoVector into) {
        assert into.length() > 0 : "the answer 0 would look like the end of the stream";
        return sockets.read(socket, into.address(), into.count());
    }

    @Override
    public int write(int socket, IoVector from) {
        return sockets.write(socket, from.address(), from.count());
    }

    @Override
    public int endOutput(int socket) {
        return sockets.endOutput(socket);
    }

    @Override
    public void reset(int socket) {
        sockets.resetOnClose(socket);
        close(socket);
    }

    @Override
    public int openDatagram(boolean v4, int port) {
        int socket = isFull() ? FULL : sockets.openDatagram(v4);
        if (socket < 0) {
            return socket;
        }
        int result = sockets.bindAny(socket, v4, port);
        if (result < 0 && port != 0) { // taken, or below 1,024 and not for us
            result = sockets.bindAny(socket, v4, 0);
        }
        return opened(socket, result < 0 ? result : report(socket, v4));
    }

    @Override
    public int openPing(boolean v4, int identifier) {
        int socket = isFull() ? FULL : sockets.openPing(v4);
        if (socket < 0) {
            return socket;
        }
        int result = sockets.bindAny(socket, v4, identifier);
        return opened(socket, result < 0 ? result : report(socket, v4));
    }

    @Override
    public int send(int socket, HostDatagram datagram) {
        cutting(socket, datagram);
        address(message, datagram);
        return message.send(socket, datagram.address, datagram.length);
    }

    /// Whether they may be cut the kernel is told for the socket, not for each: so it ends where that changes.
    @Override
    public int sendAll(int socket, HostDatagram[] datagrams, int from, int to) {
        cutting(socket, datagrams[from]);
        int end = from;
        while (end < to && datagrams[end].dontFragment == datagrams[from].dontFragment) {
            address(messages.at(end - from), datagrams[end]);
            messages.at(end - from).content(datagrams[end].address, datagrams[end].length);
            end++;
        }
        return messages.send(socket, 0, end - from);
    }

    @Override
    public int receive(int socket, HostDatagram datagram) {
        int result = message.receive(socket, datagram.address, datagram.length);
        if (result >= 0 && message.isCut()) {
            return -Errno.EMSGSIZE.number();
        }
        if (result >= 0) {
            fill(datagram, message, result);
        }
        return result;
    }

    @Override
    public int receiveAll(int socket, HostDatagram[] datagrams, int most) {
        for (int i = 0; i < most; i++) {
            messages.at(i).content(datagrams[i].address, datagrams[i].length);
        }
        int result = messages.receive(socket, most);
        for (int i = 0; i < result; i++) {
            fill(datagrams[i], messages.at(i), messages.at(i).isCut() ? -1 : messages.length(i));
        }
        return result;
    }

    @Override
    public int receiveError(int socket, HostError error) {
        int result = message.receiveError(socket, error.quoteAddress, error.quoteLength);
        if (result < 0) {
            return result;
        }
        boolean icmp = message.isIcmp();
        error.errno = message.errorNumber();
        error.type = icmp ? message.errorType() : 0;
        error.code = icmp ? message.errorCode() : 0;
        error.information = message.errorInformation();
        error.reporterHigh = icmp ? message.reporterHigh() : 0;
        error.reporterLow = icmp ? message.reporterLow() : 0;
        error.destinationHigh = message.peerHigh();
        error.destinationLow = message.peerLow();
        error.destinationPort = message.peerPort();
        error.quoteLength = result;
        return 0;
    }

    @Override
    public int sockets() {
        return openSockets;
    }

    @Override
    public int mostSockets() {
        return mostSockets;
    }

    @Override
    public int watch(int socket, int interest, long token) {
        if (!watches.watch(socket, interest, token)) {
            return 0;
        }
        int events = interest == 0 ? Epoll.EDGE : ((interest & READABLE) != 0 ? Epoll.READABLE : 0)
                | ((interest & WRITABLE) != 0 ? Epoll.WRITABLE : 0);
        long label = watches.label(socket);
        return watches.register(socket) ? epoll.modify(socket, events, label) : epoll.tryAdd(socket, events, label);
    }

    @Override
    public void close(int socket) {
        openSockets--;
        watches.close(socket);
        InetSockets.close(socket);
    }

    @Override
    public int poll(ReadinessConsumer consumer) {
        int count = epoll.await(0);
        int told = 0;
        for (int i = 0; i < count; i++) {
            int socket = watches.socket(epoll.token(i));
            int readiness = socket < 0 ? 0 : readiness(epoll.ready(i), watches.interest(socket));
            if (readiness != 0) {
                consumer.ready(watches.token(socket), readiness);
                told++;
            }
        }
        return told;
    }

    @Override
    public int descriptor() {
        return epoll.fd();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (int socket = 0; socket < watches.limit(); socket++) {
            if (watches.isOpen(socket)) {
                close(socket);
            }
        }
        epoll.close();
        routes.close();
        sockets.close();
        messages.close();
    }

    private static boolean isNoWay(int result) {
        return result == -Errno.ENETUNREACH.number() || result == -Errno.EHOSTUNREACH.number()
                || result == -Errno.ENETDOWN.number() || result == -Errno.EACCES.number()
                || result == -Errno.EOPNOTSUPP.number();
    }

    private static int readiness(int events, int interest) {
        if (interest == 0) {
            return 0;
        }
        if ((events & Epoll.FAILED) != 0) {
            return BOTH;
        }
        return ((events & Epoll.READABLE) != 0 ? READABLE & interest : 0)
                | ((events & Epoll.WRITABLE) != 0 ? WRITABLE & interest : 0);
    }

    /// Enters a socket that is set up, or closes one that is not.
    private int opened(int socket, int result) {
        if (result < 0) {
            InetSockets.close(socket);
            return result;
        }
        watches.open(socket);
        if (socket >= cutting.length) {
            cutting = Arrays.copyOf(cutting, Math.max(socket + 1, 2 * cutting.length));
        }
        cutting[socket] = NOT_SAID;
        openSockets++;
        return socket;
    }

    private boolean isFull() {
        return openSockets >= mostSockets;
    }

    /// Says how far a TCP socket's packets go, 0: as far as any; and keeps reports if that is not all the way.
    private int reach(int socket, boolean v4, int hopLimit) {
        int result = sockets.hopLimit(socket, v4, hopLimit);
        return result == 0 ? sockets.reportErrors(socket, v4, hopLimit != 0) : result;
    }

    private int report(int socket, boolean v4) {
        int result = sockets.reportErrors(socket, v4, true);
        if (result == 0) {
            result = sockets.reportHopLimit(socket, v4);
        }
        return result == 0 ? sockets.reportTrafficClass(socket, v4) : result;
    }

    private void cutting(int socket, HostDatagram datagram) {
        byte wanted = datagram.dontFragment ? WHOLE : CUT;
        if (cutting[socket] != wanted) {
            cutting[socket] = wanted;
            sockets.dontFragment(socket, isV4(datagram.peerHigh, datagram.peerLow), datagram.dontFragment);
        }
    }

    private static void address(InetMessage message, HostDatagram datagram) {
        message.destination(datagram.peerHigh, datagram.peerLow, datagram.peerPort);
        message.delivery(datagram.hopLimit, datagram.trafficClass);
    }

    private static void fill(HostDatagram datagram, InetMessage message, int length) {
        datagram.length = length;
        datagram.peerHigh = message.peerHigh();
        datagram.peerLow = message.peerLow();
        datagram.peerPort = message.peerPort();
        datagram.hopLimit = message.hopLimit();
        datagram.trafficClass = message.trafficClass();
    }

    private static boolean isV4(long high, long low) {
        return high == 0 && low >>> 32 == 0xffff;
    }
}
