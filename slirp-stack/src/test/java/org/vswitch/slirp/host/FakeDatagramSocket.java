package org.vswitch.slirp.host;

import java.util.ArrayDeque;
import java.util.Deque;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;

/// A UDP or ping socket: queues of what has come and of error reports, both bounded. Receiving what is echoed allocates
/// nothing once the slots have been used.
final class FakeDatagramSocket implements FakeSocket {
    private static final int QUEUE_BYTES = 212_992;
    private static final int OVERHEAD = 512;
    private static final int REPORTS = 64;
    private static final int QUOTE = 512;
    private static final int ICMP_HEADER = 8;
    private static final int V4_LIMIT = 65_507;
    private static final int V6_LIMIT = 65_527;

    /// A datagram that has come.
    private static final class Slot {
        private byte[] bytes = new byte[0];
        private int length;
        private long high;
        private long low;
        private int port;
        private int hopLimit;
        private int trafficClass;
    }

    private record Report(FakeReport report, long high, long low, int port, byte[] quote) {
    }

    private final boolean v4;
    private final boolean ping;
    private final int port;
    private final Deque<Slot> queue = new ArrayDeque<>();
    private final Deque<Slot> unused = new ArrayDeque<>();
    private final Deque<Report> reports = new ArrayDeque<>();
    private int queuedBytes;

    FakeDatagramSocket(boolean v4, boolean ping, int port) {
        this.v4 = v4;
        this.ping = ping;
        this.port = port;
    }

    boolean isBound(boolean family, boolean toPing, int toPort) {
        return v4 == family && ping == toPing && port == toPort;
    }

    int port() {
        return port;
    }

    boolean isPing() {
        return ping;
    }

    /// Sends to who is at the destination, which is null if nobody is.
    int send(HostDatagram datagram, FakeDatagramPeer peer) {
        if (datagram.length > (v4 ? V4_LIMIT : V6_LIMIT) + (ping ? ICMP_HEADER : 0)) {
            return -Errno.EMSGSIZE.number();
        }
        if (ping ? !isEchoRequest(datagram) : datagram.peerPort == 0) {
            return -Errno.EINVAL.number();
        }
        if (peer != null) {
            return peer.deliver(this, datagram);
        }
        if (!ping) {
            report(datagram, FakeReport.portUnreachable(datagram.peerHigh, datagram.peerLow));
        }
        return datagram.length;
    }

    /// Takes what comes from a peer; what does not fit is lost.
    void offer(HostDatagram datagram) {
        if (queuedBytes + datagram.length + OVERHEAD > QUEUE_BYTES) {
            return;
        }
        Slot slot = unused.isEmpty() ? new Slot() : unused.pop();
        if (slot.bytes.length < datagram.length) {
            slot.bytes = new byte[datagram.length];
        }
        NativeMemory.copyOut(datagram.address, slot.bytes, 0, datagram.length);
        slot.length = datagram.length;
        slot.high = datagram.peerHigh;
        slot.low = datagram.peerLow;
        slot.port = datagram.peerPort;
        slot.hopLimit = datagram.hopLimit;
        slot.trafficClass = datagram.trafficClass;
        queue.add(slot);
        queuedBytes += slot.length + OVERHEAD;
    }

    int receive(HostDatagram datagram) {
        Slot slot = queue.poll();
        if (slot == null) {
            return -Errno.EAGAIN.number();
        }
        queuedBytes -= slot.length + OVERHEAD;
        unused.push(slot);
        if (slot.length > datagram.length) {
            return -Errno.EMSGSIZE.number();
        }
        NativeMemory.copyIn(slot.bytes, 0, datagram.address, slot.length);
        datagram.length = slot.length;
        datagram.peerHigh = slot.high;
        datagram.peerLow = slot.low;
        datagram.peerPort = slot.port;
        datagram.hopLimit = slot.hopLimit;
        datagram.trafficClass = slot.trafficClass;
        return slot.length;
    }

    /// Reports about a datagram that was sent.
    void report(HostDatagram datagram, FakeReport report) {
        if (reports.size() < REPORTS) {
            byte[] quote = new byte[Math.min(QUOTE, datagram.length)];
            NativeMemory.copyOut(datagram.address, quote, 0, quote.length);
            reports.add(new Report(report, datagram.peerHigh, datagram.peerLow, datagram.peerPort, quote));
        }
    }

    @Override
    public int receiveError(HostError error) {
        Report next = reports.poll();
        if (next == null) {
            return -Errno.EAGAIN.number();
        }
        error.errno = next.report().errno().number();
        error.type = next.report().type();
        error.code = next.report().code();
        error.information = next.report().mtu();
        error.reporterHigh = next.report().high();
        error.reporterLow = next.report().low();
        error.destinationHigh = next.high();
        error.destinationLow = next.low();
        error.destinationPort = next.port();
        error.quoteLength = Math.min(error.quoteLength, next.quote().length);
        NativeMemory.copyIn(next.quote(), 0, error.quoteAddress, error.quoteLength);
        return 0;
    }

    @Override
    public int readiness() {
        return HostNetwork.WRITABLE | (queue.isEmpty() ? 0 : HostNetwork.READABLE) | (reports.isEmpty() ? 0 : FAILED);
    }

    @Override
    public void close() {
        queue.clear();
        reports.clear();
    }

    private boolean isEchoRequest(HostDatagram datagram) {
        return datagram.length >= ICMP_HEADER && NativeMemory.getByte(datagram.address) == (v4 ? 8 : 128);
    }
}
