package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.FakeDatagram;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.service.ResolvConf;
import org.vswitch.wire.IpAddress;

/// Bad input 38, of whole routers: those that were started alike, at the same time and for the same guest, choose other
/// numbers, so that nobody finds out by a router of his own what another one will choose. Of so many draws two may be
/// equal by chance, not half of them.
class SecretsTest {
    private static final int ROUTERS = 8;
    private static final byte[] QUESTION = GuestPackets.octets(0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0,
            1);

    /// Bad input 38: initial sequence numbers.
    @Test
    void shouldNumberConnectionsInSecret() {
        differ(rig -> {
            rig.host.server(0, IpAddress.v4(OUTSIDE_V4), 80);
            byte[] syn = FuzzFrames.repaired(new GuestPackets.V4().payload(GuestPackets.TCP,
                    new GuestSegment(40_000, 80, 1, 0).of(FuzzFrames.SYN)).frame());
            return ByteBuffer.wrap(rig.send(syn).turn().take()).getInt(38);
        });
    }

    /// Bad input 38: what tells fragments apart, in either family.
    @Test
    void shouldNumberPacketsInSecret() {
        byte[] echo = Pings.echo(8, 1, 1, new byte[3_000]);
        differ(rig -> {
            rig.send(Pings.fragmentsV4(ROUTER_V4, echo).toArray(byte[][]::new));
            return FrameCheck.u16(rig.takeNext(), 18);
        });
        byte[] echoV6 = Pings.echo(128, 1, 1, new byte[3_000]);
        Pings.checksumV6(echoV6, GuestPackets.PREFIX, GuestPackets.GUEST_LOW, GuestPackets.PREFIX, ROUTER_LOW);
        differ(rig -> {
            GuestPackets.V6 packet = new GuestPackets.V6().to(GuestPackets.PREFIX, ROUTER_LOW);
            rig.send(Pings.fragmentsV6(packet, echoV6).toArray(byte[][]::new));
            return ByteBuffer.wrap(rig.takeNext()).getInt(58);
        });
    }

    /// Bad input 38: the number of a query; each goes out of a socket of its own, whose port the kernel draws.
    @Test
    void shouldNumberQueriesInSecret() {
        differ(rig -> {
            rig.servers = ResolvConf.parse("nameserver 192.0.2.53");
            FakeDatagramPeer server = rig.host.datagramPeer(0, IpAddress.v4(0xc000_0235), 53);
            byte[] query = new GuestPackets.V4().to(DNS_V4).payload(GuestPackets.UDP,
                    GuestPackets.udp(40_000, 53, QUESTION)).frame();
            rig.send(query, query);
            FakeDatagram first = server.receive();
            FakeDatagram second = server.receive();
            assertTrue(first.port() != second.port(), "one port for two queries");
            return FrameCheck.u16(first.bytes(), 0);
        });
    }

    private static void differ(ToLongFunction<StackRig> choice) {
        Set<Long> chosen = new HashSet<>();
        for (int i = 0; i < ROUTERS; i++) {
            try (StackRig rig = new StackRig()) {
                chosen.add(choice.applyAsLong(rig));
                assertEquals(0, rig.drops());
            }
        }
        assertTrue(chosen.size() > ROUTERS / 2, () -> "they chose " + chosen);
    }
}
