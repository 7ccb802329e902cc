package org.vswitch.slirp.udp;

import org.vswitch.slirp.ip.IcmpError;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.wire.Checksum;
import org.vswitch.wire.Udp;

/// Takes guests' UDP datagrams: checks them (RFC 768; RFC 8200, 8.1), hands those for the router's own services to them
/// and all others for one station to the flows. What is for a group reaches services only, and is never answered by an
/// error (RFC 1122, 3.2.2).
public final class UdpInput {
    /// The most services.
    public static final int MAX_SERVICES = 16;

    private static final long LOWER_HALF = 0xffff_ffffL;

    private final Subnets subnets;
    private final StackCounters counters;
    private final IcmpErrors errors;
    private final UdpForward forward;
    private final int[] ports = new int[MAX_SERVICES];
    private final UdpService[] services = new UdpService[MAX_SERVICES];
    private int count;

    /// An input without services.
    ///
    /// @param subnets which addresses are the router's own
    /// @param counters where drops are counted
    /// @param errors tells guests that nobody listens
    /// @param forward takes what is for others
    public UdpInput(Subnets subnets, StackCounters counters, IcmpErrors errors, UdpForward forward) {
        this.subnets = subnets;
        this.counters = counters;
        this.errors = errors;
        this.forward = forward;
    }

    /// Registers a service of the router. It gets what is sent to this port of any of the router's own addresses or of
    /// a group; which address that was it sees in the packet.
    ///
    /// @param port 1 to 65,535, not taken yet
    /// @param service called for each datagram; what it does not want it refuses
    public void service(int port, UdpService service) {
        assert find(port) == null : "port=" + port;
        ports[count] = port;
        services[count++] = service;
    }

    /// Takes a datagram.
    ///
    /// @param packet with protocol 17, whole
    /// @param nowNs the time
    public void receive(Packet packet, long nowNs) {
        StackDrop wrong = check(packet);
        if (wrong != null) {
            counters.count(wrong);
            return;
        }
        boolean own = subnets.own().contains(packet.destinationHigh, packet.destinationLow);
        UdpService service = own || packet.toGroup ? find(Udp.destinationPort(packet.payload)) : null;
        if (service != null) {
            service.receive(packet, nowNs);
        } else if (!own && !packet.toGroup) {
            forward.receive(packet, nowNs);
        } else {
            refuse(packet, nowNs);
        }
    }

    /// What no service wants: it may mean the host; otherwise the guest is told that nobody listens.
    ///
    /// @param packet for one of the router's own addresses or for a group
    /// @param nowNs the time
    public void refuse(Packet packet, long nowNs) {
        if (packet.toGroup) {
            counters.count(StackDrop.BAD_DESTINATION);
        } else if (!forward.receiveForRouter(packet, nowNs)) {
            counters.count(StackDrop.BAD_DESTINATION);
            errors.send(packet, IcmpError.PORT_UNREACHABLE, 0, nowNs);
        }
    }

    private UdpService find(int port) {
        for (int i = 0; i < count; i++) {
            if (ports[i] == port) {
                return services[i];
            }
        }
        return null;
    }

    private static StackDrop check(Packet packet) {
        long header = packet.payload;
        if (!Udp.isValid(header, packet.payloadLength) || Udp.sourcePort(header) == 0
                || Udp.destinationPort(header) == 0) {
            return StackDrop.MALFORMED;
        }
        return packet.checksumTrusted || isChecksumRight(packet) ? null : StackDrop.BAD_CHECKSUM;
    }

    /// Over IPv4 a sender may leave the checksum out (RFC 768), over IPv6 it must not (RFC 8200, 8.1).
    private static boolean isChecksumRight(Packet packet) {
        if (Udp.checksum(packet.payload) == 0) {
            return packet.v4;
        }
        int length = Udp.length(packet.payload);
        long pseudoHeader = (long) Udp.PROTOCOL + length + wordsOf(packet.sourceHigh) + wordsOf(packet.sourceLow)
                + wordsOf(packet.destinationHigh) + wordsOf(packet.destinationLow);
        return Checksum.complement(Checksum.fold(pseudoHeader + Checksum.sum(packet.payload, length))) == 0;
    }

    /// A sum that is equal to that of the four 16-bit words in ones' complement; the 0xffff of a mapped address sums
    /// to zero.
    private static long wordsOf(long half) {
        return (half >>> Integer.SIZE) + (half & LOWER_HALF);
    }
}
