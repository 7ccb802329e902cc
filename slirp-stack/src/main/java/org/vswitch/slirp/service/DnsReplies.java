package org.vswitch.slirp.service;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.udp.UdpOutput;
import org.vswitch.slirp.wire.Dns;

/// Answers to guests, from the address that they asked. What finds no room in the outbox is lost, which has been
/// counted; guests ask again.
final class DnsReplies implements AutoCloseable {
    /// The longest UDP datagram.
    private static final int ROOM = 1 << 16;

    private final UdpOutput output;
    private final Envelope envelope = new Envelope();
    private final long memory = NativeMemory.map(ROOM);

    DnsReplies(UdpOutput output) {
        this.output = output;
    }

    /// Says only how the query went.
    void error(DnsQuery query, int rcode) {
        int length = Dns.emitError(memory, query.message, query.length, rcode);
        Dns.id(memory, query.guestId());
        send(query, memory, length);
    }

    /// Sends the guest to TCP.
    void truncated(DnsQuery query) {
        int length = Dns.emitTruncated(memory, query.message, query.length);
        Dns.id(memory, query.guestId());
        send(query, memory, length);
    }

    /// Passes an answer on as it is but for its ID, if the guest takes so much (RFC 1035, 4.2.1; RFC 6891, 6.2.3).
    ///
    /// @param message of the server; its ID is changed
    void answer(DnsQuery query, long message, int length) {
        if (length > Math.min(query.udpSize, UdpOutput.MAX_DATA)) {
            truncated(query);
            return;
        }
        Dns.id(message, query.guestId());
        send(query, message, length);
    }

    @Override
    public void close() {
        NativeMemory.unmap(memory, ROOM);
    }

    private void send(DnsQuery query, long message, int length) {
        query.address(envelope);
        long room = output.begin(envelope, Dns.PORT, query.guestPort(), length);
        if (room != 0) {
            NativeMemory.copy(message, room, length);
            output.commit();
        }
    }
}
