package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.slirp.SlirpConfig.Options;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.host.FakeServer;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.slirp.service.ResolvConf;
import org.vswitch.wire.AddressText;

/// T82: a whole router of whose guests none gets out, by any address, while what the router itself offers goes on.
class RestrictedTest {
    private static final int PROHIBITED_V4 = 0x030d;
    private static final int PROHIBITED_V6 = 0x0101;

    private final Options usual = SlirpConfig.usual().options();
    private final StackRig rig = new StackRig(SlirpConfig.usual().withOptions(
            new Options(Reach.ROUTER_ONLY, usual.mtu(), usual.mac(), usual.flows())),
            new SentFrames().withoutAdvertisements());
    private final List<FakeServer> servers = new ArrayList<>();
    private final List<FakeDatagramPeer> peers = new ArrayList<>();

    @BeforeEach
    void populate() {
        rig.host.permitPing();
        rig.servers = ResolvConf.parse("nameserver 127.0.0.53");
        for (String address : new String[] {"198.51.100.1", "127.0.0.1", "127.0.0.53", "::1", "2001:db8:0:1::1"}) {
            AddressText at = AddressText.v4(address).or(() -> AddressText.v6(address)).orElseThrow();
            for (int port : new int[] {53, 80}) {
                servers.add(rig.host.server(at.high(), at.low(), port));
                peers.add(rig.host.datagramPeer(at.high(), at.low(), port));
            }
            peers.add(rig.host.datagramPeer(at.high(), at.low(), 0));
        }
    }

    @AfterEach
    void close() {
        servers.forEach(server -> assertNull(server.accept()));
        peers.forEach(peer -> assertNull(peer.receive()));
        assertEquals(0, rig.host.openSockets());
        rig.close();
    }

    @ParameterizedTest
    @CsvSource({"198.51.100.1, 80", "198.51.100.1, 53", "10.0.2.2, 80", "10.0.2.3, 80", "10.0.2.3, 53"})
    void shouldRefuseConnections(String address, int port) {
        byte[] syn = new GuestSegment(40_000, port, 1, 0).of(FuzzFrames.SYN);
        int to = (int) AddressText.v4(address).orElseThrow().low();
        byte[] answer = rig.send(FuzzFrames.repaired(
                new GuestPackets.V4().to(to).payload(GuestPackets.TCP, syn).frame())).turn().take();
        assertEquals(FuzzFrames.RST | FuzzFrames.ACK, answer[47]);
        assertEquals(1, rig.stack.counters().value(StackDrop.POLICY));
    }

    @ParameterizedTest
    @CsvSource({"2001:db8:0:1::1", "fd00::2", "fe80::2"})
    void shouldRefuseConnectionsOverIpv6(String address) {
        byte[] syn = new GuestSegment(40_000, 80, 1, 0).of(FuzzFrames.SYN);
        AddressText to = AddressText.v6(address).orElseThrow();
        byte[] answer = rig.send(FuzzFrames.repaired(
                new GuestPackets.V6().to(to.high(), to.low()).payload(GuestPackets.TCP, syn).frame())).turn().take();
        assertEquals(FuzzFrames.RST | FuzzFrames.ACK, answer[67]);
    }

    @Test
    void shouldProhibitDatagramsAndPings() {
        byte[] datagram = GuestPackets.udp(40_000, 80, new byte[3]);
        assertEquals(PROHIBITED_V4, FrameCheck.u16(rig.send(
                new GuestPackets.V4().payload(GuestPackets.UDP, datagram).frame()).turn().take(), 34));
        assertEquals(PROHIBITED_V6, FrameCheck.u16(rig.send(FuzzFrames.repaired(
                new GuestPackets.V6().payload(GuestPackets.UDP, datagram).frame())).turn().take(), 54));
        assertEquals(PROHIBITED_V4, FrameCheck.u16(
                rig.send(Pings.v4(GuestPackets.OUTSIDE_V4, 1, 1)).turn().take(), 34));
        assertEquals(PROHIBITED_V6, FrameCheck.u16(
                rig.send(Pings.v6(GuestPackets.OUTSIDE_HIGH, 1, 1, 1)).turn().take(), 54));
        assertEquals(4, rig.stack.counters().value(StackDrop.POLICY));
    }

    @Test
    void shouldGoOnToServe() {
        assertEquals("0000" + "00010001" + "09",
                Pings.message(rig.send(Pings.v4(GuestPackets.ROUTER_V4, 1, 1, (byte) 9)).take()));
        byte[] offer = ServicesTest.offer(rig);
        assertTrue(ServicesTest.hasOption(offer, 1), "the mask");
        assertFalse(ServicesTest.hasOption(offer, 3), "a router");
        assertFalse(ServicesTest.hasOption(offer, 6), "a name server");
        byte[] advertisement = rig.send(ServicesTest.solicitation()).take();
        assertEquals(0, FrameCheck.u16(advertisement, 60), "the router's lifetime");
        int dns = advertisement.length - 24;
        assertEquals(25, advertisement[dns], "the option of name servers (RFC 8106, 5.1)");
        assertEquals(0, FrameCheck.u16(advertisement, dns + 4) << 16 | FrameCheck.u16(advertisement, dns + 6),
                "the name server's lifetime");
    }
}
