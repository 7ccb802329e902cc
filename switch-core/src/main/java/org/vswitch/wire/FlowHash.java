package org.vswitch.wire;

/// Tells flows apart by a hash, as receive side scaling does: frames of one flow and direction have the same.
///
/// A flow is what has the same addresses, protocol and, with TCP and UDP, ports. Fragments have none but in the first,
/// so all fragments of two hosts are one flow, and so is what hides its ports behind extension headers. What is not IP
/// goes by the MAC addresses.
public final class FlowHash {
    // odd numbers of 64 random bits, as multipliers that spread
    private static final long FIRST = 0x9e37_79b9_7f4a_7c15L;
    private static final long SECOND = 0xbf58_476d_1ce4_e5b9L;

    private FlowHash() {
    }

    /// Chooses one of several for a flow.
    ///
    /// @param frame address of the first byte
    /// @param head bytes that may be read, 14 or more
    /// @param count how many there are to choose from, 1 or more
    /// @return 0 to `count - 1`
    public static int share(long frame, int head, int count) {
        long hash = of(frame, head) >>> 32;
        return (int) (hash * count >>> 32);
    }

    private static long of(long frame, int head) {
        int network = Ethernet.headerLength(frame, head);
        int type = NetworkOrder.u16(frame + network - 2);
        long packet = frame + network;
        int available = head - network;
        if (type == Ethernet.TYPE_IPV4 && Ipv4.isValid(packet, available)) {
            long addresses = (long) Ipv4.source(packet) << 32 ^ Ipv4.destination(packet) & 0xffff_ffffL;
            int length = Ipv4.headerLength(packet);
            int protocol = Ipv4.isFragment(packet) ? -1 : Ipv4.protocol(packet);
            return mixed(addresses, transport(protocol, packet + length, available - length));
        }
        if (type == Ethernet.TYPE_IPV6 && Ipv6.isValid(packet, available)) {
            long addresses = mixed(mixed(Ipv6.sourceHigh(packet), Ipv6.sourceLow(packet)),
                    mixed(Ipv6.destinationHigh(packet), Ipv6.destinationLow(packet)));
            return mixed(addresses,
                    transport(Ipv6.nextHeader(packet), packet + Ipv6.LENGTH, available - Ipv6.LENGTH));
        }
        return mixed(Ethernet.source(frame), Ethernet.destination(frame));
    }

    /// Both ports and the protocol, or the protocol alone. TCP has its ports where UDP has them.
    private static long transport(int protocol, long header, int available) {
        boolean hasPorts = (protocol == Tcp.PROTOCOL || protocol == Udp.PROTOCOL) && available >= Udp.LENGTH;
        long ports = hasPorts ? (long) Udp.sourcePort(header) << 16 | Udp.destinationPort(header) : 0;
        return (long) protocol << 32 ^ ports;
    }

    private static long mixed(long a, long b) {
        long sum = a * FIRST + b;
        long hash = (sum ^ sum >>> 32) * SECOND;
        return hash ^ hash >>> 29;
    }
}
