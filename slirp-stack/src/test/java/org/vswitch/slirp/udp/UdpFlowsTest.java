package org.vswitch.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.udp.UdpRig.GUEST_PORT;
import static org.vswitch.slirp.udp.UdpRig.REMOTE_PORT;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.host.FakeDatagram;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.wire.IpAddress;

/// Datagrams through the router and back: T47 to T50, T53, T56.
class UdpFlowsTest {
    private static final byte[] DATA = {5, 6, 7, 8, 9};
    private static final long LOOPBACK = IpAddress.v4(0x7f00_0001);

    private UdpRig rig = new UdpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    /// T47, T50, T56.
    @Test
    void shouldCarryDatagramsBothWays() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        FakeDatagram sent = peer.receive();
        assertArrayEquals(DATA, sent.bytes());
        assertEquals(GUEST_PORT, sent.port());
        assertTrue(peer.send(new byte[] {1}, sent.port()));
        rig.poll();
        UdpRig.Answer answer = rig.takeV4();
        assertArrayEquals(new byte[] {1}, answer.data());
        assertEquals(OUTSIDE_V4, answer.source());
        assertEquals(REMOTE_PORT, answer.sourcePort());
        assertEquals(GUEST_PORT, answer.port());
        assertEquals(0, rig.ip.drops());
    }

    /// T47.
    @Test
    void shouldCarryDatagramsOfEverySize() {
        rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT).echoing();
        for (int size : new int[] {0, 1, 17, 18, 19, 1472, 1473, 9000, 65_507}) {
            byte[] data = new byte[size];
            new Random(size).nextBytes(data);
            whole(UdpRig.v4(GUEST_PORT, REMOTE_PORT, data).packet());
            rig.poll();
            assertArrayEquals(data, gathered(20, size + 8), "size=" + size);
        }
    }

    /// T47.
    @Test
    void shouldCarryDatagramsOfEverySizeOverIpv6() {
        rig.host.datagramPeer(OUTSIDE_HIGH, 1, REMOTE_PORT).echoing();
        for (int size : new int[] {0, 1, 1452, 1453, 9000, 65_527}) {
            byte[] data = new byte[size];
            new Random(size).nextBytes(data);
            whole(UdpRig.v6(GUEST_PORT, REMOTE_PORT, data).packet());
            rig.poll();
            assertArrayEquals(data, gathered(40, size + 8), "size=" + size);
        }
    }

    /// T48.
    @Test
    void shouldShowEverybodyTheSameEndpoint() {
        FakeDatagramPeer one = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        FakeDatagramPeer other = rig.host.datagramPeer(0, UdpRig.outside() + 1, REMOTE_PORT + 1);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.send(UdpRig.v4(GUEST_PORT, REMOTE_PORT + 1, DATA).to(OUTSIDE_V4 + 1).frame());
        assertEquals(one.receive().port(), other.receive().port());
        assertEquals(1, rig.flows.flows());
        assertEquals(1, rig.host.openSockets());
    }

    /// T49: the default filters nobody.
    @Test
    void shouldDeliverFromStrangersWithTheirTrueSource() {
        rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        assertTrue(rig.host.datagramPeer(0, UdpRig.outside() + 9, 99).send(DATA, GUEST_PORT));
        rig.poll();
        UdpRig.Answer answer = rig.takeV4();
        assertEquals(OUTSIDE_V4 + 9, answer.source());
        assertEquals(99, answer.sourcePort());
    }

    @Test
    void shouldNotLetStrangersSpeakForTheRouterOrGuests() {
        rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.host.datagramPeer(0, IpAddress.v4(ROUTER_V4 + 1), 53).send(DATA, GUEST_PORT);
        rig.host.datagramPeer(0, IpAddress.v4(GUEST_V4 + 1), 53).send(DATA, GUEST_PORT);
        rig.poll();
        assertEquals(2, rig.ip.counters.value(StackDrop.BAD_SOURCE));
        assertEquals(0, rig.ip.sent.count());
    }

    /// T50: where it is not free another takes its place.
    @Test
    void shouldTakeAnotherPortForASecondGuestWithTheSame() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT).echoing();
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.send(UdpRig.v4(GUEST_PORT, REMOTE_PORT, DATA).from(GUEST_V4 + 1).stations(OTHER_GUEST, ROUTER).frame());
        assertEquals(2, rig.flows.flows());
        rig.poll();
        for (int i = 0; i < 2; i++) {
            byte[] frame = rig.ip.sent.poll();
            assertEquals(frame[33] == 15 ? 0x15 : 0x16, frame[5], "the station of another guest");
        }
        assertNull(peer.receive());
    }

    @Test
    void shouldNotTakeThePortsOfTheHostsOwnServices() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        rig.send(123, REMOTE_PORT, DATA);
        int port = peer.receive().port();
        assertTrue(port >= 1024, "port=" + port);
        rig.send(1024, REMOTE_PORT, DATA);
        assertEquals(1024, peer.receive().port());
    }

    @Test
    void shouldCarryHopLimitAndTrafficClassBothWays() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        byte[] frame = UdpRig.v4(GUEST_PORT, REMOTE_PORT, DATA).ttl(17).frame();
        frame[15] = (byte) 0xb8;
        FrameCheck.fillChecksum(frame, 14, 34, 10);
        rig.send(frame);
        FakeDatagram sent = peer.receive();
        assertEquals(16, sent.hopLimit());
        assertEquals(0xb8, sent.trafficClass());
        peer.send(new FakeDatagram(DATA, GUEST_PORT, 33, 0x28));
        rig.poll();
        UdpRig.Answer answer = rig.takeV4();
        assertEquals(32, answer.ttl());
        assertEquals(0x28, answer.typeOfService());
    }

    @Test
    void shouldAnswerToTheLatestStationOfTheGuest() {
        rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT).echoing();
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.send(UdpRig.v4(GUEST_PORT, REMOTE_PORT, DATA).stations(OTHER_GUEST, ROUTER).frame());
        rig.poll();
        assertEquals(1, rig.flows.flows());
        assertEquals(2, rig.ip.sent.size());
        assertEquals(0x16, rig.ip.sent.poll()[5]);
    }

    @Test
    void shouldReachTheHostByTheRoutersAddressIfThatIsAllowed() {
        rig.send(UdpRig.v4(GUEST_PORT, REMOTE_PORT, DATA).to(ROUTER_V4).frame());
        assertEquals(3, rig.ip.takeSent()[35]); // port unreachable
        rig.close();
        rig = new UdpRig(Reach.WORLD_AND_HOST, new UdpSettings(32, 8, 1, 2));
        rig.host.datagramPeer(0, LOOPBACK, REMOTE_PORT).echoing();
        rig.send(UdpRig.v4(GUEST_PORT, REMOTE_PORT, DATA).to(ROUTER_V4).frame());
        rig.poll();
        assertEquals(ROUTER_V4, rig.takeV4().source());
    }

    @Test
    void shouldSayThatThePolicyForbidsIt() {
        rig.host.own(0, IpAddress.v4(0xc000_0207));
        for (int denied : new int[] {0xc000_0207, 0xa9fe_a9fe}) {
            rig.send(UdpRig.v4(GUEST_PORT, REMOTE_PORT, DATA).to(denied).frame());
            assertArrayEquals(new byte[] {3, 13}, Arrays.copyOfRange(rig.ip.takeSent(), 34, 36));
        }
        assertEquals(2, rig.ip.counters.value(StackDrop.POLICY));
        assertEquals(0, rig.flows.flows());
    }

    /// The host may get an address while it runs.
    @Test
    void shouldAskThePolicyAgainAfterAWhile() {
        rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT).echoing();
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.host.own(0, UdpRig.outside());
        rig.pass(1);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        assertEquals(1, rig.ip.counters.value(StackDrop.POLICY));
    }

    @Test
    void shouldCountWhatTheHostDoesNotTake() {
        rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT).congested(true);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        assertEquals(1, rig.ip.counters.value(StackDrop.OUTPUT_FULL));
        assertEquals(0, rig.ip.sent.count());
    }

    @Test
    void shouldTakeAFewDatagramsOfAFlowAtATime() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.send(GUEST_PORT + 1, REMOTE_PORT, DATA);
        for (int i = 0; i < 100; i++) {
            peer.send(DATA, GUEST_PORT);
        }
        peer.send(DATA, GUEST_PORT + 1);
        rig.poll();
        assertEquals(HostNetwork.BATCH + 1, rig.ip.sent.size());
        for (int i = 0; i < 3; i++) {
            rig.poll();
        }
        assertEquals(101, rig.ip.sent.size());
    }

    @Test
    void shouldLeaveDatagramsInTheSocketWhenThereIsNoRoom() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        for (int i = 0; i < 10; i++) {
            peer.send(DATA, GUEST_PORT);
        }
        rig.ip.sent.capacity(2);
        rig.poll();
        rig.ip.sent.capacity(100);
        rig.poll();
        assertEquals(9, rig.ip.sent.size());
        assertEquals(1, rig.ip.counters.value(StackDrop.OUTPUT_FULL));
    }

    @Test
    void shouldLeaveDatagramsInTheSocketsWhileTheGuestsSideIsSlow() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT);
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        for (int i = 0; i < 10; i++) {
            peer.send(DATA, GUEST_PORT);
        }
        rig.ip.sent.halfFullAt(4);
        for (int i = 0; i < 3; i++) {
            rig.poll();
            assertEquals(4, rig.ip.sent.size());
        }
        for (int i = 0; i < 10; i++) {
            assertNotNull(rig.ip.sent.poll());
            rig.poll();
        }
        assertEquals(0, rig.ip.drops());
    }

    @Test
    void shouldAllocateNothingInSteadyState() {
        rig.close();
        rig = new UdpRig(new IpRig(UdpRig.counting(), 1500), Reach.WORLD, new UdpSettings(32, 8, 1, 2));
        rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT).echoing();
        try (ExactMemory memory = new ExactMemory()) {
            byte[] frame = UdpRig.v4(GUEST_PORT, REMOTE_PORT, new byte[3000]).packet();
            Packet packet = packet(memory.place(frame), frame.length);
            assertEquals(0, Allocations.bytesOf(60_000, 5_000, () -> {
                rig.nowNs += 1000;
                rig.input.receive(packet, rig.nowNs);
                rig.poll();
                rig.flows.expire(rig.nowNs);
            }));
            assertTrue(rig.ip.sent.count() >= 3 * 65_000, "nothing came back");
        }
    }

    /// Hands in a packet as it is behind reassembly, whatever its size.
    private void whole(byte[] bytes) {
        try (ExactMemory memory = new ExactMemory()) {
            rig.input.receive(packet(memory.place(bytes), bytes.length), rig.nowNs);
        }
    }

    private static Packet packet(long address, int length) {
        return UdpPackets.of(address, length);
    }

    /// The data of the datagram that the guest puts together from all frames sent.
    private byte[] gathered(int headerLength, int length) {
        byte[] datagram = new byte[length];
        int got = 0;
        for (byte[] frame = rig.ip.sent.poll(); frame != null; frame = rig.ip.sent.poll()) {
            FrameCheck.verify(frame);
            byte[] packet = FrameCheck.packet(frame);
            boolean v6Fragment = headerLength == 40 && packet[6] == 44;
            int headers = headerLength + (v6Fragment ? 8 : 0);
            int offset = headerLength == 20 ? (FrameCheck.u16(packet, 6) & 0x1fff) * 8
                    : v6Fragment ? FrameCheck.u16(packet, 42) & 0xfff8 : 0;
            System.arraycopy(packet, headers, datagram, offset, packet.length - headers);
            got += packet.length - headers;
        }
        assertEquals(length, got);
        assertEquals(length & 0xffff, FrameCheck.u16(datagram, 4));
        return Arrays.copyOfRange(datagram, 8, length);
    }
}
