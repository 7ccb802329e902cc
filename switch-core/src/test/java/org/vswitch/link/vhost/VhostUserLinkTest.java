package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.link.vhost.DeviceRig.assertFrames;
import static org.vswitch.link.vhost.DeviceRig.assertReceived;
import static org.vswitch.link.vhost.DeviceRig.frames;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Frames;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Link;
import org.vswitch.link.LinkFeatures;
import org.vswitch.linux.Errno;
import org.vswitch.wire.VirtioNetHeader;

/// Frames between a guest's rings and batches.
class VhostUserLinkTest {
    private static final long MODERN = VirtioFeatures.VERSION_1;
    private static final int TX = 1;
    private static final int RX = 0;

    private DeviceRig rig;

    @AfterEach
    void close() {
        if (rig != null) {
            rig.close();
        }
    }

    private DeviceRig plug(long features) throws IOException {
        return plug(features, 1, 256);
    }

    private DeviceRig plug(long features, int pairs, int size, long... cuts) throws IOException {
        rig = new DeviceRig(features, pairs, size, cuts);
        return rig;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, VirtioFeatures.MRG_RXBUF, VirtioFeatures.VERSION_1, TestGuest.LINUX})
    void shouldReceiveFramesOfAllLengths(long features) throws IOException {
        plug(features);
        for (int length : new int[] {14, 15, 59, 60, 64, 127, 128, 129, 1514, 2036}) {
            byte[] frame = Frames.plain(Frames.B, Frames.A, length);
            rig.guest.send(TX, frame);
            assertFrames(List.of(frame), rig.receive());
            assertEquals(1, rig.guest.ring(TX).returned());
            rig.guest.ring(TX).take();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, VirtioFeatures.MRG_RXBUF, VirtioFeatures.VERSION_1, TestGuest.LINUX})
    void shouldTransmitFramesOfAllLengths(long features) throws IOException {
        plug(features);
        for (int length : new int[] {14, 15, 59, 60, 64, 127, 128, 129, 1514, 2036}) {
            byte[] frame = Frames.plain(Frames.B, Frames.A, length);
            rig.guest.give(RX, 1, TestGuest.BUFFER);
            assertEquals(1, rig.transmit(frame));
            assertEquals(rig.guest.header() + length, rig.guest.ring(RX).length());
            assertReceived(List.of(frame), rig.guest.received(RX));
        }
    }

    @Test
    void shouldGiveBuffersBackOnlyWhenTheyAreReleased() throws IOException {
        plug(MODERN);
        for (byte[] frame : frames(3, 200)) {
            rig.guest.send(TX, frame);
        }
        assertEquals(3, rig.link.receive(rig.batch));
        assertEquals(0, rig.guest.ring(TX).returned());
        assertFrames(Arrays.asList(frames(3, 200)), rig.rows());
        rig.link.release(rig.batch);
        assertEquals(3, rig.guest.ring(TX).returned());
        for (int i = 0; i < 3; i++) {
            assertEquals(i, rig.guest.ring(TX).head());
            assertEquals(0, rig.guest.ring(TX).length());
            rig.guest.ring(TX).take();
        }
    }

    @Test
    void shouldLendWhatIsLongAndKeepTheHead() throws IOException {
        plug(MODERN);
        byte[] frame = Frames.plain(Frames.B, Frames.A, 1000);
        rig.guest.send(TX, frame);
        rig.link.receive(rig.batch);
        rig.guest.memory().put(rig.guest.buffer(TX, 0), new byte[12 + 1000]);
        byte[] kept = Arrays.copyOf(Arrays.copyOf(frame, 128), 1000);
        assertArrayEquals(kept, Frames.bytes(rig.batch, 0), "the head is ours, the rest the guest's");
        assertEquals(2, rig.batch.pieces(0));
        rig.link.release(rig.batch);
    }

    @Test
    void shouldReceiveNoMoreThanWanted() throws IOException {
        plug(MODERN);
        for (byte[] frame : frames(100, 1000)) {
            rig.guest.send(TX, frame);
        }
        rig.batch.wanted(7);
        assertEquals(7, rig.receive().size());
        rig.batch.wanted(64);
        rig.batch.wantedBytes(3_000);
        assertEquals(3, rig.receive().size());
        rig.batch.wantedBytes(Integer.MAX_VALUE);
        for (int rest = 90; rest > 0; rest -= VhostUserLink.BURST) {
            assertEquals(Math.min(VhostUserLink.BURST, rest), rig.receive().size());
        }
        assertEquals(100, rig.guest.ring(TX).returned());
    }

    @Test
    void shouldGoOnWhereIndicesWrap() throws IOException {
        plug(MODERN, 1, 8);
        rig.link.stop(TX);
        rig.link.stop(RX);
        rig.guest.ring(TX).begin(0xfffc);
        rig.guest.ring(RX).begin(0xfffd);
        rig.guest.start(rig.link, TX);
        rig.guest.start(rig.link, RX);
        for (int round = 0; round < 3; round++) {
            List<byte[]> frames = Arrays.asList(frames(8, 100));
            frames.forEach(frame -> rig.guest.send(TX, frame));
            assertFrames(frames, rig.receive());
            rig.guest.ring(TX).rewind();
            rig.guest.give(RX, 8, TestGuest.BUFFER);
            assertEquals(8, rig.transmit(frames(8, 100)));
            assertReceived(frames, rig.guest.received(RX));
        }
        assertEquals((0xfffc + 24) & 0xffff, rig.link.stop(TX));
    }

    @Test
    void shouldMergeBuffers() throws IOException {
        plug(TestGuest.LINUX);
        byte[] frame = Frames.plain(Frames.B, Frames.A, 1514);
        rig.guest.give(RX, 40, 100);
        assertEquals(2, rig.transmit(frame, frame));
        assertEquals(32, rig.guest.ring(RX).returned());
        List<TestGuest.Received> received = rig.guest.received(RX);
        assertReceived(List.of(frame, frame), received);
        assertEquals(16, received.getFirst().header()[10], "num_buffers");
    }

    @Test
    void shouldSayOneBufferWhereOneIsUsed() throws IOException {
        plug(MODERN);
        rig.guest.give(RX, 1, TestGuest.BUFFER);
        rig.transmit(frames(1, 60));
        assertEquals(1, rig.guest.received(RX).getFirst().header()[10]);
    }

    @Test
    void shouldRefuseWhatFitsIntoNoBuffer() throws IOException {
        plug(MODERN);
        rig.guest.give(RX, 2, 500);
        assertEquals(Link.refused(Errno.EMSGSIZE.number()), rig.transmit(frames(1, 1000)));
        assertEquals(1, rig.transmit(frames(1, 400)));
        assertReceived(Arrays.asList(frames(1, 400)), rig.guest.received(RX));
        assertEquals(List.of(), rig.log);
    }

    @Test
    void shouldRefuseWhatAllBuffersTogetherDoNotHold() throws IOException {
        plug(TestGuest.LINUX, 1, 8);
        rig.guest.give(RX, 8, 100);
        assertEquals(Link.refused(Errno.EMSGSIZE.number()), rig.transmit(frames(1, 1000)));
        assertEquals(1, rig.transmit(frames(1, 700)));
    }

    @Test
    void shouldTakeAPrefixWhereBuffersEnd() throws IOException {
        plug(TestGuest.LINUX);
        assertEquals(0, rig.transmit(frames(4, 60)));
        rig.guest.give(RX, 3, 100);
        assertEquals(0, rig.transmit(frames(1, 400)), "needs five");
        assertEquals(0, rig.transmit(frames(1, 400)), "still");
        assertEquals(3, rig.transmit(frames(5, 60)));
        assertEquals(0, rig.transmit(frames(1, 60)));
        rig.guest.give(RX, 1, 100);
        assertEquals(1, rig.transmit(frames(1, 60)));
        assertEquals(4, rig.guest.received(RX).size());
    }

    @Test
    void shouldFeatureWhatTheGuestAgreedTo() throws IOException {
        plug(TestGuest.LINUX);
        assertEquals(new LinkFeatures(FrameSlab.MAX_FRAME, true, true, true, false, LinkFeatures.MAX_BUFFERED),
                rig.link.features());
        List<LinkFeatures> told = new ArrayList<>();
        rig.link.refitBy(() -> told.add(rig.link.features()));
        rig.link.features(MODERN);
        rig.link.features(MODERN | VirtioFeatures.GUEST_TSO4);
        rig.link.mtu(9000);
        LinkFeatures plain = LinkFeatures.plain(FrameSlab.MAX_FRAME, LinkFeatures.MAX_BUFFERED);
        assertEquals(List.of(plain, plain, LinkFeatures.plain(9018, LinkFeatures.MAX_BUFFERED)), told);
    }

    @Test
    void shouldCarrySuperFramesBothWays() throws IOException {
        plug(TestGuest.LINUX);
        byte[] frame = Frames.ethernet(Frames.B, Frames.A, Frames.IPV4,
                Frames.ipv4(Frames.TCP, Frames.tcp(0x10, new byte[30_000])));
        long word = VirtioNetHeader.withCsumStart(
                VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.GSO_TCPV4, 54, 1448), 34);
        rig.outgoing.clear();
        Frames.receiveOffloaded(rig.outgoing, frame, word, 16);
        rig.guest.give(RX, 40, TestGuest.BUFFER);
        assertEquals(1, rig.transmit());
        List<TestGuest.Received> received = rig.guest.received(RX);
        assertReceived(List.of(frame), received);
        assertEquals(word, received.getFirst().word());
        assertEquals(16, received.getFirst().header()[8]);

        SplitRingDriver ring = rig.guest.ring(TX);
        byte[] all = Arrays.copyOf(received.getFirst().header(), 12 + frame.length);
        System.arraycopy(frame, 0, all, 12, frame.length);
        rig.guest.memory().put(rig.guest.spare(), all);
        ring.descriptor(0, rig.guest.spare(), all.length, 0);
        ring.offer(0);
        ring.announce();
        assertFrames(List.of(frame), rig.receive());
        assertEquals(word, rig.batch.offload(0));
        assertEquals(16, rig.batch.csumOffset(0));
    }

    @Test
    void shouldNotTellOfCongestionWhomDoesNotUnderstandIt() throws IOException {
        plug(TestGuest.LINUX & ~VirtioFeatures.GUEST_ECN);
        byte[] frame = Frames.ethernet(Frames.B, Frames.A, Frames.IPV4,
                Frames.ipv4(Frames.TCP, Frames.tcp(0x10, new byte[1900])));
        long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM,
                VirtioNetHeader.GSO_TCPV4 | VirtioNetHeader.GSO_ECN, 54, 1000), 34);
        rig.outgoing.clear();
        Frames.receiveOffloaded(rig.outgoing, frame, word, 16);
        rig.guest.give(RX, 4, TestGuest.BUFFER);
        assertEquals(1, rig.transmit());
        assertEquals(word & ~(0x80L << 8), rig.guest.received(RX).getFirst().word());
    }

    @Test
    void shouldRefuseWhatWaitedForAnotherGuest() throws IOException {
        plug(MODERN);
        byte[] frame = Frames.ethernet(Frames.B, Frames.A, Frames.IPV4,
                Frames.ipv4(Frames.UDP, Frames.udp(new byte[100])));
        rig.outgoing.clear();
        Frames.receiveOffloaded(rig.outgoing, frame,
                VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0), 34), 6);
        rig.guest.give(RX, 4, TestGuest.BUFFER);
        assertEquals(Link.refused(Errno.EOPNOTSUPP.number()), rig.transmit());
    }

    @Test
    void shouldDiscardFramesWhoseHeaderDoesNotFit() throws IOException {
        plug(MODERN);
        byte[] header = new byte[12];
        header[0] = VirtioNetHeader.NEEDS_CSUM;
        header[6] = (byte) 0xff;
        header[7] = (byte) 0xff;
        rig.guest.send(TX, header, Frames.plain(Frames.B, Frames.A, 60));
        rig.guest.send(TX, new byte[13]);
        rig.guest.send(TX, Frames.plain(Frames.B, Frames.A, 60));
        assertFrames(List.of(Frames.plain(Frames.B, Frames.A, 60)), rig.receive());
        assertEquals(1, rig.batch.discarded(Drop.BAD_OFFLOAD));
        assertEquals(1, rig.batch.discarded(Drop.TOO_SHORT));
        assertEquals(3, rig.guest.ring(TX).returned());
    }

    @Test
    void shouldThrowAwayWhatComesThroughADisabledRing() throws IOException {
        plug(MODERN);
        rig.link.enable(TX, false);
        rig.guest.send(TX, Frames.plain(Frames.B, Frames.A, 60));
        assertFrames(List.of(), rig.receive());
        assertEquals(1, rig.batch.discarded(Drop.LINK_DOWN));
        assertEquals(1, rig.guest.ring(TX).returned());
        rig.link.enable(TX, true);
        rig.guest.send(TX, Frames.plain(Frames.B, Frames.A, 60));
        assertEquals(1, rig.receive().size());
    }

    @Test
    void shouldPutNothingIntoARingThatIsNotEnabled() throws IOException {
        plug(MODERN);
        rig.guest.give(RX, 4, TestGuest.BUFFER);
        rig.link.enable(RX, false);
        assertEquals(Link.DOWN, rig.transmit(frames(1, 60)));
        rig.link.enable(RX, true);
        assertEquals(1, rig.transmit(frames(1, 60)));
        rig.link.stop(RX);
        assertEquals(Link.DOWN, rig.transmit(frames(1, 60)));
        assertEquals(1, rig.guest.received(RX).size());
    }

    @Test
    void shouldGoOnWhereTheUsedIndexSays() throws IOException {
        plug(MODERN);
        rig.guest.send(TX, Frames.plain(Frames.B, Frames.A, 60));
        rig.receive();
        rig.guest.send(TX, Frames.plain(Frames.B, Frames.A, 61));
        assertEquals(1, rig.link.stop(TX));
        assertEquals(-1, rig.link.stop(TX));
        assertFrames(List.of(), rig.receive());
        assertEquals(1, rig.guest.ring(TX).returned(), "a ring that is stopped is not touched");
        rig.guest.start(rig.link, TX);
        assertFrames(List.of(Frames.plain(Frames.B, Frames.A, 61)), rig.receive());
    }

    @Test
    void shouldFindItsRingsInNewMemory() throws IOException {
        plug(MODERN);
        GuestMemory again = rig.guest.memory().mapped();
        rig.link.memory(again);
        again.close();
        rig.guest.send(TX, Frames.plain(Frames.B, Frames.A, 600));
        assertEquals(1, rig.receive().size());
        rig.link.memory(GuestMemory.NONE);
        assertEquals(2, rig.log.size(), rig.log.toString());
        assertTrue(rig.log.getFirst().contains("new memory"), rig.log.toString());
        assertEquals(Link.DOWN, rig.transmit(frames(1, 60)));
    }

    @Test
    void shouldAnnounceAGuestAsItWouldItself() throws IOException {
        plug(MODERN);
        rig.link.inject(Frames.A);
        assertFalse(rig.link.arm());
        byte[] expected = java.util.HexFormat.of().parseHex("ffffffffffff" + "02000000000a" + "8035"
                + "0001080006040003" + "02000000000a" + "00000000" + "02000000000a" + "00000000");
        assertFrames(List.of(Arrays.copyOf(expected, 60)), rig.receive());
        assertFrames(List.of(), rig.receive());
    }

    @Test
    void shouldReceiveFromAllRingsInTurn() throws IOException {
        plug(MODERN | VirtioFeatures.MQ, 3, 64);
        for (int round = 0; round < 10; round++) {
            for (int pair = 0; pair < 3; pair++) {
                for (int i = 0; i < 32; i++) {
                    rig.guest.send(2 * pair + 1, Frames.plain(Frames.B, Frames.A + pair, 60 + i));
                }
            }
            int[] next = new int[3];
            for (List<byte[]> frames = rig.receive(); !frames.isEmpty(); frames = rig.receive()) {
                for (byte[] frame : frames) {
                    int pair = frame[11] - (int) (Frames.A & 0xff);
                    assertEquals(60 + next[pair]++, frame.length, "in order");
                }
            }
            assertArrayEquals(new int[] {32, 32, 32}, next);
            rig.guest.ring(1).rewind();
            rig.guest.ring(3).rewind();
            rig.guest.ring(5).rewind();
        }
    }

    @Test
    void shouldKeepAFlowToOneRing() throws IOException {
        plug(MODERN | VirtioFeatures.MQ, 4, 64);
        IntStream.range(0, 4).forEach(pair -> rig.guest.give(2 * pair, 64, TestGuest.BUFFER));
        byte[][] frames = new byte[64][];
        for (int i = 0; i < 64; i++) {
            frames[i] = Frames.plain(Frames.B, Frames.A + i % 16, 60 + i);
        }
        assertEquals(64, rig.transmit(frames));
        int[] ringOf = new int[16];
        int all = 0;
        for (int ring = 0; ring < 8; ring += 2) {
            int[] last = new int[16];
            for (TestGuest.Received received : rig.guest.received(ring)) {
                int flow = received.frame()[11] - (int) (Frames.A & 0xff);
                assertTrue(ringOf[flow] == 0 || ringOf[flow] == ring + 1, "flow " + flow + " in two rings");
                ringOf[flow] = ring + 1;
                assertTrue(received.frame().length > last[flow], "in order");
                last[flow] = received.frame().length;
                all++;
            }
        }
        assertEquals(64, all);
        assertTrue(Arrays.stream(ringOf).distinct().count() > 1, "all in one ring");
    }

    @Test
    void shouldReadAFrameThatIsInManyPieces() throws IOException {
        plug(TestGuest.LINUX);
        byte[] frame = Frames.plain(Frames.B, Frames.A, 1000);
        byte[] all = new byte[12 + 1000];
        System.arraycopy(frame, 0, all, 12, 1000);
        rig.guest.memory().put(rig.guest.spare(), all);
        for (int pieces : new int[] {2, 19, 21, 200}) {
            SplitRingDriver ring = rig.guest.ring(TX);
            int each = all.length / pieces;
            for (int i = 0; i < pieces; i++) {
                boolean last = i == pieces - 1;
                ring.descriptor(i, rig.guest.spare() + (long) i * each, last ? all.length - i * each : each,
                        (last ? 0 : SplitRingDriver.NEXT) | (i + 1) << 16);
            }
            ring.offer(0);
            ring.announce();
            assertFrames(List.of(frame), rig.receive());
        }
        assertEquals(List.of(), rig.log);
    }
}
