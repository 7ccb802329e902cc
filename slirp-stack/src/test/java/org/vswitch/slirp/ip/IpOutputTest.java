package org.vswitch.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.icmp;
import static org.vswitch.slirp.fixture.GuestPackets.udp;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.wire.IpAddress;

/// What the router puts in front of a payload, and how it cuts it.
class IpOutputTest {
    private static final int TCP = 6;
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;

    private final IpRig rig = new IpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldWriteAnIpv4Packet() {
        Envelope envelope = v4(UDP);
        envelope.hopLimit = 9;
        envelope.trafficClass = 0xb8;
        envelope.dontFragment = true;
        assertTrue(send(rig, envelope, udp(53, 40_000, new byte[] {'a', 'b', 'c'})));
        byte[] frame = rig.takeSent();
        assertArrayEquals(new byte[] {0x52, 0x54, 0, 0, 0, 0x15, 0x52, 0x55, 0x0a, 0, 2, 2, 8, 0},
                Arrays.copyOf(frame, 14));
        assertArrayEquals(new byte[] {0x45, (byte) 0xb8, 0, 31}, Arrays.copyOfRange(frame, 14, 18));
        assertArrayEquals(new byte[] {0x40, 0, 9, 17}, Arrays.copyOfRange(frame, 20, 24));
        assertArrayEquals(new byte[] {(byte) 198, 51, 100, 1, 10, 0, 2, 15}, Arrays.copyOfRange(frame, 26, 34));
        assertArrayEquals(new byte[] {0, 53}, Arrays.copyOfRange(frame, 34, 36));
        assertArrayEquals(new byte[] {'a', 'b', 'c'}, Arrays.copyOfRange(frame, 42, 45));
        assertEquals(60, frame.length);
    }

    @Test
    void shouldWriteAnIpv6Packet() {
        Envelope envelope = v6(ICMPV6);
        envelope.hopLimit = 255;
        envelope.trafficClass = 0xb8;
        assertTrue(send(rig, envelope, icmp(129, 0, new byte[] {1, 2, 3})));
        byte[] frame = rig.takeSent();
        assertArrayEquals(new byte[] {(byte) 0x86, (byte) 0xdd, 0x6b, (byte) 0x80, 0, 0, 0, 11, 58, (byte) 255},
                Arrays.copyOfRange(frame, 12, 22));
        assertEquals(0x20, frame[22]);
        assertEquals((byte) 0xfd, frame[38]);
        assertEquals(0x15, frame[53]);
        assertEquals(65, frame.length);
    }

    /// T3: every length is padded right, and every checksum is right, odd lengths included.
    @Test
    void shouldSendValidFramesOfAnyLength() {
        for (int protocol : new int[] {UDP, TCP, ICMP, ICMPV6}) {
            for (int length = 20; length < 1460; length += length < 70 ? 1 : 97) {
                byte[] payload = Frames.counting(length);
                payload[4] = (byte) (length >> 8);
                payload[5] = (byte) length;
                if (protocol != ICMPV6) {
                    assertTrue(send(rig, v4(protocol), payload));
                    rig.takeSent();
                }
                if (protocol != ICMP) {
                    assertTrue(send(rig, v6(protocol), payload));
                    rig.takeSent();
                }
            }
        }
    }

    /// RFC 768: a checksum that comes out as zero is sent as all ones. FrameCheck refuses a zero.
    @Test
    void shouldNeverSendAUdpChecksumOfZero() {
        byte[] datagram = udp(53, 40_000, new byte[2]);
        for (int value = 0; value < 65_536; value++) {
            datagram[8] = (byte) (value >> 8);
            datagram[9] = (byte) value;
            assertTrue(send(rig, v4(UDP), datagram));
            byte[] frame = rig.sent.poll();
            assertTrue(FrameCheck.u16(frame, 40) != 0);
            if (FrameCheck.u16(frame, 40) == 0xffff) {
                FrameCheck.verify(frame);
                return;
            }
        }
        throw new AssertionError("no value led to a checksum of zero");
    }

    /// T47: what does not fit is cut, and whoever puts it together again has the datagram with a right checksum.
    @Test
    void shouldCutWhatIsLargerThanTheMtu() {
        Seeds.check(40, random -> {
            int mtu = 1280 + random.nextInt(random.nextBoolean() ? 300 : 60_000);
            boolean v4 = random.nextBoolean();
            byte[] datagram = udp(53, 40_000, new byte[random.nextInt(65_500)]);
            random.nextBytes(datagram);
            datagram[4] = (byte) (datagram.length >> 8);
            datagram[5] = (byte) datagram.length;
            try (IpRig sender = new IpRig(new SentFrames(), mtu)) {
                assertTrue(send(sender, v4 ? v4(UDP) : v6(UDP), datagram));
                byte[] joined = join(sender.sent, v4, mtu);
                assertArrayEquals(Arrays.copyOf(datagram, 6), Arrays.copyOf(joined, 6));
                assertArrayEquals(Arrays.copyOfRange(datagram, 8, datagram.length),
                        Arrays.copyOfRange(joined, 8, joined.length));
                assertEquals(0xffff, FrameCheck.sum(pseudo(v4, joined.length), joined, 0, joined.length));
            }
        });
    }

    @Test
    void shouldCutTheLongestDatagrams() {
        byte[] datagram = udp(53, 40_000, new byte[65_507]);
        assertTrue(send(rig, v4(UDP), datagram));
        assertEquals(datagram.length, join(rig.sent, true, 1500).length);
        assertTrue(send(rig, v6(UDP), datagram));
        assertEquals(datagram.length, join(rig.sent, false, 1500).length);
    }

    /// T90, bad input 38: identifications of packets that may be cut differ, and begin anywhere.
    @Test
    void shouldNumberWhatMayBeCut() {
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            assertTrue(send(rig, v4(UDP), udp(53, 40_000, new byte[1])));
            assertTrue(seen.add(FrameCheck.u16(rig.takeSent(), 18)), "the same identification again");
        }
        Set<Integer> firsts = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            try (IpRig other = new IpRig()) {
                assertTrue(send(other, v4(UDP), udp(53, 40_000, new byte[1])));
                firsts.add(FrameCheck.u16(other.takeSent(), 18));
            }
        }
        assertTrue(firsts.size() > 1, "identifications can be guessed");
    }

    @Test
    void shouldSayWhenThereIsNoRoom() {
        rig.sent.capacity(0);
        assertEquals(0, rig.output.begin(v4(UDP), 100));
        assertEquals(1, rig.counters.value(StackDrop.OUTPUT_FULL));
        rig.sent.capacity(2);
        assertFalse(send(rig, v4(UDP), udp(53, 40_000, new byte[4000])));
        assertEquals(2, rig.counters.value(StackDrop.OUTPUT_FULL));
    }

    @Test
    void shouldNotAllocate() {
        try (IpRig quiet = new IpRig(new SentFrames(false), 1500)) {
            Envelope[] envelopes = {v4(UDP), v6(UDP)};
            assertEquals(0, Allocations.bytesOf(20_000, 20_000, () -> {
                for (Envelope envelope : envelopes) {
                    for (int length = 100; length < 4000; length += 3000) {
                        long payload = quiet.output.begin(envelope, length);
                        NativeMemory.putLong(payload, length);
                        quiet.output.commit();
                    }
                }
            }));
            assertTrue(quiet.sent.count() > 40_000 * 5);
        }
    }

    private static boolean send(IpRig rig, Envelope envelope, byte[] payload) {
        long address = rig.output.begin(envelope, payload.length);
        NativeMemory.copyIn(payload, 0, address, payload.length);
        return rig.output.commit();
    }

    /// Takes all frames and puts the datagram together as RFC 791 and RFC 8200 say, in the order sent.
    private static byte[] join(SentFrames sent, boolean v4, int mtu) {
        byte[] datagram = new byte[65_536];
        int length = 0;
        boolean more = true;
        int identification = -1;
        while (more) {
            byte[] frame = sent.poll();
            assertNotNull(frame, "the last fragment is missing");
            FrameCheck.verify(frame);
            byte[] packet = FrameCheck.packet(frame);
            assertTrue(packet.length <= mtu);
            boolean cut = v4 ? (FrameCheck.u16(packet, 6) & 0x3fff) != 0 : packet[6] == 44;
            int field = v4 ? FrameCheck.u16(packet, 6) : cut ? FrameCheck.u16(packet, 42) : 0;
            more = v4 ? (field & 0x2000) != 0 : (field & 1) != 0;
            int headers = v4 ? 20 : cut ? 48 : 40;
            int offset = v4 ? (field & 0x1fff) * 8 : field & 0xfff8;
            assertEquals(length, offset);
            int id = v4 ? FrameCheck.u16(packet, 4) : cut ? FrameCheck.u16(packet, 46) : 0;
            assertTrue(identification < 0 || identification == id);
            identification = id;
            System.arraycopy(packet, headers, datagram, length, packet.length - headers);
            length += packet.length - headers;
        }
        assertEquals(0, sent.size());
        return Arrays.copyOf(datagram, length);
    }

    private static int pseudo(boolean v4, int length) {
        byte[] header = v4
                ? new byte[] {(byte) 198, 51, 100, 1, 10, 0, 2, 15, 0, 17, (byte) (length >> 8), (byte) length}
                : new byte[] {0x20, 1, 0x0d, (byte) 0xb8, 0, 0, 0, 1, 0, 1, (byte) 0xfd, 0, 0, 0x15, 0, 17,
                    (byte) (length >> 8), (byte) length};
        return FrameCheck.sum(0, header, 0, header.length);
    }

    private static Envelope v4(int protocol) {
        Envelope envelope = new Envelope();
        envelope.destinationMac = GUEST;
        envelope.sourceLow = IpAddress.v4(OUTSIDE_V4);
        envelope.destinationLow = IpAddress.v4(GUEST_V4);
        envelope.protocol = protocol;
        return envelope;
    }

    private static Envelope v6(int protocol) {
        Envelope envelope = new Envelope();
        envelope.destinationMac = GUEST;
        envelope.sourceHigh = OUTSIDE_HIGH;
        envelope.sourceLow = 1;
        envelope.destinationHigh = PREFIX;
        envelope.destinationLow = GUEST_LOW;
        envelope.protocol = protocol;
        return envelope;
    }
}
