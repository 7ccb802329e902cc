package org.vswitch.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.wire.VirtioNetHeader;

class VariantsTest {
    private static final int VID = 77;
    private final FrameBatch batch = FrameBatch.forReceiving();
    private final Variants variants = new Variants(batch);

    @Test
    void shouldTagUntaggedFramesOnly() {
        byte[] untagged = Frames.plain(Frames.B, Frames.A, 300);
        byte[] tagged = Frames.tagged(untagged, 5);
        receive(untagged, tagged);
        int form = variants.tagged(0, VID);
        assertArrayEquals(Frames.tagged(untagged, VID), Frames.bytes(batch, form));
        assertArrayEquals(untagged, Frames.bytes(batch, 0));
        assertEquals(1, variants.tagged(1, VID));
        assertTrue(batch.isTagged(form));
        assertEquals(VID, batch.tci(form));
    }

    @Test
    void shouldUntagTaggedFramesOnly() {
        byte[] untagged = Frames.plain(Frames.B, Frames.A, 300);
        byte[] tagged = Frames.tagged(untagged, 5);
        receive(untagged, tagged);
        assertArrayEquals(untagged, Frames.bytes(batch, variants.untagged(1)));
        assertEquals(0, variants.untagged(0));
    }

    @Test
    void shouldTagAndUntagTheShortestFrames() {
        Seeds.check(50, random -> {
            byte[] untagged = Frames.plain(Frames.B, Frames.A, 14 + random.nextInt(8));
            byte[] tagged = Frames.tagged(Frames.plain(Frames.B, Frames.A, 14 + random.nextInt(8)), 9);
            receive(untagged, tagged);
            assertArrayEquals(Frames.tagged(untagged, VID), Frames.bytes(batch, variants.tagged(0, VID)));
            assertArrayEquals(Frames.untagged(tagged), Frames.bytes(batch, variants.untagged(1)));
        });
    }

    @Test
    void shouldRemoveOnlyTheOuterTag() {
        byte[] inner = Frames.tagged(Frames.plain(Frames.B, Frames.A, 64), 6);
        receive(Frames.tagged(inner, 5));
        assertArrayEquals(inner, Frames.bytes(batch, variants.untagged(0)));
    }

    @Test
    void shouldMakeEachFormOnce() {
        batch.clear();
        SuperFrame frame = SuperFrame.random(new Random(1), 5_000);
        Frames.receiveOffloaded(batch, frame.bytes(), frame.word(), frame.csumOffset());
        addPartial(partialUdp(Frames.counting(100)));
        variants.begin();
        int segments = variants.segmented(0);
        int form = variants.checksummed(1);
        int tagForm = variants.tagged(1, VID);
        int tagFormChecksummed = variants.checksummed(tagForm);
        int rows = batch.rows();
        assertEquals(segments, variants.segmented(0));
        assertEquals(form, variants.checksummed(1));
        assertEquals(tagForm, variants.tagged(1, VID));
        assertEquals(tagFormChecksummed, variants.checksummed(tagForm));
        assertEquals(rows, batch.rows());
    }

    @Test
    void shouldForgetFormsWithEachPass() {
        for (int length = 60; length < 70; length++) {
            byte[] frame = Frames.plain(Frames.B, Frames.A, length);
            receive(frame);
            assertArrayEquals(Frames.tagged(frame, VID), Frames.bytes(batch, variants.tagged(0, VID)));
        }
    }

    @Test
    void shouldSegmentAsTheNaiveReferenceDoes() {
        Seeds.check(150, random -> {
            try (ScatteredMemory guest = new ScatteredMemory(random)) {
                List<SuperFrame> frames = new ArrayList<>();
                batch.clear();
                for (int i = random.nextInt(1, 8); i > 0; i--) {
                    SuperFrame frame = SuperFrame.random(random, random.nextInt(4) == 0 ? 64_000 : 6_000);
                    frames.add(frame);
                    receive(frame, random.nextBoolean() ? guest : null);
                }
                variants.begin();
                for (int i = 0; i < 2 * frames.size(); i++) {
                    int row = random.nextInt(frames.size());
                    SuperFrame frame = frames.get(row);
                    switch (random.nextInt(3)) {
                        case 0 -> assertSegments(frame, row);
                        case 1 -> assertSegments(batch.isTagged(row) ? frame : frame.tagged(VID),
                                variants.tagged(row, VID));
                        default -> assertSegments(batch.isTagged(row) ? frame.untagged() : frame,
                                variants.untagged(row));
                    }
                }
            }
        });
    }

    @Test
    void shouldCompleteChecksumsAsTheNaiveReferenceDoes() {
        Seeds.check(300, random -> {
            try (ScatteredMemory guest = new ScatteredMemory(random)) {
                byte[] frame = Frames.plain(Frames.B, Frames.A, 60 + random.nextInt(2_000));
                random.nextBytes(frame);
                if (random.nextBoolean()) {
                    frame = Frames.tagged(frame, 3);
                } else {
                    frame[12] = 0;
                }
                int start = random.nextInt(34, 50);
                int offset = random.nextInt(10);
                long word = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0);
                batch.clear();
                guest.append(batch, frame, VirtioNetHeader.withCsumStart(word, start), offset);
                variants.begin();
                assertArrayEquals(completed(frame, start, offset), Frames.bytes(batch, variants.checksummed(0)));
                boolean isTagged = batch.isTagged(0);
                int form = isTagged ? variants.untagged(0) : variants.tagged(0, VID);
                byte[] formBytes = isTagged ? Frames.untagged(frame) : Frames.tagged(frame, VID);
                assertArrayEquals(formBytes, Frames.bytes(batch, form));
                assertArrayEquals(completed(formBytes, start + (isTagged ? -4 : 4), offset),
                        Frames.bytes(batch, variants.checksummed(form)));
                assertArrayEquals(frame, Frames.bytes(batch, 0));
            }
        });
    }

    @Test
    void shouldSendAUdpChecksumOfZeroAsOnes() {
        byte[] payload = Frames.counting(20);
        byte[] frame = partialUdp(payload);
        int rest = ~Frames.sum(frame, 34, frame.length) & 0xffff;
        SuperFrame.put16(frame, 42, SuperFrame.get16(frame, 42) + rest + (SuperFrame.get16(frame, 42) + rest >>> 16));
        assertEquals(0xffff, Frames.sum(frame, 34, frame.length));
        batch.clear();
        addPartial(frame);
        variants.begin();
        byte[] complete = Frames.bytes(batch, variants.checksummed(0));
        assertEquals(0xffff, SuperFrame.get16(complete, 40));
    }

    /// The second of three, as its last word makes up for all others.
    @Test
    void shouldNeverSendADatagramOfATrainWithoutChecksum() {
        byte[] payload = Frames.counting(300);
        byte[] packet = Frames.ipv4(Frames.UDP, Frames.udp(payload));
        SuperFrame frame = new SuperFrame(Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet), 14, 34, 42, 100,
                false);
        byte[] second = frame.segments().get(1);
        int last = 42 + 2 * 100 - 2;
        int sum = SuperFrame.get16(frame.bytes(), last) + SuperFrame.get16(second, 40);
        SuperFrame.put16(frame.bytes(), last, sum + (sum >>> 16));
        batch.clear();
        receive(frame, null);
        variants.begin();
        assertEquals(0xffff, SuperFrame.get16(Frames.bytes(batch, variants.segmented(0) + 1), 40));
        assertSegments(frame, 0);
    }

    /// In one segment or none there is nothing to cut; the length is corrected all the same.
    @Test
    void shouldMakeOneDatagramOfAShortTrain() {
        for (int length : new int[] {0, 1, 99, 100}) {
            byte[] packet = Frames.ipv4(Frames.UDP, Frames.udp(Frames.counting(length)));
            SuperFrame frame = new SuperFrame(Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet), 14, 34, 42,
                    100, false);
            frame.bytes()[38] = 77;
            batch.clear();
            receive(frame, null);
            variants.begin();
            assertEquals(1, variants.segmentCount(0));
            assertSegments(frame, 0);
        }
    }

    @Test
    void shouldLeaveNothingToDoForCompleteForms() {
        batch.clear();
        SuperFrame frame = SuperFrame.random(new Random(2), 5_000);
        Frames.receiveOffloaded(batch, frame.bytes(), frame.word(), frame.csumOffset());
        addPartial(partialUdp(Frames.counting(100)));
        variants.begin();
        for (int row : new int[] {variants.segmented(0), variants.checksummed(1)}) {
            assertEquals(0, batch.offload(row));
            assertEquals(0, VirtioNetHeader.word(FrameSlab.header(batch.head(row))));
        }
        assertNotEquals(0, batch.offload(0));
    }

    @Test
    void shouldMoveTheOffloadHeaderWithATag() {
        batch.clear();
        addPartial(partialUdp(Frames.counting(100)));
        variants.begin();
        int form = variants.tagged(0, VID);
        assertEquals(38, VirtioNetHeader.csumStart(batch.offload(form)));
        assertEquals(batch.offload(form), VirtioNetHeader.word(FrameSlab.header(batch.head(form))));
        assertEquals(6, VirtioNetHeader.csumOffset(FrameSlab.header(batch.head(form))));
    }

    @Test
    void shouldKeepToTheBudgetOfSegments() {
        batch.clear();
        byte[] packet = Frames.ipv4(Frames.TCP, Frames.tcp(0, new byte[60_000]));
        SuperFrame frame = new SuperFrame(Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet), 14, 34, 54, 48,
                false);
        for (int i = 0; i < 5; i++) {
            Frames.receiveOffloaded(batch, frame.bytes(), frame.word(), frame.csumOffset());
        }
        variants.begin();
        assertEquals(1_250, variants.segmentCount(0));
        for (int row = 0; row < 3; row++) {
            assertNotEquals(Variants.NONE, variants.segmented(row));
        }
        assertEquals(Variants.NONE, variants.segmented(3));
        assertEquals(Variants.NONE, variants.segmented(variants.tagged(4, VID)));
        assertSegments(frame, 1);
    }

    @Test
    void shouldHaveRoomForEverythingOnePassCanNeed() {
        try (ScatteredMemory guest = new ScatteredMemory(new Random(3))) {
            batch.clear();
            int payload = 32 * 48;
            byte[] packet = Frames.ipv4(Frames.TCP, Frames.tcp(0, Frames.counting(payload)));
            SuperFrame frame = new SuperFrame(Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet), 14, 34, 54,
                    48, false);
            for (int row = 0; row < FrameBatch.CAPACITY; row++) {
                receive(frame, guest);
            }
            variants.begin();
            for (int row = 0; row < FrameBatch.CAPACITY; row++) {
                assertSegments(frame, row);
                assertSegments(frame.tagged(VID), variants.tagged(row, VID));
            }
            assertEquals(FrameBatch.CAPACITY * 2 + Variants.MAX_SEGMENTS, batch.rows());
        }
    }

    private void receive(byte[]... frames) {
        batch.clear();
        Frames.receive(batch, frames);
        variants.begin();
    }

    private void receive(SuperFrame frame, ScatteredMemory guest) {
        if (guest == null) {
            Frames.receiveOffloaded(batch, frame.bytes(), frame.word(), frame.csumOffset());
        } else {
            guest.append(batch, frame.bytes(), frame.canonicalWord(), frame.csumOffset());
        }
    }

    private void addPartial(byte[] udp) {
        long word = VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0);
        Frames.receiveOffloaded(batch, udp, VirtioNetHeader.withCsumStart(word, 34), 6);
    }

    private void assertSegments(SuperFrame frame, int row) {
        List<byte[]> expected = frame.segments();
        int first = variants.segmented(row);
        assertEquals(expected.size(), variants.segmentCount(row));
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), Frames.bytes(batch, first + i), "segment " + i);
        }
    }

    /// A datagram of which the checksum field holds the pseudo header's sum.
    private static byte[] partialUdp(byte[] payload) {
        byte[] datagram = Frames.udp(payload);
        byte[] packet = Frames.ipv4(Frames.UDP, datagram);
        SuperFrame.put16(packet, 20 + 6, Frames.UDP + datagram.length + Frames.sum(packet, 12, 20));
        return Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, packet);
    }

    private static byte[] completed(byte[] frame, int start, int offset) {
        byte[] complete = frame.clone();
        int checksum = ~Frames.sum(frame, start, frame.length) & 0xffff;
        SuperFrame.put16(complete, start + offset, offset == 6 && checksum == 0 ? 0xffff : checksum);
        return complete;
    }
}
