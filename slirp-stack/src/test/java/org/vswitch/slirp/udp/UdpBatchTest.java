package org.vswitch.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.udp.UdpRig.GUEST_PORT;
import static org.vswitch.slirp.udp.UdpRig.REMOTE_PORT;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.policy.Reach;

/// Datagrams that come in one batch of frames go together, and lose nothing by it.
class UdpBatchTest {
    private UdpRig rig = new UdpRig();
    private final List<ExactMemory> frames = new ArrayList<>();

    @AfterEach
    void close() {
        rig.close();
        frames.forEach(ExactMemory::close);
    }

    @Test
    void shouldSendWhatBelongsTogetherAtTheEndOfTheBatch() {
        FakeDatagramPeer peer = peer(REMOTE_PORT);
        add(GUEST_PORT, REMOTE_PORT, 1);
        add(GUEST_PORT, REMOTE_PORT, 2);
        assertNull(peer.receive(), "sent one by one");
        rig.flows.endBatch(rig.nowNs);
        expect(peer, 1, 2);
    }

    @Test
    void shouldKeepTheOrderOfEachFlowAndTellDestinationsApart() {
        FakeDatagramPeer one = peer(1000);
        FakeDatagramPeer other = peer(1001);
        add(GUEST_PORT, 1000, 1);
        add(GUEST_PORT, 1001, 2);
        add(GUEST_PORT + 1, 1001, 3);
        add(GUEST_PORT, 1000, 4);
        rig.flows.endBatch(rig.nowNs);
        expect(one, 1, 4);
        expect(other, 2, 3);
    }

    @Test
    void shouldSendMoreThanOneCallTakes() {
        FakeDatagramPeer peer = peer(REMOTE_PORT);
        for (int i = 0; i <= HostNetwork.BATCH; i++) {
            add(GUEST_PORT, REMOTE_PORT, i);
        }
        assertEquals(0, peer.receive().bytes()[0]);
        rig.flows.endBatch(rig.nowNs);
        for (int i = 1; i <= HostNetwork.BATCH; i++) {
            assertEquals(i, peer.receive().bytes()[0]);
        }
        assertNull(peer.receive());
    }

    /// What waits to be sent goes before its flow ends in favour of another one.
    @Test
    void shouldSendWhatWaitsBeforeItsFlowIsEvicted() {
        rig.close();
        rig = new UdpRig(Reach.WORLD, new UdpSettings(4, 1, 1, 2));
        FakeDatagramPeer peer = peer(REMOTE_PORT);
        add(GUEST_PORT, REMOTE_PORT, 1);
        add(GUEST_PORT + 1, REMOTE_PORT, 2);
        rig.flows.endBatch(rig.nowNs);
        assertEquals(1, rig.flows.flows());
        expect(peer, 1, 2);
    }

    /// The memory behind reassembly is used again for the next datagram.
    @Test
    void shouldSendAtOnceWhatWasPutTogetherFromFragments() {
        FakeDatagramPeer peer = peer(REMOTE_PORT);
        add(GUEST_PORT, REMOTE_PORT, 1);
        Packet packet = packet(UdpRig.v4(GUEST_PORT, REMOTE_PORT, new byte[] {2}).packet());
        packet.frame = 0;
        rig.input.receive(packet, rig.nowNs);
        expect(peer, 1, 2);
    }

    @Test
    void shouldTellTheGuestWhichOneCouldNotGoAndSendTheOthers() {
        FakeDatagramPeer peer = peer(REMOTE_PORT);
        add(GUEST_PORT, REMOTE_PORT, 1);
        byte[] tooLong = UdpRig.v4(GUEST_PORT, REMOTE_PORT, new byte[65_508]).packet();
        rig.input.receive(packet(tooLong), rig.nowNs);
        add(GUEST_PORT, REMOTE_PORT, 3);
        rig.flows.endBatch(rig.nowNs);
        expect(peer, 1, 3);
        byte[] told = rig.ip.takeSent();
        assertArrayEquals(new byte[] {3, 4}, Arrays.copyOfRange(told, 34, 36));
        assertEquals(65_508 + 8, FrameCheck.u16(told, 66), "the length in the UDP header quoted");
    }

    @Test
    void shouldCountEachThatTheHostDoesNotTake() {
        FakeDatagramPeer peer = peer(1000);
        peer(1001).congested(true);
        add(GUEST_PORT, 1001, 1);
        add(GUEST_PORT, 1000, 2);
        add(GUEST_PORT, 1001, 3);
        rig.flows.endBatch(rig.nowNs);
        assertEquals(2, rig.ip.counters.value(StackDrop.OUTPUT_FULL));
        expect(peer, 2);
    }

    @Test
    void shouldForgetWhatWaitsForRoomWhenItsFlowEnds() {
        FakeDatagramPeer peer = peer(REMOTE_PORT);
        rig.send(GUEST_PORT, REMOTE_PORT, new byte[1]);
        for (int i = 0; i < 3; i++) {
            assertTrue(peer.send(new byte[] {1}, GUEST_PORT));
        }
        rig.ip.sent.halfFullAt(1);
        rig.poll();
        assertTrue(rig.flows.holds());
        rig.pass(300);
        assertEquals(0, rig.flows.flows());
        assertFalse(rig.flows.holds());
        assertNotNull(rig.ip.sent.poll());
        rig.poll();
        assertEquals(0, rig.ip.sent.size());
    }

    private FakeDatagramPeer peer(int port) {
        return rig.host.datagramPeer(0, UdpRig.outside(), port);
    }

    /// Hands in a datagram of one byte, in a frame of its own that stays where it is.
    private void add(int fromPort, int toPort, int data) {
        rig.input.receive(packet(UdpRig.v4(fromPort, toPort, new byte[] {(byte) data}).packet()), rig.nowNs);
    }

    private Packet packet(byte[] bytes) {
        ExactMemory memory = new ExactMemory();
        frames.add(memory);
        Packet packet = UdpPackets.of(memory.place(bytes), bytes.length);
        packet.frame = packet.header;
        return packet;
    }

    private static void expect(FakeDatagramPeer peer, int... data) {
        for (int one : data) {
            assertEquals(one, peer.receive().bytes()[0]);
        }
        assertNull(peer.receive());
    }
}
