package org.vswitch.slirp.host;

import java.util.ArrayDeque;
import java.util.Deque;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;

/// An address and port that datagrams go to and come from; with port 0, who is pinged. At first it keeps what it gets.
public final class FakeDatagramPeer {
    private static final int DEFAULT_HOP_LIMIT = 64;

    private final FakeHostNetwork network;
    private final long high;
    private final long low;
    private final int port;
    private final Deque<FakeDatagram> received = new ArrayDeque<>();
    private final HostDatagram toRouter = new HostDatagram();
    private boolean echo;
    private boolean congested;
    private FakeReport report;

    FakeDatagramPeer(FakeHostNetwork network, long high, long low, int port) {
        this.network = network;
        this.high = high;
        this.low = low;
        this.port = port;
    }

    /// From now on gives back what it gets, a ping with the type of a reply; [#receive] is told nothing.
    public FakeDatagramPeer echoing() {
        echo = true;
        return this;
    }

    /// From now on the network reports this of each datagram in place of delivering it.
    ///
    /// @param reported null to deliver again
    public FakeDatagramPeer unreachable(FakeReport reported) {
        report = reported;
        return this;
    }

    /// Whether the host takes nothing towards here for the moment (-EAGAIN).
    public FakeDatagramPeer congested(boolean isCongested) {
        congested = isCongested;
        return this;
    }

    /// The next datagram that has come.
    ///
    /// @return null if there is none
    public FakeDatagram receive() {
        return received.poll();
    }

    /// Sends to the UDP socket (with port 0: to the ping socket) of this family that the router has on a port.
    ///
    /// @param datagram where to and what; a hop limit of 0 is told as unknown
    /// @return whether there is such a socket
    public boolean send(FakeDatagram datagram) {
        FakeDatagramSocket socket = network.datagramSocket(FakeHostNetwork.isV4(high, low), port == 0, datagram.port());
        if (socket == null) {
            return false;
        }
        long room = NativeMemory.map(Math.max(1, datagram.bytes().length));
        NativeMemory.copyIn(datagram.bytes(), 0, room, datagram.bytes().length);
        toRouter.hopLimit = datagram.hopLimit();
        toRouter.trafficClass = datagram.trafficClass();
        offer(socket, room, datagram.bytes().length);
        NativeMemory.unmap(room, Math.max(1, datagram.bytes().length));
        return true;
    }

    /// Sends as most hosts do.
    ///
    /// @return whether the router has a socket on the port
    public boolean send(byte[] bytes, int toPort) {
        return send(new FakeDatagram(bytes, toPort, DEFAULT_HOP_LIMIT, 0));
    }

    boolean isAt(long otherHigh, long otherLow, int otherPort) {
        return high == otherHigh && low == otherLow && port == otherPort;
    }

    int deliver(FakeDatagramSocket from, HostDatagram datagram) {
        if (congested) {
            return -Errno.EAGAIN.number();
        }
        if (report != null) {
            from.report(datagram, report);
        } else if (echo) {
            echo(from, datagram);
        } else {
            byte[] bytes = new byte[datagram.length];
            NativeMemory.copyOut(datagram.address, bytes, 0, bytes.length);
            received.add(new FakeDatagram(bytes, from.port(), datagram.hopLimit, datagram.trafficClass));
        }
        return datagram.length;
    }

    private void echo(FakeDatagramSocket to, HostDatagram datagram) {
        toRouter.hopLimit = DEFAULT_HOP_LIMIT;
        toRouter.trafficClass = 0;
        int type = to.isPing() ? NativeMemory.getByte(datagram.address) : 0;
        if (to.isPing()) {
            NativeMemory.putByte(datagram.address, type == 8 ? 0 : 129);
        }
        offer(to, datagram.address, datagram.length);
        if (to.isPing()) {
            NativeMemory.putByte(datagram.address, type);
        }
    }

    private void offer(FakeDatagramSocket to, long address, int length) {
        toRouter.address = address;
        toRouter.length = length;
        toRouter.peerHigh = high;
        toRouter.peerLow = low;
        toRouter.peerPort = port;
        to.offer(toRouter);
    }
}
