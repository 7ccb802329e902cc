package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.Sockets;

/// A byte stream whose other end does as it likes.
class StreamLinkTest {
    private static final int SMALL_BUFFER = 4608;

    private final FrameTray tray = new FrameTray();
    private final FrameBatch batch = FrameBatch.forReceiving();
    private Sockets.Pair pair;
    private StreamLink link;

    @BeforeEach
    void open() throws IOException {
        pair = Sockets.pair(Sockets.Type.STREAM, true);
        link = StreamLink.buffered(pair.first());
    }

    @AfterEach
    void close() {
        link.close();
        pair.second().close();
        tray.close();
    }

    @Test
    void shouldSpeakAsQemuDoes() {
        byte[] frame = FrameTray.frame(1, 60);
        assertEquals(1, tray.send(link, List.of(frame)));
        byte[] seen = new byte[100];
        assertEquals(64, Sockets.receive(pair.second(), seen));
        assertEquals("0000003c" + HexFormat.of().formatHex(frame), HexFormat.of().formatHex(seen, 0, 64));
    }

    @Test
    void shouldPutTogetherWhatIsCutAtAnyByte() {
        List<byte[]> frames = List.of(FrameTray.frame(1, 60), FrameTray.frame(2, 14), FrameTray.frame(3, 100));
        byte[] stream = stream(frames);
        for (int cut = 0; cut <= stream.length; cut++) {
            Sockets.send(pair.second(), Arrays.copyOf(stream, cut));
            List<byte[]> received = new ArrayList<>(receiveAll());
            assertEquals(cut < 64 ? 0 : cut < 82 ? 1 : cut < stream.length ? 2 : 3, received.size(), "cut=" + cut);
            Sockets.send(pair.second(), Arrays.copyOfRange(stream, cut, stream.length));
            received.addAll(receiveAll());
            assertFrames(frames, received);
        }
    }

    @Test
    void shouldPutTogetherWhatComesByteByByte() {
        byte[] frame = FrameTray.frame(1, 60);
        for (byte one : stream(List.of(frame))) {
            assertEquals(0, link.receive(batch));
            assertFalse(link.isReady());
            Sockets.send(pair.second(), new byte[] {one});
        }
        assertFrames(List.of(frame), receiveAll());
    }

    @Test
    void shouldDeliverManyFramesOfOneReadInSeveralPasses() {
        List<byte[]> frames = FrameTray.frames(0, 200, 60);
        byte[] stream = stream(frames);
        assertEquals(stream.length, Sockets.send(pair.second(), stream));
        List<byte[]> received = new ArrayList<>();
        for (int expected : new int[] {64, 64, 64, 8}) {
            List<byte[]> some = tray.receive(link);
            assertEquals(expected, some.size());
            received.addAll(some);
            assertEquals(received.size() < 200, link.isReady(), "after " + received.size());
        }
        assertFrames(frames, received);
        assertEquals(0, link.receive(batch));
    }

    @Test
    void shouldHaveRoomForTheLongestFrameBehindOthers() throws IOException {
        Sockets.sendBuffer(pair.second(), 1 << 20);
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            frames.add(FrameTray.frame(i, i % 2 == 0 ? 1000 + i : FrameSlab.MAX_FRAME));
        }
        byte[] stream = stream(frames);
        List<byte[]> received = new ArrayList<>();
        for (int sent = 0; sent < stream.length;) {
            int count = Sockets.send(pair.second(), Arrays.copyOfRange(stream, sent, stream.length));
            assertTrue(count > 0, "sent=" + sent);
            sent += count;
            received.addAll(receiveAll());
        }
        assertFrames(frames, received);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, FrameSlab.MAX_FRAME + 1, 0x1000_0000, Integer.MIN_VALUE, -1})
    void shouldEndAtALengthThatCannotBe(int length) {
        byte[] good = stream(List.of(FrameTray.frame(1, 60)));
        Sockets.send(pair.second(), ByteBuffer.allocate(200).put(good).putInt(length).array());
        assertEquals(2, link.receive(batch), "the frame, and what is none");
        assertEquals(1, batch.size());
        assertEquals(1, batch.discarded(Drop.BAD_STREAM));
        assertTrue(link.isReady(), "its end has to be told, though the descriptor may have nothing");
        batch.clear();
        assertEquals(Link.GONE, link.receive(batch));
        assertEquals(Optional.of("said that a frame has " + Integer.toUnsignedString(length) + " bytes"),
                link.complaint());
    }

    @Test
    void shouldCountWhatIsTooShortAndGoOn() {
        byte[] last = FrameTray.frame(1, 60);
        Sockets.send(pair.second(), stream(List.of(new byte[1], new byte[13], last)));
        assertEquals(3, link.receive(batch));
        assertEquals(1, batch.size());
        assertEquals(2, batch.discarded(Drop.TOO_SHORT));
        assertArrayEquals(last, FrameTray.bytes(batch, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 63})
    void shouldCountAFrameOfWhichThereIsOnlyAPart(int length) throws IOException {
        Sockets.send(pair.second(), Arrays.copyOf(stream(List.of(FrameTray.frame(1, 60))), length));
        Processes.close(pair.second()::close);
        assertEquals(0, link.receive(batch));
        assertEquals(1, link.receive(batch));
        assertEquals(1, batch.discarded(Drop.BAD_STREAM));
        assertEquals(Link.GONE, link.receive(batch));
        assertEquals(Optional.empty(), link.complaint());
    }

    @Test
    void shouldReceiveWhatWasSentBeforeThePeerLeft() throws IOException {
        List<byte[]> frames = FrameTray.frames(0, 100, 200);
        Sockets.send(pair.second(), stream(frames));
        Processes.close(pair.second()::close);
        assertEquals(Link.DOWN, tray.send(link, FrameTray.frames(0, 3, 60)));
        assertFrames(frames, receiveAll());
        assertEquals(Link.GONE, link.receive(batch));
    }

    /// Whatever the kernel takes of a write, and whatever is read of it at a time.
    @Test
    void shouldNeverCutAFrameWhereverAWriteIsCut() {
        Seeds.check(1, this::sendAndReadAtRandom);
    }

    private void sendAndReadAtRandom(Random random) throws IOException {
        Sockets.sendBuffer(pair.first(), SMALL_BUFFER);
        List<byte[]> taken = new ArrayList<>();
        ByteBuffer seen = ByteBuffer.allocate(16 << 20);
        int cuts = 0;
        while (taken.size() < 3000) {
            tray.batch().clear();
            List<byte[]> frames = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(60); i++) {
                frames.add(FrameTray.frame(taken.size() + i, 60 + random.nextInt(2000)));
                tray.addCut(frames.getLast(), 14 + random.nextInt(40));
            }
            int count = tray.send(link);
            assertTrue(count >= 0, "result " + count);
            taken.addAll(frames.subList(0, count));
            cuts += link.awaitsRoom() ? 1 : 0;
            read(seen, 1 + random.nextInt(20_000));
        }
        Sandbox.await("the last frame", () -> {
            link.now(0);
            read(seen, 1 << 20);
            return !link.awaitsRoom() && seen.position() == stream(taken).length;
        });
        assertArrayEquals(stream(taken), Arrays.copyOf(seen.array(), seen.position()));
        assertTrue(cuts > 100, "writes that were cut: " + cuts);
    }

    @Test
    void shouldSendTheRestOfAFrameBeforeAnythingElse() throws IOException {
        Sockets.sendBuffer(pair.first(), SMALL_BUFFER);
        byte[] large = FrameTray.frame(1, FrameSlab.MAX_FRAME);
        assertEquals(1, tray.send(link, List.of(large)), "the frame at the cut is taken");
        assertTrue(link.awaitsRoom());
        assertEquals(0, tray.send(link, FrameTray.frames(2, 3, 60)), "others are not, until it has gone");
        ByteBuffer seen = ByteBuffer.allocate(1 << 20);
        Sandbox.await("the rest", () -> {
            read(seen, 1 << 20);
            link.now(0);
            return !link.awaitsRoom();
        });
        assertEquals(1, tray.send(link, FrameTray.frames(2, 3, 60)));
        read(seen, 1 << 20);
        assertArrayEquals(stream(List.of(large, FrameTray.frame(2, 60))), Arrays.copyOf(seen.array(), seen.position()));
    }

    @Test
    void shouldAwaitNothingOfAPeerThatHasLeftAmidAFrame() throws IOException {
        Sockets.sendBuffer(pair.first(), SMALL_BUFFER);
        tray.send(link, List.of(FrameTray.frame(1, FrameSlab.MAX_FRAME)));
        assertTrue(link.awaitsRoom());
        Processes.close(pair.second()::close);
        link.now(0);
        assertFalse(link.awaitsRoom());
        assertEquals(Link.DOWN, tray.send(link, FrameTray.frames(2, 3, 60)));
        assertEquals(Link.GONE, link.receive(batch));
    }

    @Test
    void shouldAllowNoMoreBufferingThanItsLimit() throws IOException {
        int accounted = Sockets.sendBuffer(pair.first(), LinkFeatures.MAX_BUFFERED * 3 / 4);
        assertEquals(LinkFeatures.MAX_BUFFERED, accounted / 2 + link.features().backlogBytes());
    }

    @Test
    void shouldAllocateNothing() throws IOException {
        StreamLink far = new StreamLink(pair.second(), link.features());
        Sockets.sendBuffer(pair.first(), SMALL_BUFFER);
        FrameTray.frames(0, 64, 1514).forEach(tray::add);
        int[] rows = java.util.stream.IntStream.range(0, 64).toArray();
        int[] cuts = {0};
        long allocated = Allocations.bytesOf(3000, 2000, () -> {
            link.now(0);
            link.transmit(tray.batch(), rows, 0, 64);
            cuts[0] += link.awaitsRoom() ? 1 : 0;
            do {
                batch.clear();
            } while (far.receive(batch) > 0);
        });
        assertEquals(0, allocated);
        assertTrue(cuts[0] > 1000, "writes that were cut: " + cuts[0]);
    }

    private void read(ByteBuffer into, int most) {
        byte[] bytes = new byte[most];
        int count = Sockets.receive(pair.second(), bytes);
        if (count > 0) {
            into.put(bytes, 0, count);
        }
    }

    /// What a few passes bring.
    private List<byte[]> receiveAll() {
        List<byte[]> frames = new ArrayList<>();
        List<byte[]> some = tray.receive(link);
        while (!some.isEmpty()) {
            frames.addAll(some);
            some = tray.receive(link);
        }
        return frames;
    }

    private static byte[] stream(List<byte[]> frames) {
        ByteBuffer stream = ByteBuffer.allocate(frames.stream().mapToInt(frame -> 4 + frame.length).sum());
        frames.forEach(frame -> stream.putInt(frame.length).put(frame));
        return stream.array();
    }

    private static void assertFrames(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.stream().map(HexFormat.of()::formatHex).toList(),
                actual.stream().map(HexFormat.of()::formatHex).toList());
    }
}
