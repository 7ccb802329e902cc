package org.vswitch.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.udp.UdpRig.GUEST_PORT;
import static org.vswitch.slirp.udp.UdpRig.REMOTE_PORT;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.wire.Udp;

/// How long flows live and how many there may be: T52, T54.
class UdpLimitsTest {
    private static final int NAME_SERVER = 53;
    private static final byte[] DATA = {1};

    private final UdpRig rig = new UdpRig(Reach.WORLD,
            new UdpSettings(12, 6, 0x243f_6a88_85a3_08d3L, 0x1319_8a2e_0370_7344L));
    private FakeDatagramPeer peer;
    private FakeDatagramPeer names;

    @BeforeEach
    void answer() {
        peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        names = rig.host.datagramPeer(0, UdpRig.outside(), NAME_SERVER);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// T52.
    @Test
    void shouldForgetWhatNobodyAnsweredAfter120Seconds() {
        assertEquals(Long.MAX_VALUE, rig.flows.nextDeadlineNs());
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        assertEquals(rig.nowNs + 120 * UdpRig.SECOND_NS, rig.flows.nextDeadlineNs());
        rig.pass(119);
        assertTrue(peer.send(DATA, GUEST_PORT));
        rig.poll();
        rig.send(GUEST_PORT + 1, REMOTE_PORT, DATA);
        rig.pass(120);
        assertTrue(peer.send(DATA, GUEST_PORT));
        assertFalse(peer.send(DATA, GUEST_PORT + 1));
    }

    /// T52.
    @Test
    void shouldForgetStreamsAfter300Seconds() {
        stream(GUEST_PORT);
        rig.pass(299);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.pass(299);
        assertEquals(1, rig.flows.flows());
        assertEquals(rig.nowNs + UdpRig.SECOND_NS, rig.flows.nextDeadlineNs());
        rig.pass(1);
        assertEquals(0, rig.flows.flows());
        assertEquals(0, rig.host.openSockets());
    }

    /// T52.
    @Test
    void shouldForgetAnsweredNameQueriesAfter20Seconds() {
        rig.send(GUEST_PORT, NAME_SERVER, DATA);
        rig.pass(21);
        names.send(DATA, GUEST_PORT);
        rig.poll();
        rig.pass(19);
        assertEquals(1, rig.flows.flows());
        rig.pass(1);
        assertEquals(0, rig.flows.flows());
    }

    @Test
    void shouldKeepPortsThatServeForMoreThanNames() {
        rig.send(GUEST_PORT, NAME_SERVER, DATA);
        names.send(DATA, GUEST_PORT);
        rig.poll();
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.pass(299);
        assertEquals(1, rig.flows.flows());
    }

    @Test
    void shouldEndOneWayFlowsFirstAndThoseOfTheGuestWhoWantsMore() {
        rig.send(from(9, 100));
        rig.pass(1);
        stream(GUEST_PORT);
        rig.ip.sent.poll();
        for (int i = 1; i < 20; i++) {
            rig.pass(1);
            rig.send(GUEST_PORT + i, REMOTE_PORT, DATA);
        }
        assertEquals(7, rig.flows.flows());
        assertEquals(14, rig.ip.counters.value(StackDrop.LIMIT));
        assertTrue(peer.send(DATA, GUEST_PORT), "the stream is older, but a stream");
        assertFalse(peer.send(DATA, GUEST_PORT + 14));
        assertTrue(peer.send(DATA, GUEST_PORT + 15));
        assertEquals(0, rig.ip.sent.count() - 1, "nobody is told");
    }

    /// 12 flows in all: two greedy guests have six each, and a third one still gets its share.
    @Test
    void shouldTakeFromWhoHasMost() {
        for (int i = 0; i < 10; i++) {
            rig.send(from(1, GUEST_PORT + i));
            rig.send(from(2, GUEST_PORT + i));
        }
        assertEquals(12, rig.flows.flows());
        for (int i = 0; i < 3; i++) {
            rig.send(from(3, GUEST_PORT + 100 + i));
        }
        for (int i = 0; i < 50; i++) {
            rig.send(from(1, GUEST_PORT + 200 + i));
            rig.send(from(2, GUEST_PORT + 300 + i));
        }
        assertEquals(12, rig.flows.flows());
        for (int i = 0; i < 3; i++) {
            assertTrue(peer.send(DATA, GUEST_PORT + 100 + i));
        }
    }

    @Test
    void shouldMakeRoomWhenTheHostHasNoSocketsLeft() {
        rig.host.mostSockets(3);
        for (int i = 0; i < 4; i++) {
            rig.send(GUEST_PORT + i, REMOTE_PORT, DATA);
        }
        assertEquals(3, rig.flows.flows());
        assertFalse(peer.send(DATA, GUEST_PORT));
        assertTrue(peer.send(DATA, GUEST_PORT + 3));
        assertEquals(1, rig.ip.counters.value(StackDrop.LIMIT));
    }

    @Test
    void shouldSayThatThereIsNoSocketLeft() {
        rig.host.mostSockets(0);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        assertArrayEquals(new byte[] {3, 13}, Arrays.copyOfRange(rig.ip.takeSent(), 34, 36));
        assertEquals(1, rig.ip.counters.value(StackDrop.LIMIT));
        rig.host.mostSockets(1);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        assertEquals(1, rig.flows.flows());
    }

    @Test
    void shouldSayThatASocketCannotBeWatched() {
        rig.host.lacksMemory(true);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        assertArrayEquals(new byte[] {3, 13}, Arrays.copyOfRange(rig.ip.takeSent(), 34, 36));
        assertEquals(1, rig.ip.counters.value(StackDrop.LIMIT));
        assertEquals(0, rig.flows.flows());
        assertEquals(0, rig.host.openSockets());
    }

    /// T54, and the flood of bad input 21: whoever sweeps all ports has others' flows and its next one untouched.
    @Test
    void shouldServeAfterASweepOfAllPorts() {
        rig.send(from(9, 100));
        byte[] bytes = UdpRig.v4(1, REMOTE_PORT, DATA).packet();
        try (ExactMemory memory = new ExactMemory()) {
            Packet packet = UdpPackets.of(memory.place(bytes), bytes.length);
            for (int port = 1; port < 65_536; port++) {
                Udp.sourcePort(packet.payload, port);
                rig.input.receive(packet, rig.nowNs);
                peer.receive();
            }
        }
        assertEquals(7, rig.flows.flows());
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        assertArrayEquals(DATA, peer.receive().bytes());
    }

    /// Flows of a guest that moves count at its new station.
    @Test
    void shouldCountFlowsAtTheStationThatTheyMoveTo() {
        for (int i = 0; i < 12; i++) {
            rig.send(UdpRig.v4(GUEST_PORT + i, REMOTE_PORT, DATA).stations(GUEST + i / 6, ROUTER).frame());
        }
        for (int i = 0; i < 12; i++) {
            rig.send(UdpRig.v4(GUEST_PORT + i, REMOTE_PORT, DATA).stations(GUEST, ROUTER).frame());
        }
        assertEquals(6, rig.flows.flows());
        for (int i = 0; i < 6; i++) { // both stations, the one left and the one found, count as they should
            rig.send(from(1, GUEST_PORT + i));
            rig.send(from(2, GUEST_PORT + i));
        }
        assertEquals(12, rig.flows.flows());
    }

    @Test
    void shouldNotTellAFlowWhatItsPredecessorWasWatchedFor() {
        UdpFlow flow = new UdpFlow(3);
        long token = flow.token();
        flow.end();
        assertNotEquals(token, flow.token());
    }

    /// The flow table against a map, with collisions.
    @Test
    void shouldFindWhatIsThere() {
        UdpFlowTable table = new UdpFlowTable(new UdpSettings(64, 64, 5, 6));
        Map<Integer, UdpFlow> model = new HashMap<>();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            int port = random.nextInt(100);
            UdpFlow known = model.get(port);
            assertEquals(known, table.find(1, 2, port), "seed=" + seed);
            if (known != null) {
                table.remove(model.remove(port));
            } else if (model.size() < 64) {
                UdpFlow flow = new UdpFlow(i);
                flow.guestHigh = 1;
                flow.guestLow = 2;
                flow.guestPort = port;
                table.add(flow);
                model.put(port, flow);
            }
        }
    }

    private void stream(int port) {
        rig.send(port, REMOTE_PORT, DATA);
        peer.send(DATA, port);
        rig.poll();
    }

    private static byte[] from(int guest, int port) {
        return UdpRig.v4(port, REMOTE_PORT, DATA).from(GUEST_V4 + guest).stations(GUEST + guest, ROUTER).frame();
    }
}
