package org.vswitch.slirp.udp;

import java.util.Arrays;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostDatagram;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.RebuiltPacket;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.policy.HostPolicy;
import org.vswitch.wire.Udp;

/// From the host's sockets to the guests: datagrams, and what the network reported about theirs.
final class UdpReturn implements AutoCloseable {
    private static final int MOST_ERRORS = 16;
    private static final int ROOM = 1 << 16;
    /// Not a multiple of 4,096, so that not all datagrams begin in one set of the cache.
    private static final int STRIDE = ROOM + 64;
    /// More than an error to a guest quotes.
    private static final int QUOTE = 1 << 11;

    private final HostNetwork host;
    private final Subnets subnets;
    private final UdpOutput output;
    private final IcmpErrors errors;
    private final StackCounters counters;
    private final UdpFlowSet flows;
    private final long room = NativeMemory.map(STRIDE * HostNetwork.BATCH);
    private final long quote = NativeMemory.map(QUOTE);
    private final RebuiltPacket rebuilt = new RebuiltPacket();
    private final Envelope envelope = new Envelope();
    private final HostDatagram[] datagrams = new HostDatagram[HostNetwork.BATCH];
    private final HostError error = new HostError();
    /// Of the datagrams received last: whose they are, how many, and the first that has not been handed on.
    private UdpFlow receiver;
    private int received;
    private int next;

    UdpReturn(UdpPorts ports, UdpFlowSet flows) {
        this.host = ports.host();
        this.subnets = ports.subnets();
        this.output = new UdpOutput(ports.output());
        this.errors = ports.errors();
        this.counters = ports.counters();
        this.flows = flows;
        envelope.protocol = Udp.PROTOCOL;
        Arrays.setAll(datagrams, i -> new HostDatagram());
    }

    /// Takes what has come for a flow, in one call: up to a turn's share, so that it starves no other. What finds no
    /// room waits here, and all else in its socket meanwhile.
    void receive(UdpFlow flow, long nowNs) {
        if (holds() || output.isHalfFull()) {
            return;
        }
        for (int i = 0; i < datagrams.length; i++) {
            datagrams[i].address = room + (long) i * STRIDE;
            datagrams[i].length = ROOM;
        }
        received = Math.max(0, host.receiveAll(flow.socket, datagrams, datagrams.length));
        receiver = flow;
        next = 0;
        resume(nowNs);
    }

    /// Whether received datagrams wait for room.
    boolean holds() {
        return next < received;
    }

    /// Hands on what waits, as far as there is room.
    void resume(long nowNs) {
        while (holds() && !output.isHalfFull()) {
            if (!take(receiver, datagrams[next++], nowNs)) {
                return; // no room even so, which has been counted
            }
        }
    }

    /// A flow has ended, and what waits for it with it.
    void forget(UdpFlow ended) {
        received = receiver == ended ? 0 : received;
    }

    /// Tells a guest what the network reported about its datagrams. The flow lives on, neither longer nor shorter (RFC
    /// 4787, REQ-12; RFC 5508, REQ-3).
    ///
    /// What the host itself found too long it has said when it was sent, too, and to whom it went is not in the report.
    ///
    /// @return the MTU that the host reported, 0 if it reported none
    int receiveErrors(UdpFlow flow, long nowNs) {
        int mtu = 0;
        for (int i = 0; i < MOST_ERRORS; i++) {
            error.quoteAddress = quote;
            error.quoteLength = QUOTE;
            if (host.receiveError(flow.socket, error) < 0) {
                return mtu;
            }
            if (error.type == 0 && error.errno == Errno.EMSGSIZE.number()) {
                mtu = error.information;
            } else {
                relay(flow, nowNs);
            }
        }
        return mtu;
    }

    @Override
    public void close() {
        rebuilt.close();
        NativeMemory.unmap(room, STRIDE * HostNetwork.BATCH);
        NativeMemory.unmap(quote, QUOTE);
    }

    private boolean take(UdpFlow flow, HostDatagram datagram, long nowNs) {
        if (datagram.length < 0 || !isPresentable(datagram.peerHigh, datagram.peerLow)) {
            counters.count(datagram.length < 0 ? StackDrop.MALFORMED : StackDrop.BAD_SOURCE);
            return true;
        }
        boolean delivered = deliver(flow, datagram);
        if (delivered) {
            flows.touch(flow, flow.receiving(datagram.peerPort), nowNs);
        }
        return delivered;
    }

    private boolean deliver(UdpFlow flow, HostDatagram datagram) {
        envelope.destinationMac = flow.guestMac;
        envelope.destinationHigh = flow.guestHigh;
        envelope.destinationLow = flow.guestLow;
        source(flow, datagram.peerHigh, datagram.peerLow);
        envelope.hopLimit = datagram.hopLimit == 0 ? Envelope.DEFAULT_HOP_LIMIT : Math.max(1, datagram.hopLimit - 1);
        envelope.trafficClass = datagram.trafficClass;
        long data = output.begin(envelope, datagram.peerPort, flow.guestPort, datagram.length);
        if (data == 0) {
            return false;
        }
        NativeMemory.copy(datagram.address, data, datagram.length);
        return output.commit();
    }

    /// Sets who a peer seems to be.
    private void source(UdpFlow flow, long high, long low) {
        boolean router = HostPolicy.isShownAsRouter(high, low);
        envelope.sourceHigh = !router ? high : flow.isV4() ? 0 : subnets.own().v6High(flow.guestHigh);
        envelope.sourceLow = !router ? low : flow.isV4() ? subnets.own().v4Low() : subnets.own().v6Low(flow.guestHigh);
    }

    /// Nobody outside speaks for the router or a guest; that excludes what is valid on the host's links only.
    private boolean isPresentable(long high, long low) {
        return !subnets.own().contains(high, low) && !subnets.isGuest(high, low);
    }

    private void relay(UdpFlow flow, long nowNs) {
        source(flow, error.destinationHigh, error.destinationLow);
        long remoteHigh = envelope.sourceHigh;
        long remoteLow = envelope.sourceLow;
        envelope.sourceHigh = flow.guestHigh;
        envelope.sourceLow = flow.guestLow;
        envelope.destinationHigh = remoteHigh;
        envelope.destinationLow = remoteLow;
        envelope.hopLimit = flow.hopLimit;
        envelope.trafficClass = flow.trafficClass;
        long header = isAboutLatest(flow) ? flow.header : header(flow);
        int length = (int) (header >>> Short.SIZE) & 0xffff;
        rebuilt.of(envelope, flow.guestMac, header, length);
        errors.relay(rebuilt.append(quote, error.quoteLength), error, nowNs);
    }

    private boolean isAboutLatest(UdpFlow flow) {
        int length = (int) (flow.header >>> Short.SIZE) & 0xffff;
        return flow.targetHigh == error.destinationHigh && flow.targetLow == error.destinationLow
                && flow.remotePort == error.destinationPort && error.quoteLength <= length - Udp.LENGTH;
    }

    /// The header of a datagram before the latest one, as far as it is known.
    private long header(UdpFlow flow) {
        return (long) flow.guestPort << 48 | (long) error.destinationPort << 32
                | (long) (Udp.LENGTH + error.quoteLength) << Short.SIZE;
    }
}
