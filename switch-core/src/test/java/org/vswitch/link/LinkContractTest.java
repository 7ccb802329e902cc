package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.vswitch.fixture.Sandbox;
import org.vswitch.frame.FrameBatch;
import org.vswitch.wire.VirtioNetHeader;

/// What every kind of link must do, whatever it is made of.
@ParameterizedClass
@EnumSource(LinkRig.Kind.class)
class LinkContractTest {
    private final LinkRig.Kind kind;
    private final FrameTray tray = new FrameTray();
    private LinkRig rig;

    LinkContractTest(LinkRig.Kind kind) {
        this.kind = kind;
    }

    @BeforeEach
    void open() throws Exception {
        rig = kind.open();
    }

    @AfterEach
    void close() {
        tray.close();
        if (rig != null) {
            rig.close();
        }
    }

    @Test
    void shouldDeliverInOrderBothWays() {
        for (int round = 0; round < 5; round++) {
            assertEquals(40, tray.send(rig.near(), FrameTray.frames(round, round + 40, 60)));
            assertFrames(FrameTray.frames(round, round + 40, 60), receive(rig.far(), 40));
            assertEquals(64, tray.send(rig.far(), FrameTray.frames(round, round + 64, 1514)));
            assertFrames(FrameTray.frames(round, round + 64, 1514), receive(rig.near(), 64));
        }
    }

    @Test
    void shouldTakeTheRowsItIsGivenInTheirOrder() {
        FrameTray.frames(0, 10, 100).forEach(tray::add);
        int[] rows = {99, 7, 3, 8, 2, 99};
        assertEquals(4, rig.near().transmit(tray.batch(), rows, 1, 5));
        List<byte[]> received = receive(rig.far(), 4);
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(FrameTray.frame(rows[i + 1], 100), received.get(i));
        }
    }

    @Test
    void shouldHaveNothingWhereNothingWasSent() {
        assertEquals(List.of(), tray.receive(rig.far()));
        assertEquals(0, rig.near().transmit(tray.batch(), new int[0], 0, 0));
        Sandbox.await("patience", rig.far()::arm);
        rig.far().disarm();
    }

    @Test
    void shouldLendFramesUntilTheyAreReleased() {
        FrameBatch lent = FrameBatch.forReceiving();
        tray.send(rig.near(), FrameTray.frames(0, 3, 200));
        List<byte[]> frames = new ArrayList<>();
        Sandbox.await("frames", () -> {
            lent.clear();
            return rig.far().receive(lent) > 0;
        });
        frames.addAll(FrameTray.frames(lent));
        tray.send(rig.near(), FrameTray.frames(3, 6, 200));
        assertFrames(frames, FrameTray.frames(lent));
        rig.far().release(lent);
        frames.addAll(receive(rig.far(), 6 - frames.size()));
        assertFrames(FrameTray.frames(0, 6, 200), frames);
    }

    @Test
    void shouldCarryFramesOfEveryLengthItPromises() {
        int longest = kind.longest(rig.near().features());
        for (int length : new int[] {14, 15, 59, 60, 128, 129, 1514, Math.min(9234, longest), longest}) {
            assertEquals(1, tray.send(rig.near(), List.of(FrameTray.frame(length, length))));
            assertFrames(List.of(FrameTray.frame(length, length)), receive(rig.far(), 1));
        }
    }

    @Test
    void shouldGatherFramesOfSeveralPieces() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<byte[]> frames = FrameTray.frames(0, 30, 1400);
        for (byte[] frame : frames) {
            int[] cuts = random.ints(1 + random.nextInt(FrameBatch.MAX_PIECES - 1), 14, 1400).sorted().distinct()
                    .toArray();
            tray.addCut(frame, cuts);
        }
        int sent = 0;
        List<byte[]> received = new ArrayList<>();
        int[] rows = java.util.stream.IntStream.range(0, 30).toArray();
        while (sent < 30) {
            int taken = rig.near().transmit(tray.batch(), rows, sent, 30);
            assertTrue(taken > 0, "seed=" + seed);
            received.addAll(receive(rig.far(), taken));
            sent += taken;
        }
        assertFrames(frames, received);
    }

    @Test
    void shouldTakeAPrefixWhenFullAndMoreOnceThereIsRoom() {
        if (!kind.pushesBack()) {
            assertEquals(64, tray.send(rig.near(), FrameTray.frames(0, 64, 1514)), "what is too much is lost beyond");
            return;
        }
        List<byte[]> sent = new ArrayList<>();
        int taken = 64;
        for (int round = 0; taken == 64; round++) {
            List<byte[]> frames = FrameTray.frames(round * 64, round * 64 + 64, 1514);
            taken = tray.send(rig.near(), frames);
            sent.addAll(frames.subList(0, taken));
        }
        assertEquals(0, tray.send(rig.near(), FrameTray.frames(0, 1, 1514)));
        assertFrames(sent, receive(rig.far(), sent.size()));
        assertEquals(List.of(), tray.receive(rig.far()));
        assertEquals(1, tray.send(rig.near(), FrameTray.frames(0, 1, 1514)));
    }

    @Test
    void shouldSayThatItsPeerHasGoneOrNotNotice() {
        tray.send(rig.far(), FrameTray.frames(0, 2, 60));
        rig.far().close();
        rig = new LinkRig(rig.near(), new NullLink(), rig.world());
        assertFrames(FrameTray.frames(0, 2, 60), receive(rig.near(), 2));
        FrameBatch batch = FrameBatch.forReceiving();
        List<byte[]> late = FrameTray.frames(0, 1, 60);
        switch (kind) {
            case MEMORY -> {
                assertEquals(Link.GONE, tray.send(rig.near(), late));
                assertEquals(Link.GONE, rig.near().receive(batch));
            }
            case UNIX_DATAGRAM -> {
                // the frame is refused and the link stays: VDE's control connection decides
                Sandbox.await("a refusal", () -> tray.send(rig.near(), late) < Link.GONE);
                assertEquals(0, rig.near().receive(batch));
            }
            case SHARED_MEMORY -> {
                assertEquals(1, tray.send(rig.near(), late), "nobody has looked at the socket");
                rig.near().woken();
                assertEquals(Link.DOWN, tray.send(rig.near(), late));
                assertEquals(Link.GONE, rig.near().receive(batch));
            }
            case STREAM, SEQPACKET -> {
                assertEquals(Link.DOWN, tray.send(rig.near(), late));
                assertEquals(Link.GONE, rig.near().receive(batch));
            }
            // anybody may come to that UDP port; a bridge does not tell a tap who has left
            case UDP, TAP, TAP_QUEUES -> {
                assertEquals(1, tray.send(rig.near(), late));
                assertEquals(0, rig.near().receive(batch));
            }
        }
    }

    @Test
    void shouldCarryOffloadHeaders() {
        assertEquals(kind.carriesOffloads(), rig.near().features().checksum());
        if (!kind.carriesOffloads()) {
            return;
        }
        byte[] datagram = HexFormat.of().parseHex("ffffffffffff" + "020000000001" + "0800"
                + "4500002400000000401166c70a0000010a000002" + "00010002001000ff" + "0102030405060708");
        long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0), 34);
        tray.add(datagram, word, 6);
        assertEquals(1, tray.send(rig.near()));
        FrameBatch batch = FrameBatch.forReceiving();
        Sandbox.await("the frame", () -> {
            batch.clear();
            return rig.far().receive(batch) > 0;
        });
        assertArrayEquals(datagram, FrameTray.bytes(batch, 0));
        assertEquals(word, batch.offload(0));
        assertEquals(6, batch.csumOffset(0));
        rig.far().release(batch);
    }

    @Test
    void shouldLeaveNoDescriptorOpen() throws Exception {
        int before = Sandbox.openDescriptors();
        for (int i = 0; i < 300; i++) {
            LinkRig another = kind.openUnplugged();
            tray.send(another.near(), FrameTray.frames(0, 1, 60));
            another.close();
        }
        Sandbox.awaitDescriptors(before, 200);
    }

    private List<byte[]> receive(Link link, int count) {
        List<byte[]> frames = new ArrayList<>();
        Sandbox.await(count + " frames", () -> {
            if (rig.near() instanceof TimedLink timed) {
                timed.now(0);
            }
            frames.addAll(tray.receive(link));
            return frames.size() >= count;
        });
        assertEquals(count, frames.size());
        return frames;
    }

    private static void assertFrames(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(texts(expected), texts(actual));
    }

    private static List<String> texts(List<byte[]> frames) {
        return frames.stream().map(HexFormat.of()::formatHex).toList();
    }
}
