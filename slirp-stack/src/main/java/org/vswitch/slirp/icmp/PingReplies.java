package org.vswitch.slirp.icmp;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostDatagram;
import org.vswitch.slirp.host.HostError;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.RebuiltPacket;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.Icmp;
import org.vswitch.wire.Icmpv4;
import org.vswitch.wire.Icmpv6;
import org.vswitch.wire.IpAddress;

/// What comes back for the pings of guests: answers, and what the network reports in place of them.
final class PingReplies implements AutoCloseable {
    private static final int ROOM = 1 << 16;
    private static final int QUOTE_ROOM = 2_048;
    private static final int TYPE_SHIFT = 56;
    private static final int CHECKSUM_SHIFT = 32;
    private static final int IDENTIFIER_SHIFT = 16;

    private final HostNetwork host;
    private final IpOutput output;
    private final IcmpErrors errors;
    private final StackCounters counters;
    private final long memory = NativeMemory.map(ROOM + QUOTE_ROOM);
    private final HostDatagram datagram = new HostDatagram();
    private final HostError error = new HostError();
    private final Envelope envelope = new Envelope();
    private final Envelope request = new Envelope();
    private final RebuiltPacket rebuilt = new RebuiltPacket();

    PingReplies(HostNetwork host, IpOutput output, IcmpErrors errors, StackCounters counters) {
        this.host = host;
        this.output = output;
        this.errors = errors;
        this.counters = counters;
    }

    /// Takes one answer and hands it to the guest, if there is room for it; otherwise it waits in the socket.
    ///
    /// @return false if there is none, or no room
    boolean relay(PingFlow flow) {
        if (output.isHalfFull()) {
            return false;
        }
        datagram.address = memory;
        datagram.length = ROOM;
        int length = host.receive(flow.socket, datagram);
        if (length < 0) {
            return false;
        }
        boolean reply = Icmp.isValid(memory, length)
                && Icmp.type(memory) == (flow.v4 ? Icmpv4.ECHO_REPLY : Icmpv6.ECHO_REPLY)
                && IpAddress.isV4(datagram.peerHigh, datagram.peerLow) == flow.v4;
        if (!reply || length > (flow.v4 ? IpOutput.MAX_V4_PAYLOAD : IpOutput.MAX_V6_PAYLOAD)) {
            counters.count(StackDrop.MALFORMED);
            return true;
        }
        address(flow);
        long message = output.begin(envelope, length);
        if (message != 0) {
            Icmp.identifier(memory, flow.identifier);
            NativeMemory.copy(memory, message, length);
            output.commit();
        }
        return true;
    }

    /// Takes one report of the network and hands it to the guest.
    ///
    /// @return false if there is none
    boolean relayError(PingFlow flow, long nowNs) {
        error.quoteAddress = memory + ROOM;
        error.quoteLength = QUOTE_ROOM;
        if (host.receiveError(flow.socket, error) < 0) {
            return false;
        }
        boolean quoted = error.quoteLength >= Icmp.LENGTH;
        int sequence = quoted ? Icmp.sequenceNumber(error.quoteAddress) : flow.last();
        long entry = flow.request(sequence);
        if (entry == 0) { // too long ago
            counters.count(StackDrop.LIMIT);
            return true;
        }
        Packet about = rebuild(flow, sequence, entry);
        if (quoted) {
            int rest = Math.min(error.quoteLength, PingFlow.length(entry)) - Icmp.LENGTH;
            rebuilt.append(error.quoteAddress + Icmp.LENGTH, rest);
        }
        errors.relay(about, error, nowNs);
        return true;
    }

    @Override
    public void close() {
        rebuilt.close();
        NativeMemory.unmap(memory, ROOM + QUOTE_ROOM);
    }

    private void address(PingFlow flow) {
        envelope.destinationMac = flow.guestMac;
        envelope.sourceHigh = datagram.peerHigh;
        envelope.sourceLow = datagram.peerLow;
        envelope.destinationHigh = flow.guestHigh;
        envelope.destinationLow = flow.guestLow;
        envelope.protocol = flow.v4 ? Icmpv4.PROTOCOL : Icmpv6.PROTOCOL;
        envelope.hopLimit = datagram.hopLimit == 0 ? Envelope.DEFAULT_HOP_LIMIT : Math.max(1, datagram.hopLimit - 1);
        envelope.trafficClass = datagram.trafficClass;
    }

    /// The guest's request, as the guest sent it.
    private Packet rebuild(PingFlow flow, int sequence, long entry) {
        request.sourceHigh = flow.guestHigh;
        request.sourceLow = flow.guestLow;
        request.destinationHigh = error.destinationHigh;
        request.destinationLow = error.destinationLow;
        request.protocol = flow.v4 ? Icmpv4.PROTOCOL : Icmpv6.PROTOCOL;
        request.hopLimit = PingFlow.hopLimit(entry);
        request.trafficClass = PingFlow.trafficClass(entry);
        long type = flow.v4 ? Icmpv4.ECHO : Icmpv6.ECHO_REQUEST;
        long first = type << TYPE_SHIFT | (long) PingFlow.checksum(entry) << CHECKSUM_SHIFT
                | (long) flow.identifier << IDENTIFIER_SHIFT | sequence;
        return rebuilt.of(request, flow.guestMac, first, PingFlow.length(entry));
    }
}
