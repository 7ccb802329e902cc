package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.SlirpConfig.Ipv4;
import org.vswitch.slirp.SlirpConfig.Names;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.ip.Subnet;
import org.vswitch.wire.IpAddress;

/// What a guest gets from a whole router before it has done anything: DHCP and router advertisements, as configured.
class ServicesTest {
    private static final int MESSAGE = 14 + 20 + 8;

    private StackRig rig = new StackRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldLeaseAddressesOfTheConfiguredNetwork() {
        rig.close();
        Ipv4 network = new Ipv4(true, Subnet.v4(0xc0a8_0501, 22), IpAddress.v4(0xc0a8_0503),
                IpAddress.v4(0xc0a8_0640));
        rig = new StackRig(SlirpConfig.usual().withIpv4(network).withMtu(9000)
                .withNames(new Names("vm", "lab.example", List.of())), new SentFrames().withoutAdvertisements());
        byte[] offer = offer(rig);
        assertEquals(0xc0a8_0640, ByteBuffer.wrap(offer).getInt(MESSAGE + 16));
        String options = HexFormat.of().formatHex(offer, MESSAGE + 240, offer.length);
        for (String option : List.of("350102", "3604c0a80501", "0104fffffc00", "0304c0a80501", "0604c0a80503",
                "0c02766d", "0f0b6c61622e6578616d706c65", "1a022328", "1c04c0a807ff")) {
            assertTrue(options.contains(option), option + " in " + options);
        }
    }

    @Test
    void shouldCallGuestsSlirpAsLibslirpDoes() {
        byte[] offer = offer(rig);
        assertTrue(HexFormat.of().formatHex(offer, MESSAGE, offer.length).contains("0c05736c697270"));
    }

    /// A station that has the first address, and has said nothing so far, keeps it: asked for it, it answers (RFC 2131,
    /// 3.1, step 2). The guest that asked for an address is told the next.
    @Test
    void shouldOfferNoAddressThatAStationAnswersFor() {
        byte[] question = rig.send(discover()).take();
        assertEquals("ffffffffffff" + "52550a000202" + "0806" + "0001080006040001" + "52550a000202" + "0a000202"
                + "000000000000" + "0a00020f", HexFormat.of().formatHex(question, 0, 42));
        rig.send(arpReply(GuestPackets.OTHER_GUEST, GuestPackets.GUEST_V4)).pass(200_000_000);
        assertEquals(0x0a00_0210, ByteBuffer.wrap(rig.take()).getInt(38), "asks for the next address");
        rig.pass(199_999_999).nothing();
        byte[] offer = rig.pass(1).take();
        assertEquals(0x0a00_0210, ByteBuffer.wrap(offer).getInt(MESSAGE + 16));
        rig.pass(1_000_000_000).nothing();
    }

    /// T6, by way of the ICMPv6 input.
    @Test
    void shouldAnswerRouterSolicitations() {
        byte[] answer = rig.send(solicitation()).take();
        assertEquals(134, answer[54] & 0xff);
        assertEquals(1800, FrameCheck.u16(answer, 60));
        rig.host.routeV6(false);
        assertEquals(0, FrameCheck.u16(rig.send(solicitation()).take(), 60));
    }

    @Test
    void shouldWakeUpForAdvertisements() {
        assertEquals(rig.nowNs, rig.stack.nextDeadlineNs(rig.nowNs));
        rig.turn();
        assertEquals(rig.nowNs + 16_000_000_000L, rig.stack.nextDeadlineNs(rig.nowNs));
    }

    /// Guests look for another router at once when the link is taken away, rather than in half an hour.
    @Test
    void shouldSayThatItEnds() {
        rig.close();
        rig = new StackRig(SlirpConfig.usual(), new SentFrames());
        rig.turn().take();
        rig.stack.leave();
        assertEquals(0, FrameCheck.u16(rig.take(), 60));
    }

    /// T80: nor do they wait for answers that will not come.
    @Test
    void shouldResetConnectionsWhenItEnds() {
        rig.host.server(0, IpAddress.v4(GuestPackets.OUTSIDE_V4), 80);
        byte[] synAck = rig.send(new GuestPackets.V4().payload(GuestPackets.TCP, syn()).frame()).turn().take();
        assertEquals(0x12, synAck[47]);
        rig.stack.leave();
        assertEquals(0x14, rig.take()[47]);
    }

    private static byte[] syn() {
        byte[] segment = ByteBuffer.allocate(20).putInt(0, 40_000 << 16 | 80).putShort(12, (short) 0x5002)
                .putShort(14, (short) 60_000).array();
        byte[] pseudo = ByteBuffer.allocate(12).putInt(GuestPackets.GUEST_V4).putInt(GuestPackets.OUTSIDE_V4)
                .putInt(GuestPackets.TCP << 16 | segment.length).array();
        int sum = FrameCheck.sum(FrameCheck.sum(0, pseudo, 0, pseudo.length), segment, 0, segment.length);
        return ByteBuffer.wrap(segment).putShort(16, (short) ~sum).array();
    }

    private static byte[] arpReply(long station, int address) {
        byte[] arp = ByteBuffer.allocate(28).putLong(0x0001_0800_0604_0002L).putLong(8, station << 16)
                .putInt(14, address).putLong(18, GuestPackets.ROUTER << 16).putInt(24, GuestPackets.ROUTER_V4).array();
        return ByteBuffer.allocate(60).putLong(0, GuestPackets.ROUTER << 16).putLong(6, station << 16)
                .putShort(12, (short) 0x0806).put(14, arp).array();
    }

    /// What a DHCP client is offered, after nobody was found to have the address.
    static byte[] offer(StackRig rig) {
        assertEquals(0x0806, FrameCheck.u16(rig.send(discover()).take(), 12));
        return rig.pass(200_000_000).take();
    }

    /// The first message of a DHCP client.
    static byte[] discover() {
        ByteBuffer message = ByteBuffer.allocate(240 + 4).put(0, (byte) 1).put(1, (byte) 1).put(2, (byte) 6)
                .putLong(28, GuestPackets.GUEST << 16).putInt(236, 0x6382_5363).putInt(240, 0x3501_01ff);
        return new GuestPackets.V4().from(0).to(-1).stations(GuestPackets.GUEST, GuestPackets.EVERYBODY)
                .payload(GuestPackets.UDP, GuestPackets.udp(68, 67, message.array())).frame();
    }

    /// Whether an answer to it has an option.
    static boolean hasOption(byte[] frame, int code) {
        int at = MESSAGE + 240;
        while (at < frame.length && (frame[at] & 0xff) != 255) {
            if (frame[at] == code) {
                return true;
            }
            at += frame[at] == 0 ? 1 : 2 + (frame[at + 1] & 0xff);
        }
        return false;
    }

    /// What the kernel of a guest sends when its interface comes up.
    static byte[] solicitation() {
        byte[] message = GuestPackets.icmp(133, 0, new byte[0]);
        Pings.checksumV6(message, GuestPackets.LINK_LOCAL, GuestPackets.GUEST_LOW, 0xff02_0000_0000_0000L, 2);
        return new GuestPackets.V6().from(GuestPackets.LINK_LOCAL, GuestPackets.GUEST_LOW)
                .to(0xff02_0000_0000_0000L, 2).hopLimit(255).stations(GuestPackets.GUEST, 0x3333_0000_0002L)
                .payload(GuestPackets.ICMPV6, message).frame();
    }
}
