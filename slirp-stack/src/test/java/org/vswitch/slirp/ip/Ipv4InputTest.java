package org.vswitch.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.EVERYBODY;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.ethernet;
import static org.vswitch.slirp.fixture.GuestPackets.udp;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.VirtioNetHeader;

/// Frames of guests with IPv4 in them, good and bad.
class Ipv4InputTest {
    private final IpRig rig = new IpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldFillInThePacket() {
        Packet packet = rig.accept(v4().frame());
        assertTrue(packet.v4);
        assertEquals(GUEST, packet.sourceMac);
        assertEquals(ROUTER, packet.destinationMac);
        assertEquals(IpAddress.v4(GUEST_V4), packet.sourceLow);
        assertEquals(IpAddress.v4(OUTSIDE_V4), packet.destinationLow);
        assertEquals(UDP, packet.protocol);
        assertEquals(9, packet.protocolOffset);
        assertEquals(64, packet.hopLimit);
        assertEquals(20, packet.headerLength);
        assertEquals(packet.frame + 14, packet.header);
        assertFalse(packet.toGroup);
        assertFalse(packet.checksumTrusted);
        assertArrayEquals(udp(40_000, 7, new byte[] {1, 2, 3}), rig.payload());
    }

    /// Bad input 1.
    @Test
    void shouldDropWhatIsTooShortForEthernet() {
        byte[] frame = v4().frame();
        for (int length = 0; length < 14; length++) {
            rig.refuse(StackDrop.MALFORMED, Arrays.copyOf(frame, length));
        }
        rig.refuse(StackDrop.MALFORMED, Arrays.copyOf(frame, 14));
        rig.refuse(StackDrop.BAD_SOURCE, new byte[60]);
    }

    /// Bad input 7: cut at every byte.
    @Test
    void shouldDropWhatIsCutOff() {
        byte[] frame = v4().options(7, 7, 4, 0, 0, 0, 0, 0).frame();
        for (int length = 14; length < frame.length; length++) {
            rig.refuse(StackDrop.MALFORMED, Arrays.copyOf(frame, length));
        }
        rig.accept(frame);
    }

    /// Bad input 2.
    @Test
    void shouldDropOtherEtherTypes() {
        byte[] frame = v4().frame();
        for (int type : new int[] {0, 46, 0x05ff, 0x8100, 0x88a8, 0x88b5, 0xffff}) {
            rig.refuse(StackDrop.UNKNOWN_PROTOCOL, ethernet(ROUTER, GUEST, type, Arrays.copyOfRange(frame, 14, 60)));
        }
        rig.refuse(StackDrop.UNKNOWN_PROTOCOL, ethernet(ROUTER, GUEST, 0x8100, new byte[] {0}));
        assertEquals(Arrival.ARP, rig.receive(ethernet(EVERYBODY, GUEST, 0x0806, new byte[0])));
    }

    /// Bad input 3, and what the switch floods.
    @Test
    void shouldDropImpossibleStations() {
        for (long station : new long[] {0, ROUTER, EVERYBODY, 0x0100_5e00_0001L}) {
            rig.refuse(StackDrop.BAD_SOURCE, v4().stations(station, ROUTER).frame());
        }
        rig.refuse(StackDrop.BAD_DESTINATION, v4().stations(GUEST, OTHER_GUEST).frame());
        rig.refuse(StackDrop.BAD_DESTINATION, v4().stations(GUEST, EVERYBODY).frame());
    }

    /// Bad input 7.
    @Test
    void shouldDropHeadersThatMakeNoSense() {
        for (int version = 0; version < 16; version++) {
            if (version != 4) {
                rig.refuse(StackDrop.MALFORMED, patched(14, version << 4 | 5));
            }
        }
        for (int words = 0; words < 5; words++) {
            rig.refuse(StackDrop.MALFORMED, patched(14, 0x40 | words));
        }
        rig.refuse(StackDrop.MALFORMED, patched(14, 0x4f));
        rig.refuse(StackDrop.MALFORMED, patched(17, 19));
        rig.refuse(StackDrop.MALFORMED, patched(17, 0));
        rig.refuse(StackDrop.MALFORMED, patched(17, 32));
        rig.refuse(StackDrop.MALFORMED, patched(16, 0xff));
    }

    /// Bad input 7, T89 and T70.
    @Test
    void shouldTrimPadding() {
        rig.accept(Arrays.copyOf(v4().frame(), 60));
        assertArrayEquals(udp(40_000, 7, new byte[] {1, 2, 3}), rig.payload());
        rig.accept(v4().payload(UDP, new byte[0]).frame());
        assertEquals(0, rig.payload().length);
    }

    /// Bad input 8, T92: any single wrong bit.
    @Test
    void shouldDropWrongHeaderChecksums() {
        for (int octet : new int[] {15, 18, 22, 23, 24, 25, 29, 33}) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] frame = v4().frame();
                frame[octet] ^= (byte) (1 << bit);
                rig.refuse(StackDrop.BAD_CHECKSUM, frame);
            }
        }
    }

    /// Bad input 8, T42.
    @Test
    void shouldAnswerWhenTheTimeToLiveEndsHere() {
        for (int ttl = 0; ttl < 2; ttl++) {
            byte[] asked = v4().ttl(ttl).frame();
            byte[] error = rig.refuseWithError(StackDrop.HOP_LIMIT, asked);
            assertEquals(11, error[34]);
            assertEquals(0, error[35]);
            assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length),
                    Arrays.copyOfRange(error, 42, 42 + asked.length - 14), "what is quoted");
            rig.accept(v4().ttl(ttl).to(ROUTER_V4).frame());
        }
        rig.accept(v4().ttl(2).frame());
        rig.accept(v4().ttl(1).to(0xe000_00fb).stations(GUEST, 0x0100_5e00_00fbL).frame());
    }

    /// Bad input 9, T88.
    @Test
    void shouldSkipHarmlessOptions() {
        rig.accept(v4().options(7, 7, 4, 0, 0, 0, 0, 0).frame());
        rig.accept(v4().options(1, 1, 1, 0).frame());
        rig.accept(v4().options(0, 131, 131, 131).frame());
        rig.accept(v4().options(68, 4, 5, 0).frame());
        rig.accept(v4().options(148, 4, 0, 0).frame());
        rig.accept(v4().options(30, 2, 1, 1).frame());
        assertEquals(24, rig.reader.packet().headerLength);
        assertArrayEquals(udp(40_000, 7, new byte[] {1, 2, 3}), rig.payload());
    }

    /// Bad input 9.
    @Test
    void shouldDropBadOptions() {
        rig.refuse(StackDrop.SOURCE_ROUTE, v4().options(131, 7, 4, 1, 2, 3, 4, 0).frame());
        rig.refuse(StackDrop.SOURCE_ROUTE, v4().options(1, 1, 137, 3).frame());
        rig.refuse(StackDrop.MALFORMED, v4().options(7, 0, 0, 0).frame());
        rig.refuse(StackDrop.MALFORMED, v4().options(7, 1, 0, 0).frame());
        rig.refuse(StackDrop.MALFORMED, v4().options(7, 5, 0, 0).frame());
        rig.refuse(StackDrop.MALFORMED, v4().options(1, 1, 1, 7).frame());
        rig.refuse(StackDrop.MALFORMED, v4().options(7, 255, 0, 0).frame());
    }

    /// Bad input 10, T84 (LAND).
    @Test
    void shouldDropImpossibleSources() {
        int[] sources = {0, 1, 0x7f00_0001, 0xe000_0001, 0xf000_0001, 0xffff_ffff, ROUTER_V4, GuestPackets.DNS_V4,
            0x0a00_0200, 0x0a00_02ff, 0x0a00_030f, 0x0808_0808, OUTSIDE_V4};
        for (int source : sources) {
            rig.refuse(StackDrop.BAD_SOURCE, v4().from(source).frame());
        }
        rig.refuse(StackDrop.BAD_SOURCE, v4().to(GUEST_V4).frame());
    }

    /// Bad input 10, the exception: who has no address yet asks for one.
    @Test
    void shouldAcceptDhcpWithoutAddress() {
        byte[] discover = udp(68, 67, new byte[300]);
        Packet packet = rig.accept(v4().from(0).to(-1).stations(GUEST, EVERYBODY).payload(UDP, discover).frame());
        assertTrue(packet.toGroup);
        rig.refuse(StackDrop.BAD_SOURCE, v4().from(0).to(-1).stations(GUEST, EVERYBODY).frame());
        rig.refuse(StackDrop.BAD_SOURCE, v4().from(0).to(ROUTER_V4).payload(UDP, discover).frame());
        rig.refuse(StackDrop.BAD_SOURCE,
                v4().from(0).to(-1).stations(GUEST, EVERYBODY).payload(UDP, new byte[4]).frame());
    }

    /// Bad input 11.
    @Test
    void shouldDropImpossibleDestinations() {
        for (int destination : new int[] {0, 0x0001_0203, 0x7f00_0001, 0x7f00_0035, 0xf000_0001, 0xffff_fffe}) {
            rig.refuse(StackDrop.BAD_DESTINATION, v4().to(destination).frame());
        }
    }

    @Test
    void shouldMarkWhatWasSentToAGroup() {
        assertTrue(rig.accept(v4().to(0x0a00_02ff).stations(GUEST, EVERYBODY).frame()).toGroup);
        assertTrue(rig.accept(v4().to(0x0a00_0200).frame()).toGroup);
        assertTrue(rig.accept(v4().to(0xefff_fffa).stations(GUEST, 0x0100_5e7f_fffaL).frame()).toGroup);
        assertFalse(rig.accept(v4().to(0x0a00_02fe).frame()).toGroup);
    }

    @Test
    void shouldBelieveSuperFramesAboutTheirLength() {
        byte[] frame = v4().payload(GuestPackets.TCP, new byte[30_000]).frame();
        frame[16] = 0;
        frame[17] = 0;
        long word = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.GSO_TCPV4, 54, 1460);
        assertEquals(Arrival.PACKET, rig.receive(frame, VirtioNetHeader.withCsumStart(word, 34)));
        assertEquals(30_000, rig.reader.packet().payloadLength);
        assertTrue(rig.reader.packet().checksumTrusted);
        assertEquals(Arrival.PACKET, rig.receive(frame, VirtioNetHeader.withCsumStart(word, 36)));
        assertFalse(rig.reader.packet().checksumTrusted, "that is another checksum");
    }

    private static GuestPackets.V4 v4() {
        return new GuestPackets.V4();
    }

    /// A frame with one octet changed and the header checksum right again.
    private static byte[] patched(int at, int value) {
        byte[] frame = v4().frame();
        frame[at] = (byte) value;
        FrameCheck.fillChecksum(frame, 14, 34, 10);
        return frame;
    }
}
