package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.FakePeer;
import org.vswitch.slirp.host.FakeServer;
import org.vswitch.slirp.service.ResolvConf;
import org.vswitch.wire.IpAddress;

/// T28: DNS over TCP at the name server's address of a whole router. The router looks at nothing of it, so whatever the
/// two ends agree on works: several queries at once, answers in another order, lengths in pieces (RFC 7766, 6.2 and 8).
class NameServerStreamTest {
    private static final long SERVER = IpAddress.v4(0xc000_0202);

    private final StackRig rig = new StackRig();
    private final GuestSide side = new GuestSide(rig);
    private FakeServer server;
    private GuestTcp guest;
    private FakePeer peer;

    @BeforeEach
    void connect() {
        rig.servers = ResolvConf.parse("nameserver 192.0.2.2");
        server = rig.host.server(0, SERVER, 53);
        guest = side.open(0, 40_000, GuestPackets.DNS_V4, 53);
        side.turn();
        assertTrue(guest.isOpen());
        peer = server.accept();
        assertNotNull(peer);
    }

    @AfterEach
    void close() {
        rig.close();
        side.close();
    }

    private static byte[] message(int id, int length) {
        byte[] message = new byte[2 + length];
        Arrays.fill(message, (byte) id);
        ByteBuffer.wrap(message).putShort((short) length).putShort((short) id);
        return message;
    }

    private void expectAtServer(byte[] stream) {
        side.pass(TimeUnit.MILLISECONDS.toNanos(10));
        assertArrayEquals(stream, peer.receive());
    }

    private void expectAtGuest(byte[] stream) {
        side.pass(TimeUnit.MILLISECONDS.toNanos(10));
        assertArrayEquals(stream, guest.received());
    }

    @Test
    void shouldCarryQueriesByteByByte() {
        byte[] query = message(1, 40);
        for (byte octet : query) {
            guest.send(octet);
            side.turn();
        }
        expectAtServer(query);
    }

    @Test
    void shouldCarrySeveralQueriesInOneSegment() {
        byte[] queries = GuestPackets.join(message(1, 30), message(2, 31), message(3, 32));
        guest.send(queries);
        expectAtServer(queries);
    }

    /// The second query's length lies in two segments.
    @Test
    void shouldCarryLengthsInPieces() {
        byte[] queries = GuestPackets.join(message(1, 30), message(2, 31));
        guest.send(Arrays.copyOf(queries, 33)).send(Arrays.copyOfRange(queries, 33, queries.length));
        expectAtServer(queries);
        peer.send(Arrays.copyOf(queries, 1));
        side.turn();
        peer.send(Arrays.copyOfRange(queries, 1, queries.length));
        expectAtGuest(queries);
    }

    @Test
    void shouldCarryAnswersInAnyOrderAndOfAnySize() {
        guest.send(GuestPackets.join(message(1, 30), message(2, 31)));
        side.turn();
        byte[] answers = GuestPackets.join(message(2, 65_533), message(1, 12));
        int sent = peer.send(answers);
        assertTrue(sent > 0);
        while (sent < answers.length) {
            side.turn();
            sent += peer.send(Arrays.copyOfRange(answers, sent, answers.length));
        }
        expectAtGuest(answers);
    }

    /// Bad input 31: a length of 0, and a client that says how long its query is and never sends it. The connection is
    /// the server's business; other guests' are none of it.
    @ParameterizedTest
    @ValueSource(ints = {0, 65_535})
    void shouldLeaveLengthsToTheServer(int length) {
        byte[] prefix = ByteBuffer.allocate(2).putShort((short) length).array();
        guest.send(prefix);
        expectAtServer(prefix);
        GuestTcp other = side.open(1, 40_000, GuestPackets.DNS_V4, 53);
        side.turn();
        assertTrue(other.isOpen());
        peer.close();
        side.turn();
        assertTrue(guest.hasEnded());
        guest.end();
        other.end();
        FakePeer second = server.accept();
        second.close();
        side.pass(TimeUnit.MINUTES.toNanos(5));
        assertEquals(0, rig.host.openSockets());
        assertTrue(rig.stack.isIdle());
    }
}
