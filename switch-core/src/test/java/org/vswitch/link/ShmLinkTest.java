package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Processes;
import org.vswitch.fixture.Sandbox;
import org.vswitch.fixture.Seeds;
import org.vswitch.fixture.ToldMeasures;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.frame.Variants;
import org.vswitch.linux.Epoll;
import org.vswitch.linux.Sockets;
import org.vswitch.wire.VirtioNetHeader;

/// Both sides of shared memory, as two processes of ours would use them.
class ShmLinkTest {
    private final FrameTray tray = new FrameTray();
    private final Epoll packets = new Epoll(2);
    private ShmLink near;
    private ShmLink far;

    ShmLinkTest() throws IOException {
        // the descriptor above
    }

    @BeforeEach
    void open() throws IOException {
        Sockets.Pair pair = Sockets.pair(Sockets.Type.SEQPACKET, true);
        near = ShmHandshake.offer(pair.first(), Offload.ALL);
        far = ShmHandshake.join(pair.second(), Offload.ALL);
        packets.add(near.descriptor(), Epoll.READABLE, 0);
        packets.add(far.descriptor(), Epoll.READABLE, 1);
        look();
    }

    @AfterEach
    void close() {
        packets.close();
        near.close();
        far.close();
        tray.close();
    }

    @Test
    void shouldKeepOrderAndContentOfFramesOfAllSizesBothWaysRoundAndRound() {
        FrameBatch received = FrameBatch.forReceiving();
        Seeds.check(1, random -> {
            Deque<byte[]> there = new ArrayDeque<>();
            Deque<byte[]> back = new ArrayDeque<>();
            long bytes = 0;
            for (int number = 0; bytes < 20L * ShmLayout.RING_BYTES; number++) {
                bytes += send(random, near, number, there);
                bytes += send(random, far, number, back);
                if (random.nextInt(3) > 0) {
                    check(far, there, received);
                }
                if (random.nextInt(3) > 0) {
                    check(near, back, received);
                }
            }
        });
        received.free();
    }

    /// Offers up to ten frames, some of them as long as there are.
    private long send(Random random, Link link, int number, Deque<byte[]> sent) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = random.nextInt(10); i > 0; i--) {
            int most = random.nextInt(8) == 0 ? FrameSlab.MAX_FRAME : 1600;
            frames.add(FrameTray.frame(number + i, 14 + random.nextInt(most - 13)));
        }
        int taken = tray.send(link, frames);
        sent.addAll(frames.subList(0, taken));
        return frames.subList(0, taken).stream().mapToLong(frame -> frame.length).sum();
    }

    private static void check(Link link, Deque<byte[]> expected, FrameBatch received) {
        received.clear();
        int count = link.receive(received);
        for (byte[] frame : FrameTray.frames(received)) {
            assertArrayEquals(expected.poll(), frame);
        }
        if (count > 0) {
            link.release(received);
        }
    }

    @Test
    void shouldCarrySuperFramesWithTheirOffloadHeaders() {
        byte[] frame = Frames.ethernet(Frames.A, Frames.B, Frames.IPV4,
                Frames.ipv4(Frames.TCP, Frames.tcp(0x10, new byte[64_000])));
        long word = VirtioNetHeader.withCsumStart(
                VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.GSO_TCPV4, 54, 1448), 34);
        FrameBatch batch = FrameBatch.forReceiving();
        for (int i = 0; i < 100; i++) {
            tray.batch().clear();
            tray.add(frame, word, 16);
            assertEquals(1, tray.send(near));
            batch.clear();
            assertEquals(1, far.receive(batch));
            assertEquals(word, batch.offload(0));
            assertEquals(16, batch.csumOffset(0));
            assertArrayEquals(frame, FrameTray.bytes(batch, 0));
            far.release(batch);
        }
        batch.free();
    }

    @Test
    void shouldTakeWhatBothSidesAllow() throws IOException {
        for (Offload ours : Offload.values()) {
            for (Offload theirs : Offload.values()) {
                Sockets.Pair pair = Sockets.pair(Sockets.Type.SEQPACKET, true);
                ShmLink listening = ShmHandshake.offer(pair.first(), ours);
                assertFalse(listening.features().checksum(), "nobody has said anything");
                boolean[] told = {false};
                listening.refitBy(() -> told[0] = true);
                ShmLink joined = ShmHandshake.join(pair.second(), theirs);
                listening.woken();
                assertEquals(0, tray.receive(listening).size());
                Offload common = ours.compareTo(theirs) < 0 ? ours : theirs;
                LinkFeatures expected = ShmFeatures.of(ShmFeatures.bits(common), FrameSlab.MAX_FRAME);
                assertEquals(expected, listening.features());
                assertEquals(expected, joined.features());
                assertEquals(common.includes(Offload.TSO), expected.tso4());
                assertTrue(told[0]);
                listening.close();
                joined.close();
            }
        }
    }

    @Test
    void shouldWakeASleeperOncePerSleepAndNobodyWhoIsAwake() {
        assertEquals(1, tray.send(near, FrameTray.frames(0, 1, 60)));
        assertEquals(List.of(), look());
        assertFalse(far.arm(), "work came before");
        far.disarm();
        tray.receive(far);
        for (int sleep = 0; sleep < 3; sleep++) {
            Sandbox.await("patience", far::arm);
            tray.send(near, FrameTray.frames(0, 1, 60));
            tray.send(near, FrameTray.frames(0, 1, 60));
            assertEquals(List.of(1L), look());
            assertEquals(List.of(), look(), "one packet");
            far.disarm();
            assertEquals(2, tray.receive(far).size());
        }
    }

    @Test
    void shouldWakeASenderOnceAQuarterOfTheRingIsFree() {
        fill();
        Sandbox.await("patience", near::arm);
        int received = tray.receive(far).size();
        assertEquals(List.of(), look(), "not for a few frames");
        while (look().isEmpty()) {
            received += tray.receive(far).size();
        }
        assertTrue(received * 80 >= ShmLayout.RING_BYTES / 4 && received * 80 < ShmLayout.RING_BYTES / 3, received
                + " frames");
        assertFalse(near.arm(), "there is room for what was refused");
        near.disarm();
        assertEquals(64, tray.send(near, FrameTray.frames(0, 64, 60)));
    }

    @Test
    void shouldNotSleepWhenRoomCameBeforeItArmed() {
        fill();
        tray.receive(far);
        assertFalse(near.arm());
    }

    @Test
    void shouldWakeAndEndWhenTheOtherSideEnds() {
        Sandbox.await("patience", near::arm);
        tray.send(far, FrameTray.frames(0, 2, 60));
        Processes.close(far::close);
        assertEquals(List.of(0L), look());
        assertFalse(near.arm());
        assertEquals(2, tray.receive(near).size());
        FrameBatch batch = FrameBatch.forReceiving();
        look();
        assertEquals(Link.GONE, near.receive(batch));
        assertEquals(Link.DOWN, tray.send(near, FrameTray.frames(0, 1, 60)));
        batch.free();
    }

    @Test
    void shouldCountWhatFindsItFull() {
        Egress egress = new Egress(new Variants(FrameBatch.forReceiving()));
        Endpoint endpoint = new Endpoint(1, 1, near, new LinkLabel("shm", ""), egress);
        int offered = 0;
        while (endpoint.lost(Drop.RING_FULL) == 0) {
            tray.batch().clear();
            FrameTray.frames(0, 64, 1514).forEach(tray::add);
            endpoint.transmit(tray.batch(), IntStream.range(0, 64).toArray(), 64);
            offered += 64;
        }
        assertEquals(offered, endpoint.sent() + endpoint.queued() + endpoint.lost(Drop.RING_FULL));
        assertTrue(endpoint.queued() > 0);
        int received = 0;
        for (int count = 1; count > 0 || endpoint.isBacklogged(); received += count) {
            endpoint.flush();
            count = tray.receive(far).size();
        }
        assertEquals(offered, received + endpoint.lost(Drop.RING_FULL));
        assertEquals(received, endpoint.sent());
    }

    @Test
    void shouldAllocateNothingWhileRunning() {
        FrameBatch batch = FrameBatch.forReceiving();
        for (int i = 0; i < 64; i++) {
            tray.add(FrameTray.frame(i, 60 + i * 20));
        }
        int[] rows = IntStream.range(0, 64).toArray();
        long[] received = {0};
        long allocated = Allocations.bytesOf(4_000, 2_000, () -> {
            near.transmit(tray.batch(), rows, 0, 64);
            for (int i = 0; i < 70 && !far.arm(); i++) {
                far.disarm();
                batch.clear();
                int count = far.receive(batch);
                received[0] += count;
                if (count > 0) {
                    far.release(batch);
                }
            }
            near.transmit(tray.batch(), rows, 0, 1);
            far.woken();
            far.disarm();
        });
        assertEquals(0, allocated);
        assertTrue(received[0] > 500_000, "received " + received[0]);
        batch.free();
    }

    @Test
    void shouldTellItsNumbers() {
        tray.send(near, FrameTray.frames(0, 2, 60));
        assertEquals(Map.of("bytes-incoming", 0L, "bytes-outgoing", 160L, "wake-ups", 0L), ToldMeasures.of(near));
    }

    private void fill() {
        List<byte[]> frames = FrameTray.frames(0, 64, 60);
        int taken = 64;
        while (taken == 64) {
            taken = tray.send(near, frames);
        }
    }

    /// Whose descriptors are readable, which are told so.
    private List<Long> look() {
        int count = packets.await(0);
        List<Long> ready = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ready.add(packets.token(i));
            (packets.token(i) == 0 ? near : far).woken();
        }
        return ready;
    }
}
