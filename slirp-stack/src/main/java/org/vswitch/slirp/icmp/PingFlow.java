package org.vswitch.slirp.icmp;

import java.util.Arrays;
import org.vswitch.slirp.host.HostToken;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.wire.Icmp;

/// The pings of one guest with one identifier, and the host's socket that they go through. The objects are used again.
///
/// Of the last requests it is remembered what an error that is reported later has to quote: their length, checksum,
/// hop limit and traffic class, by sequence number.
final class PingFlow {
    private static final int REMEMBERED = 32;
    private static final int SEQUENCE_SHIFT = 48;
    private static final int LENGTH_SHIFT = 32;
    private static final int CHECKSUM_SHIFT = 16;
    private static final int MASK = 0xffff;
    private static final long NONE = 0;

    /// Place among all flows.
    final int index;
    /// Whom the answers go to.
    long guestMac;
    long guestHigh;
    long guestLow;
    boolean v4;
    /// The guest's, not the socket's.
    int identifier;
    /// -1 without one.
    int socket = -1;
    /// When the guest last sent a request.
    long usedNs;
    /// Neighbors in the order of last use.
    PingFlow older;
    PingFlow newer;

    private final long[] requests = new long[REMEMBERED];
    /// The last destination that the policy has allowed, and when it did.
    private long allowedHigh;
    private long allowedLow;
    private long allowedNs;
    private int last;
    private int generation;

    PingFlow(int index) {
        this.index = index;
    }

    /// Begins with a guest's first request.
    void from(Packet packet) {
        guestHigh = packet.sourceHigh;
        guestLow = packet.sourceLow;
        v4 = packet.v4;
        identifier = Icmp.identifier(packet.payload);
        Arrays.fill(requests, NONE);
        generation++;
    }

    /// What readiness of the socket is reported with.
    long token() {
        return HostToken.of(HostToken.PING, generation, index);
    }

    /// The policy allows where a request goes to.
    void allow(Packet request, long nowNs) {
        allowedHigh = request.destinationHigh;
        allowedLow = request.destinationLow;
        allowedNs = nowNs;
    }

    /// Whether the last thing that the policy has allowed is where a request goes to, and that not too long ago.
    boolean isAllowed(Packet request, long sinceNs) {
        return allowedLow == request.destinationLow && allowedHigh == request.destinationHigh
                && allowedNs - sinceNs > 0;
    }

    /// Remembers a request.
    void remember(Packet request) {
        last = Icmp.sequenceNumber(request.payload);
        long entry = (long) last << SEQUENCE_SHIFT | (long) request.payloadLength << LENGTH_SHIFT;
        requests[last % REMEMBERED] = entry | Icmp.checksum(request.payload) << CHECKSUM_SHIFT & 0xffff_0000L
                | request.hopLimit << Byte.SIZE | request.trafficClass;
    }

    /// The number of the request remembered last.
    int last() {
        return last;
    }

    /// Looks a request up.
    ///
    /// @return an entry, or 0 if it is no longer remembered
    long request(int sequence) {
        long entry = requests[sequence % REMEMBERED];
        return (int) (entry >>> SEQUENCE_SHIFT) == sequence ? entry : NONE;
    }

    static int length(long entry) {
        return (int) (entry >>> LENGTH_SHIFT) & MASK;
    }

    static int checksum(long entry) {
        return (int) (entry >>> CHECKSUM_SHIFT) & MASK;
    }

    static int hopLimit(long entry) {
        return (int) (entry >>> Byte.SIZE) & 0xff;
    }

    static int trafficClass(long entry) {
        return (int) entry & 0xff;
    }
}
