package org.vswitch.slirp.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.udp.UdpRig.GUEST_PORT;
import static org.vswitch.slirp.udp.UdpRig.REMOTE_PORT;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.host.FakeReport;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.wire.IpAddress;

/// What guests hear of datagrams that did not arrive: T43 to T46, T53.
class UdpErrorsTest {
    private static final byte[] DATA = {5, 6, 7, 8, 9};
    private static final int HOP_V4 = 0xc000_0201;
    private static final long HOP = IpAddress.v4(HOP_V4);

    private UdpRig rig = new UdpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    /// T44: nobody has the port; the guest's system finds the socket by the packet quoted, which is its own but for the
    /// identification, and the checksum that goes with it.
    @Test
    void shouldSayThatNobodyHasThePortAndQuoteTheGuestsPacket() {
        byte[] asked = UdpRig.v4(GUEST_PORT, REMOTE_PORT, DATA).identification(0).frame();
        rig.send(asked);
        rig.poll();
        byte[] told = rig.ip.takeSent();
        assertArrayEquals(new byte[] {3, 3}, Arrays.copyOfRange(told, 34, 36));
        assertEquals(OUTSIDE_V4, ByteBuffer.wrap(told).getInt(26));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length), Arrays.copyOfRange(told, 42, 75));
    }

    /// T44.
    @Test
    void shouldSayOverIpv6ThatNobodyHasThePort() {
        byte[] asked = UdpRig.v6(GUEST_PORT, REMOTE_PORT, DATA).frame();
        rig.send(asked);
        rig.poll();
        byte[] told = rig.ip.takeSent();
        assertArrayEquals(new byte[] {1, 4}, Arrays.copyOfRange(told, 54, 56));
        assertEquals(OUTSIDE_HIGH, ByteBuffer.wrap(told).getLong(22));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length), Arrays.copyOfRange(told, 62, 115));
    }

    /// T43, T42: many probes on their way at a time; each answer quotes the probe that it is about.
    @Test
    void shouldShowTheHopsOfTheWay() {
        for (int i = 0; i < 3; i++) {
            rig.host.datagramPeer(0, UdpRig.outside(), 33_434 + i).unreachable(FakeReport.timeExceeded(0, HOP + i));
            rig.send(GUEST_PORT, 33_434 + i, new byte[32]);
        }
        rig.poll();
        for (int i = 0; i < 3; i++) {
            byte[] told = rig.ip.sent.poll();
            FrameCheck.verify(told);
            assertArrayEquals(new byte[] {11, 0}, Arrays.copyOfRange(told, 34, 36));
            assertEquals(HOP_V4 + i, ByteBuffer.wrap(told).getInt(26));
            assertEquals(GUEST_PORT, FrameCheck.u16(told, 62));
            assertEquals(33_434 + i, FrameCheck.u16(told, 64));
            assertEquals(40, FrameCheck.u16(told, 66));
        }
        assertEquals(0, rig.ip.sent.size());
    }

    /// T46.
    @Test
    void shouldTellTheMtuOfTheWay() {
        rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT)
                .unreachable(new FakeReport(Errno.EMSGSIZE, 3, 4, 1300, 0, HOP));
        rig.send(GUEST_PORT, REMOTE_PORT, new byte[1400]);
        rig.poll();
        byte[] told = rig.ip.takeSent();
        assertArrayEquals(new byte[] {3, 4}, Arrays.copyOfRange(told, 34, 36));
        assertEquals(1300, FrameCheck.u16(told, 40));
    }

    @Test
    void shouldSayThatADatagramIsTooLongForTheHost() {
        byte[] bytes = UdpRig.v4(GUEST_PORT, REMOTE_PORT, new byte[65_508]).packet();
        try (ExactMemory memory = new ExactMemory()) {
            rig.input.receive(UdpPackets.of(memory.place(bytes), bytes.length), rig.nowNs);
        }
        byte[] told = rig.ip.takeSent();
        assertArrayEquals(new byte[] {3, 4}, Arrays.copyOfRange(told, 34, 36));
    }

    @Test
    void shouldQuoteTheRoutersAddressWhereTheGuestMeantTheHost() {
        rig.close();
        rig = new UdpRig(Reach.WORLD_AND_HOST, new UdpSettings(32, 8, 1, 2));
        rig.send(UdpRig.v4(GUEST_PORT, REMOTE_PORT, DATA).to(ROUTER_V4).frame());
        rig.poll();
        byte[] told = rig.ip.takeSent();
        assertEquals(ROUTER_V4, ByteBuffer.wrap(told).getInt(26));
        assertEquals(ROUTER_V4, ByteBuffer.wrap(told).getInt(58));
    }

    /// T53.
    @Test
    void shouldKeepTheFlowThroughErrorsAndNotProlongIt() {
        FakeDatagramPeer peer = rig.host.datagramPeer(0, UdpRig.outside(), REMOTE_PORT)
                .unreachable(FakeReport.portUnreachable(0, UdpRig.outside()));
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.poll();
        rig.ip.takeSent();
        assertEquals(1, rig.flows.flows());
        assertTrue(peer.unreachable(null).send(DATA, GUEST_PORT));
        rig.poll();
        assertArrayEquals(DATA, rig.takeV4().data());
        peer.unreachable(FakeReport.timeExceeded(0, HOP));
        rig.send(GUEST_PORT, REMOTE_PORT, DATA);
        rig.pass(299);
        rig.poll();
        rig.ip.takeSent();
        rig.pass(1);
        assertEquals(0, rig.flows.flows());
    }

    /// T45.
    @Test
    void shouldStayWithinTheRateOfErrors() {
        for (int i = 0; i < 60; i++) {
            rig.send(GUEST_PORT, 1000 + i, DATA);
        }
        for (int i = 0; i < 10; i++) {
            rig.poll();
        }
        assertEquals(50, rig.ip.sent.size());
    }
}
