package org.vswitch.slirp.udp;

import java.util.Arrays;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.host.HostDatagram;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.IcmpError;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.Udp;

/// From guests to the host's sockets: what follows each other in a batch of frames and belongs to one flow goes in one
/// call, from where the frames lie. What was put together from fragments goes at once, since its memory is used again.
final class UdpSend {
    private static final int MIN_V6_MTU = 1280;
    private static final int MAX_MTU = 65_535;

    private final HostNetwork host;
    private final IcmpErrors errors;
    private final StackCounters counters;
    private final UdpReturn back;
    private final HostDatagram[] datagrams = new HostDatagram[HostNetwork.BATCH];
    /// The packets that the datagrams came in, for errors to quote them.
    private final Packet[] packets = new Packet[HostNetwork.BATCH];
    private UdpFlow flow;
    private int count;

    UdpSend(UdpPorts ports, UdpReturn back) {
        host = ports.host();
        errors = ports.errors();
        counters = ports.counters();
        this.back = back;
        Arrays.setAll(datagrams, i -> new HostDatagram());
        Arrays.setAll(packets, i -> new Packet());
    }

    /// Whether datagrams of another flow wait, which go before anything is done to any flow.
    ///
    /// @param next null for one that does not exist yet
    boolean isOfAnother(UdpFlow next) {
        return count > 0 && flow != next;
    }

    /// Adds a datagram; none of another flow waits.
    ///
    /// @param of its flow, which knows where it goes
    void add(UdpFlow of, Packet packet, long nowNs) {
        assert !isOfAnother(of);
        flow = of;
        packets[count].from(packet);
        HostDatagram datagram = datagrams[count++];
        datagram.address = packet.payload + Udp.LENGTH;
        datagram.length = Udp.length(packet.payload) - Udp.LENGTH;
        datagram.peerHigh = of.targetHigh;
        datagram.peerLow = of.targetLow;
        datagram.peerPort = of.remotePort;
        datagram.hopLimit = Math.max(1, packet.hopLimit - 1);
        datagram.trafficClass = packet.trafficClass;
        datagram.dontFragment = packet.dontFragment;
        if (count == HostNetwork.BATCH || packet.frame == 0) {
            flush(nowNs);
        }
    }

    /// Sends what waits; the guest is told about each datagram that cannot go.
    void flush(long nowNs) {
        int sent = 0;
        while (sent < count) {
            int result = host.sendAll(flow.socket, datagrams, sent, count);
            if (result < 0) {
                failed(packets[sent], -result, nowNs);
            }
            sent += Math.max(1, result);
        }
        count = 0;
    }

    private void failed(Packet packet, int errno, long nowNs) {
        if (errno == Errno.EAGAIN.number() || errno == Errno.ENOBUFS.number() || errno == Errno.ENOMEM.number()) {
            counters.count(StackDrop.OUTPUT_FULL);
        } else if (errno != Errno.EMSGSIZE.number()) {
            errors.send(packet, IcmpError.ofErrno(errno), 0, nowNs);
        } else {
            int mtu = Math.clamp(back.receiveErrors(flow, nowNs), packet.v4 ? 0 : MIN_V6_MTU, MAX_MTU);
            errors.send(packet, IcmpError.TOO_BIG, mtu, nowNs);
        }
    }
}
