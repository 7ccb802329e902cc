package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.SlirpConfig.Options;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeDatagram;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.host.FakeServer;
import org.vswitch.slirp.policy.Reach;
import org.vswitch.slirp.service.ResolvConf;
import org.vswitch.wire.IpAddress;

/// The name server's address of a whole router: what is behind its port 53, and that nothing is behind the others.
class NameServerTest {
    private static final long STUB = IpAddress.v4(0x7f00_0035);
    private static final long SECOND = IpAddress.v4(0xc000_0202);
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;
    private static final byte[] QUERY = GuestPackets.octets(0xbe, 0xef, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
            1, 'a', 0, 0, 1, 0, 1);

    private StackRig rig = rig(Reach.WORLD);
    private int guestPort = 40_000;

    @AfterEach
    void close() {
        rig.close();
    }

    private static StackRig rig(Reach reach) {
        Options usual = SlirpConfig.usual().options();
        Options options = new Options(reach, usual.mtu(), usual.mac(), usual.flows());
        StackRig rig = new StackRig(SlirpConfig.usual().withOptions(options),
                new SentFrames().withoutAdvertisements());
        rig.servers = ResolvConf.parse("nameserver 127.0.0.53\nnameserver 192.0.2.2");
        return rig;
    }

    private static byte[] udp(int address, int port) {
        return new GuestPackets.V4().to(address)
                .payload(GuestPackets.UDP, GuestPackets.udp(40_000, port, QUERY)).frame();
    }

    /// Begins a connection.
    ///
    /// @return the flags that it is answered with, 0 for none
    private int connect(int address, int port) {
        byte[] pseudo = ByteBuffer.allocate(12).putInt(GuestPackets.GUEST_V4).putInt(address).putShort((short) 6)
                .putShort((short) 20).array();
        byte[] segment = ByteBuffer.allocate(20).putShort((short) guestPort++).putShort((short) port).putInt(1_000)
                .putInt(0).put((byte) 0x50).put((byte) SYN).putShort((short) 0xffff).putInt(0).array();
        byte[] both = GuestPackets.join(pseudo, segment);
        FrameCheck.fillChecksum(both, 0, both.length, 12 + 16);
        segment[16] = both[28];
        segment[17] = both[29];
        rig.send(new GuestPackets.V4().to(address).payload(GuestPackets.TCP, segment).frame()).turn();
        byte[] answer = rig.sent.poll();
        return answer == null ? 0 : answer[14 + 20 + 13];
    }

    /// T24 and T32, through all layers.
    @Test
    void shouldRelayDatagrams() {
        FakeDatagramPeer stub = rig.host.datagramPeer(0, STUB, 53);
        rig.send(udp(GuestPackets.DNS_V4, 53)).turn().nothing();
        FakeDatagram asked = stub.receive();
        assertNotNull(asked);
        byte[] answer = asked.bytes().clone();
        answer[2] |= (byte) 0x80;
        stub.send(answer, asked.port());
        byte[] heard = rig.turn().take();
        assertEquals(0xbeef, FrameCheck.u16(heard, 42));
        assertEquals(GuestPackets.DNS_V4, ByteBuffer.wrap(heard).getInt(26));
    }

    /// T29.
    @Test
    void shouldWakeUpForTheNextServer() {
        rig.turn();
        rig.host.datagramPeer(0, STUB, 53);
        FakeDatagramPeer second = rig.host.datagramPeer(0, SECOND, 53);
        rig.send(udp(GuestPackets.DNS_V4, 53)).pass(1_499_999_999L);
        assertNull(second.receive());
        rig.pass(1);
        assertNotNull(second.receive());
    }

    /// T28: what goes through is not looked at.
    @Test
    void shouldSpliceConnectionsToTheServer() {
        FakeServer stub = rig.host.server(0, STUB, 53);
        assertEquals(SYN | ACK, connect(GuestPackets.DNS_V4, 53));
        assertNotNull(stub.accept());
    }

    @ParameterizedTest
    @EnumSource(value = Errno.class, names = {"ECONNREFUSED", "EHOSTUNREACH"})
    void shouldGoToTheNextServerWhenOneCannotBeConnectedTo(Errno errno) {
        rig.host.server(0, STUB, 53).refusing(errno);
        FakeServer second = rig.host.server(0, SECOND, 53);
        connect(GuestPackets.DNS_V4, 53);
        assertNull(second.accept());
        assertEquals(SYN | ACK, connect(GuestPackets.DNS_V4, 53));
        assertNotNull(second.accept());
    }

    @Test
    void shouldBlameTheServerThatFailed() {
        FakeServer stub = rig.host.server(0, STUB, 53).silent();
        FakeServer second = rig.host.server(0, SECOND, 53);
        connect(GuestPackets.DNS_V4, 53);
        connect(GuestPackets.DNS_V4, 53);
        stub.refusing(Errno.ECONNREFUSED);
        rig.turn();
        rig.sent.poll();
        rig.sent.poll();
        assertEquals(SYN | ACK, connect(GuestPackets.DNS_V4, 53));
        assertNotNull(second.accept());
    }

    @Test
    void shouldRefuseConnectionsWithoutServers() {
        rig.servers = ResolvConf.NONE;
        assertEquals(RST | ACK, connect(GuestPackets.DNS_V4, 53));
    }

    /// Bad input 34, T81: the proxy may go to the host's loopback, guests may not.
    @ParameterizedTest
    @ValueSource(ints = {1, 22, 52, 54, 80, 853, 65_535})
    void shouldHaveNothingBehindOtherPorts(int port) {
        for (Reach reach : Reach.values()) {
            rig.close();
            rig = rig(reach);
            FakeServer loopback = rig.host.server(0, IpAddress.v4(0x7f00_0001), port);
            FakeServer stub = rig.host.server(0, STUB, port);
            FakeServer nameServer = rig.host.server(0, STUB, 53);
            FakeDatagramPeer stubUdp = rig.host.datagramPeer(0, STUB, port);
            FakeDatagramPeer loopbackUdp = rig.host.datagramPeer(0, IpAddress.v4(0x7f00_0001), port);
            assertEquals(RST | ACK, connect(GuestPackets.DNS_V4, port), reach.toString());
            rig.send(udp(GuestPackets.DNS_V4, port)).turn();
            assertEquals(3, rig.take()[34], "unreachable, " + reach);
            assertNull(loopback.accept());
            assertNull(stub.accept());
            assertNull(nameServer.accept());
            assertNull(stubUdp.receive());
            assertNull(loopbackUdp.receive());
        }
    }

    /// With its loopback open, the router's address means the host, port 53 like any other.
    @Test
    void shouldLeaveTheRoutersAddressToTheHost() {
        rig.close();
        rig = rig(Reach.WORLD_AND_HOST);
        FakeDatagramPeer loopback = rig.host.datagramPeer(0, IpAddress.v4(0x7f00_0001), 53);
        rig.send(udp(GuestPackets.ROUTER_V4, 53)).turn();
        assertNotNull(loopback.receive());
    }

    @Test
    void shouldNotListenAtTheRoutersAddress() {
        rig.send(udp(GuestPackets.ROUTER_V4, 53)).turn();
        assertEquals(0x0303, FrameCheck.u16(rig.take(), 34), "port unreachable");
    }

    /// T37: who asks another server reaches it.
    @Test
    void shouldLeaveOtherNameServersAlone() {
        FakeDatagramPeer outside = rig.host.datagramPeer(0, IpAddress.v4(GuestPackets.OUTSIDE_V4), 53);
        rig.send(udp(GuestPackets.OUTSIDE_V4, 53)).turn().nothing();
        FakeDatagram asked = outside.receive();
        assertNotNull(asked);
        assertEquals(0xbeef, FrameCheck.u16(asked.bytes(), 0), "its own ID");
    }

    /// T38: who may reach the router only learns no names.
    @Test
    void shouldAskNobodyForRestrictedGuests() {
        rig.close();
        rig = rig(Reach.ROUTER_ONLY);
        FakeDatagramPeer stub = rig.host.datagramPeer(0, STUB, 53);
        rig.send(udp(GuestPackets.DNS_V4, 53)).turn();
        assertNull(stub.receive());
        assertEquals(2, rig.take()[14 + 20 + 8 + 3] & 15, "SERVFAIL");
        assertEquals(RST | ACK, connect(GuestPackets.DNS_V4, 53));
    }
}
