package org.vswitch.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

class OffloadCheckTest {
    private static final int ROOM = 1 << 17;
    private static final int NEEDS_CSUM = VirtioNetHeader.NEEDS_CSUM;
    private static long memory;

    @BeforeAll
    static void map() {
        memory = NativeMemory.map(ROOM);
    }

    @AfterAll
    static void unmap() {
        NativeMemory.unmap(memory, ROOM);
    }

    @Test
    void shouldForgetHeadersThatAskForNothing() {
        byte[] frame = Frames.plain(Frames.B, Frames.A, 60);
        long verified = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.DATA_VALID, 0, 9, 9), 34);
        assertEquals(0, canonical(frame, verified, 16));
        assertEquals(OffloadCheck.INVALID, canonical(frame, VirtioNetHeader.word(0, 1, 0, 100), 16));
    }

    @Test
    void shouldComputeHeaderLengthsItself() {
        Seeds.check(200, random -> {
            SuperFrame frame = SuperFrame.random(random, 3_000);
            long word = canonical(frame.bytes(), frame.word(), frame.csumOffset());
            assertEquals(frame.canonicalWord(), word);
            assertEquals(frame.headers(), VirtioNetHeader.headerLength(word));
        });
    }

    @Test
    void shouldRefuseChecksumsThatWouldRewriteAddressesOrTags() {
        byte[] untagged = Frames.plain(Frames.B, Frames.A, 100);
        byte[] tagged = Frames.tagged(untagged, 5);
        byte[] twice = Frames.tagged(tagged, 6);
        for (int start = 0; start < 30; start++) {
            long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(NEEDS_CSUM, 0, 0, 0), start);
            assertEquals(start < 14 ? OffloadCheck.INVALID : word, canonical(untagged, word, 0));
            assertEquals(start < 18 ? OffloadCheck.INVALID : word, canonical(tagged, word, 0));
            assertEquals(start < 22 ? OffloadCheck.INVALID : word, canonical(twice, word, 0));
        }
    }

    @Test
    void shouldRefuseChecksumFieldsOutsideFrameAndHead() {
        for (int length : new int[] {60, 128, 2_000}) {
            int head = Math.min(length, 128);
            byte[] frame = Frames.plain(Frames.B, Frames.A, length);
            long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(NEEDS_CSUM, 0, 0, 0), 40);
            assertEquals(word, canonical(frame, word, head - 42));
            assertEquals(OffloadCheck.INVALID, canonical(frame, word, head - 41));
            assertEquals(OffloadCheck.INVALID, canonical(frame, word, 65_535));
            assertEquals(OffloadCheck.INVALID, canonical(frame, VirtioNetHeader.withCsumStart(word, 65_535), 65_535));
        }
    }

    @Test
    void shouldRefuseSuperFramesThatAreFragments() {
        byte[] packet = Frames.ipv4(Frames.TCP, Frames.tcp(0, new byte[1_000]));
        assertNotEquals(OffloadCheck.INVALID, canonicalTcp4(packet, 100));
        packet[6] = 0x20;
        assertEquals(OffloadCheck.INVALID, canonicalTcp4(packet, 100));
    }

    @Test
    void shouldRefuseOtherProtocolsAndKinds() {
        byte[] udp = Frames.ipv4(Frames.UDP, Frames.udp(new byte[1_000]));
        assertEquals(OffloadCheck.INVALID, canonicalTcp4(udp, 100));
        byte[] tcp = Frames.ethernet(Frames.B, Frames.A, Frames.IPV4,
                Frames.ipv4(Frames.TCP, Frames.tcp(0, new byte[1_000])));
        for (int type : new int[] {2, 3, 4, 5, 0x21, 0x80, 0x84, 0xff}) {
            long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(NEEDS_CSUM, type, 0, 100), 34);
            assertEquals(OffloadCheck.INVALID, canonical(tcp, word, SuperFrame.CHECKSUM));
        }
        long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(NEEDS_CSUM, 1, 0, 100), 34);
        assertEquals(OffloadCheck.INVALID, canonical(tcp, word, 6));
        assertEquals(OffloadCheck.INVALID, canonical(tcp, VirtioNetHeader.withCsumStart(word, 38), 16));
    }

    @Test
    void shouldRefuseTrainsOfWhatIsNoDatagram() {
        byte[] datagram = Frames.udp(new byte[1_000]);
        byte[] packet = Frames.ipv4(Frames.UDP, datagram);
        assertNotEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, packet, 100));
        assertEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV6, packet, 100));
        assertEquals(OffloadCheck.INVALID, canonicalUdp(Frames.ARP, packet, 100));
        byte[] tcp = Frames.ipv4(Frames.TCP, Frames.tcp(0, new byte[1_000]));
        assertEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, tcp, 100));
        byte[] frame = Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet);
        long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(NEEDS_CSUM, 5, 0, 100), 34);
        assertEquals(OffloadCheck.INVALID, canonical(frame, word, SuperFrame.CHECKSUM));
        assertEquals(OffloadCheck.INVALID, canonical(frame, VirtioNetHeader.withCsumStart(word, 33), 6));
        long congested = VirtioNetHeader.word(NEEDS_CSUM, 5 | VirtioNetHeader.GSO_ECN, 0, 100);
        assertEquals(OffloadCheck.INVALID, canonical(frame, VirtioNetHeader.withCsumStart(congested, 34), 6));
        packet[6] = 0x20;
        assertEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, packet, 100), "a fragment");
        byte[] whole = Frames.ipv4(Frames.UDP, Frames.udp(new byte[0]));
        assertNotEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, whole, 100));
        assertEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, Arrays.copyOf(whole, 27), 100), "no header");
    }

    /// Of any size, but not more than any kernel makes of a train.
    @Test
    void shouldRefuseTrainsOfTooManyDatagrams() {
        byte[] packet = Frames.ipv4(Frames.UDP, Frames.udp(new byte[1_280]));
        assertEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, packet, 0));
        assertEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, packet, 9));
        assertNotEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, packet, 10));
        assertNotEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, packet, 65_507));
        assertEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, packet, 65_508));
        byte[] small = Frames.ipv4(Frames.UDP, Frames.udp(new byte[128]));
        assertNotEquals(OffloadCheck.INVALID, canonicalUdp(Frames.IPV4, small, 1));
    }

    @Test
    void shouldRefuseSegmentsThatAreTooSmallOrTooLong() {
        byte[] packet = Frames.ipv4(Frames.TCP, Frames.tcp(0, new byte[60_000]));
        assertEquals(OffloadCheck.INVALID, canonicalTcp4(packet, 0));
        assertEquals(OffloadCheck.INVALID, canonicalTcp4(packet, 47));
        assertNotEquals(OffloadCheck.INVALID, canonicalTcp4(packet, 48));
        assertNotEquals(OffloadCheck.INVALID, canonicalTcp4(packet, 65_495));
        assertEquals(OffloadCheck.INVALID, canonicalTcp4(packet, 65_496));
    }

    @Test
    void shouldRefuseHeadersThatLeaveTheHead() {
        byte[] options = new byte[40];
        byte[] both = Frames.ethernet(Frames.B, Frames.A, Frames.IPV4,
                Frames.ipv4(Frames.TCP, options, Frames.tcp(0, options, new byte[500])));
        long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(NEEDS_CSUM, 1, 0, 100), 74);
        assertEquals(OffloadCheck.INVALID, canonical(both, word, SuperFrame.CHECKSUM));
    }

    /// Whatever is accepted can be acted on without reading a byte outside the frame: the checked mode would throw.
    @Test
    void shouldSurviveHostileFramesAndHeaders() {
        FrameBatch batch = FrameBatch.forReceiving();
        Variants variants = new Variants(batch);
        Seeds.check(5_000, random -> {
            batch.clear();
            SuperFrame origin = SuperFrame.random(random, 400);
            byte[] frame = spoilt(origin, random);
            long address = memory + ROOM - frame.length;
            NativeMemory.copyIn(frame, 0, address, frame.length);
            long word = origin.word() ^ (random.nextInt(3) == 0 ? 1L << random.nextInt(64) : 0);
            VirtioNetHeader.write(FrameSlab.header(address), word,
                    random.nextInt(8) == 0 ? random.nextInt(200) : origin.csumOffset());
            batch.addOffloadedFrame(address, frame.length);
            assertEquals(1, batch.size() + batch.discards());
            variants.begin();
            if (batch.size() == 1) {
                int form = batch.isTagged(0) ? variants.untagged(0) : variants.tagged(0, 1);
                completeForm(batch, variants, 0);
                completeForm(batch, variants, form);
            }
        });
    }

    private static void completeForm(FrameBatch batch, Variants variants, int row) {
        int form = row;
        if (VirtioNetHeader.gsoType(batch.offload(row)) != 0) {
            form = variants.segmented(row);
        } else if (batch.offload(row) != 0) {
            form = variants.checksummed(row);
        }
        Frames.bytes(batch, form);
    }

    private static byte[] spoilt(SuperFrame origin, Random random) {
        byte[] frame = origin.bytes().clone();
        for (int i = random.nextInt(4); i > 0; i--) {
            frame[12 + random.nextInt(Math.min(frame.length, 120) - 12)] = (byte) random.nextInt();
        }
        return random.nextBoolean() ? frame : Arrays.copyOf(frame, random.nextInt(frame.length));
    }

    private static long canonicalTcp4(byte[] packet, int gsoSize) {
        long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(NEEDS_CSUM, 1, 0, gsoSize), 34);
        return canonical(Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet), word, SuperFrame.CHECKSUM);
    }

    private static long canonicalUdp(int type, byte[] packet, int gsoSize) {
        long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(NEEDS_CSUM, 5, 0, gsoSize), 34);
        return canonical(Frames.ethernet(Frames.B, Frames.A, type, packet), word, 6);
    }

    private static long canonical(byte[] frame, long word, int csumOffset) {
        long address = memory + ROOM - frame.length;
        NativeMemory.copyIn(frame, 0, address, frame.length);
        return OffloadCheck.canonical(word, csumOffset, address, frame.length);
    }
}
