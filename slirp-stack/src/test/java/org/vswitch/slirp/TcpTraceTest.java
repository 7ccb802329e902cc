package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.FakePeer;
import org.vswitch.slirp.host.FakeReport;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.Tcp;

/// `traceroute -T` of a guest: T43.
class TcpTraceTest {
    private static final long HOP = IpAddress.v4(0xc000_0200);
    private static final int PORT = 80;
    private static final int HOPS = 3;

    private final StackRig rig = new StackRig();

    @AfterEach
    void close() {
        rig.close();
    }

    /// All probes at once, each from a port of its own; what each quotes is the guest's packet.
    @Test
    void shouldShowTheHopsOfTheWay() {
        var server = rig.host.server(0, IpAddress.v4(OUTSIDE_V4), PORT).behind(FakeReport.timeExceeded(0, HOP + 1),
                FakeReport.timeExceeded(0, HOP + 2), FakeReport.timeExceeded(0, HOP + 3));
        byte[][] asked = new byte[HOPS + 2][];
        for (int hop = 0; hop < asked.length; hop++) {
            asked[hop] = new GuestPackets.V4().ttl(1 + hop).identification(0).payload(Tcp.PROTOCOL, syn(hop)).frame();
            FuzzFrames.repair(asked[hop]);
            rig.send(asked[hop]);
        }
        rig.turn();
        for (int hop = 0; hop <= HOPS; hop++) {
            byte[] told = rig.takeNext();
            String from = hop == 0 ? "0a000202" : "c000020" + hop;
            assertEquals(from + "0a00020f", HexFormat.of().formatHex(told, 26, 34));
            assertArrayEquals(new byte[] {11, 0}, Arrays.copyOfRange(told, 34, 36));
            assertArrayEquals(Arrays.copyOfRange(asked[hop], 14, 42), Arrays.copyOfRange(told, 42, 70), "hop " + hop);
        }
        byte[] synAck = rig.take();
        assertEquals(Tcp.SYN | Tcp.ACK, synAck[47]);
        FakePeer reached = server.accept();
        assertEquals(0, reached.hopLimit(), "still limited");
        assertEquals(1, rig.host.openSockets());
    }

    @Test
    void shouldShowTheHopsOfTheWayOverIpv6() {
        rig.host.server(OUTSIDE_HIGH, 1, PORT).behind(FakeReport.timeExceeded(OUTSIDE_HIGH, 77));
        byte[] asked = new GuestPackets.V6().hopLimit(2).payload(Tcp.PROTOCOL, syn(0)).frame();
        FuzzFrames.repair(asked);
        byte[] told = rig.send(asked).turn().take();
        assertEquals("20010db800000001000000000000004d", HexFormat.of().formatHex(told, 22, 38));
        assertArrayEquals(new byte[] {3, 0}, Arrays.copyOfRange(told, 54, 56));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, 62), Arrays.copyOfRange(told, 62, 110));
    }

    private static byte[] syn(int probe) {
        return new GuestSegment(40_000 + probe, PORT, 0x1234_5678 + probe, 0).of(Tcp.SYN);
    }
}
