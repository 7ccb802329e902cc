package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.host.FakePeer;
import org.vswitch.slirp.host.FakeServer;
import org.vswitch.wire.IpAddress;

/// The process is stopped for a while, or the machine: then every deadline is due at once, and what guests and servers
/// have said meanwhile waits. Nobody who is still there loses anything.
class StallTest {
    private static final int CONNECTIONS = 50;
    private static final byte[] TEXT = Pings.pattern(1_000);

    private final StackRig rig = new StackRig();
    private final GuestSide side = new GuestSide(rig);

    @AfterEach
    void close() {
        rig.close();
        side.close();
    }

    /// Bad input 37: connections, idle or with text under way, last through a stop of any length.
    @ParameterizedTest
    @ValueSource(longs = {5, 300, 3_600, 36_000})
    void shouldKeepConnections(long seconds) {
        FakeServer server = rig.host.server(0, IpAddress.v4(OUTSIDE_V4), 80);
        List<GuestTcp> connections = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            connections.add(side.open(i % 5, 10_000 + i, OUTSIDE_V4, 80));
        }
        side.turn();
        List<FakePeer> peers = new ArrayList<>();
        for (GuestTcp connection : connections) {
            assertTrue(connection.isOpen());
            peers.add(server.accept());
        }
        for (int i = 0; i < CONNECTIONS; i += 2) {
            assertEquals(TEXT.length, peers.get(i).send(TEXT));
        }
        standStill(seconds);
        for (int i = 0; i < CONNECTIONS; i++) {
            connections.get(i).send(TEXT);
        }
        side.pass(TimeUnit.SECONDS.toNanos(1));
        for (int i = 0; i < CONNECTIONS; i++) {
            assertFalse(connections.get(i).hasEnded());
            assertArrayEquals(i % 2 == 0 ? TEXT : new byte[0], connections.get(i).received());
            assertArrayEquals(TEXT, peers.get(i).receive());
        }
        assertEquals(0, rig.drops());
    }

    /// Bad input 37: the server has accepted while nobody looked, so the time for that is not over.
    @Test
    void shouldConnectIfTheHostHasMeanwhile() {
        FakeServer server = rig.host.server(0, IpAddress.v4(OUTSIDE_V4), 80).silent();
        GuestTcp connection = side.open(0, 10_000, OUTSIDE_V4, 80);
        side.turn();
        assertFalse(connection.isOpen());
        server.accepting();
        standStill(3_600);
        assertTrue(connection.isOpen());
        assertFalse(connection.hasEnded());
    }

    /// Bad input 37: a flow that is used keeps its port, and the answer that waits in its socket is delivered.
    @Test
    void shouldKeepFlowsThatAreUsed() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, IpAddress.v4(OUTSIDE_V4), 7);
        byte[] frame = new GuestPackets.V4().payload(GuestPackets.UDP, GuestPackets.udp(999, 7, TEXT)).frame();
        rig.send(frame);
        int port = peer.receive().port();
        assertTrue(peer.send(TEXT, port));
        rig.nowNs += TimeUnit.HOURS.toNanos(1);
        rig.stack.begin(rig.nowNs);
        rig.stack.onHostReady(rig.nowNs);
        assertEquals(14 + 20 + 8 + TEXT.length, rig.take().length);
        rig.send(frame);
        rig.stack.begin(rig.nowNs);
        assertEquals(port, peer.receive().port());
        assertEquals(1, rig.host.openSockets());
    }

    /// What nobody uses ends nevertheless, one pass later.
    @Test
    void shouldEndWhatNobodyUses() {
        rig.host.datagramPeer(0, IpAddress.v4(OUTSIDE_V4), 7);
        rig.send(new GuestPackets.V4().payload(GuestPackets.UDP, GuestPackets.udp(999, 7, TEXT)).frame());
        rig.nowNs += TimeUnit.HOURS.toNanos(1);
        rig.stack.begin(rig.nowNs);
        assertEquals(1, rig.host.openSockets());
        rig.stack.begin(rig.nowNs);
        assertEquals(0, rig.host.openSockets());
    }

    /// What a pass of the router's owner does first, and then in any case, after so many seconds.
    private void standStill(long seconds) {
        rig.nowNs += TimeUnit.SECONDS.toNanos(seconds);
        rig.stack.begin(rig.nowNs);
        rig.stack.onHostReady(rig.nowNs);
        side.turn();
    }
}
