package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.NativeMemory;

/// What the other side of shared memory may do: it costs that side its link, and nobody anything else. Every access of
/// ours is verified to lie in memory that was registered.
class ShmHostileTest {
    private ShmRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new ShmRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldBreakWhenTheTailGoesBack() {
        publish(3);
        assertEquals(3, rig.receive());
        NativeMemory.putLong(rig.toLink.tail(), 64);
        assertTrue(rig.hasBroken("took back what it had written"));
    }

    @Test
    void shouldBreakWhenTheTailIsNegative() {
        NativeMemory.putLong(rig.toLink.tail(), Long.MIN_VALUE);
        assertTrue(rig.hasBroken("took back what it had written"));
    }

    @ParameterizedTest
    @ValueSource(longs = {ShmRig.RING + 16, 1L << 40, Long.MAX_VALUE - 15})
    void shouldBreakWhenTheTailIsFurtherThanTheRingReaches(long tail) {
        NativeMemory.putLong(rig.toLink.tail(), tail);
        assertTrue(rig.hasBroken("wrote more than the ring holds"));
    }

    @Test
    void shouldBreakWhenTheTailIsWithinARecord() {
        publish(1);
        NativeMemory.putLong(rig.toLink.tail(), 81);
        assertTrue(rig.hasBroken("wrote a part of a record"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, FrameSlab.MAX_FRAME + 1, Integer.MAX_VALUE})
    void shouldBreakAtALengthThatNoFrameHas(int length) {
        long end = rig.record(0, FrameTray.frame(1, 60));
        NativeMemory.putInt(rig.toLink.records() + end, length);
        NativeMemory.putLong(rig.toLink.tail(), ShmRig.RING);
        assertEquals(2, rig.receive(), "what came before is a frame");
        assertEquals(1, rig.batch.size());
        assertEquals(1, rig.batch.discarded(Drop.BAD_RING));
        assertEquals(Link.GONE, rig.receive());
        assertEquals("said that a frame has " + Integer.toUnsignedString(length) + " bytes",
                rig.link.complaint().orElse(""));
    }

    @Test
    void shouldBreakAtALengthBeyondWhatIsPublished() {
        rig.record(0, FrameTray.frame(1, 200));
        NativeMemory.putLong(rig.toLink.tail(), 208);
        assertTrue(rig.hasBroken("said that a frame has 200 bytes"));
    }

    @Test
    void shouldBreakWhenTheHeadGoesBack() {
        fill();
        NativeMemory.putLong(rig.fromLink.head(), 64 * 80);
        assertTrue(send(64) > 0);
        fill();
        NativeMemory.putLong(rig.fromLink.head(), 80);
        assertEquals(0, send(1));
        assertEquals(Link.DOWN, send(1));
        assertTrue(rig.hasBroken("took back what it had read"));
    }

    @Test
    void shouldBreakWhenTheHeadIsAheadOfWhatWasWritten() {
        fill();
        NativeMemory.putLong(rig.fromLink.head(), ShmRig.RING + 16);
        assertEquals(0, send(1));
        assertTrue(rig.hasBroken("read more than there was"));
    }

    @Test
    void shouldBreakWhenTheHeadIsWithinARecord() {
        fill();
        NativeMemory.putLong(rig.fromLink.head(), 81);
        assertEquals(0, send(1));
        assertTrue(rig.hasBroken("read a part of a record"));
    }

    @Test
    void shouldNotReadBackItsOwnPositions() {
        assertEquals(10, send(10));
        NativeMemory.putLong(rig.fromLink.tail(), -1);
        assertEquals(10, send(10));
        assertEquals(20 * 80, NativeMemory.getLong(rig.fromLink.tail()));
        publish(2);
        assertEquals(2, rig.receive());
        NativeMemory.putLong(rig.toLink.head(), -1);
        NativeMemory.putLong(rig.toLink.tail(), rig.record(160, FrameTray.frame(1, 60)));
        assertEquals(1, rig.receive());
        assertEquals(240, NativeMemory.getLong(rig.toLink.head()));
    }

    @Test
    void shouldCountAnOffloadHeaderThatDoesNotFitAndGoOn() {
        long end = rig.record(0, FrameTray.frame(1, 60));
        NativeMemory.putLong(rig.toLink.records() + 4, -1);
        NativeMemory.putLong(rig.toLink.tail(), rig.record(end, FrameTray.frame(2, 60)));
        assertEquals(2, rig.receive());
        assertEquals(1, rig.batch.discarded(Drop.BAD_OFFLOAD));
        assertEquals(1, rig.batch.size());
    }

    @Test
    void shouldCountAFrameThatIsTooShortAndGoOn() {
        long end = rig.record(0, new byte[13]);
        NativeMemory.putLong(rig.toLink.tail(), rig.record(end, FrameTray.frame(2, 60)));
        assertEquals(2, rig.receive());
        assertEquals(1, rig.batch.discarded(Drop.TOO_SHORT));
        assertEquals(1, rig.batch.size());
    }

    @Test
    void shouldDecideByWhatItCopied() {
        byte[] frame = FrameTray.frame(1, 300);
        NativeMemory.putLong(rig.toLink.tail(), rig.record(0, frame));
        rig.batch.clear();
        assertEquals(1, rig.link.receive(rig.batch));
        NativeMemory.zero(rig.toLink.records(), 4096);
        byte[] lent = FrameTray.bytes(rig.batch, 0);
        assertArrayEquals(Arrays.copyOf(frame, 128), Arrays.copyOf(lent, 128));
        assertEquals(300, lent.length);
        rig.link.release(rig.batch);
        assertEquals(320, NativeMemory.getLong(rig.toLink.head()));
    }

    @Test
    void shouldSendOnePacketABatchAtMostWhateverTheSleeperSays() {
        for (int i = 0; i < 1000; i++) {
            NativeMemory.putLong(rig.sleepOf(false), new Random(i).nextLong() | 3);
            assertEquals(1, send(1));
            assertTrue(rig.wasWoken() || i > 0);
            assertFalse(rig.wasWoken(), "a second packet for one batch");
            NativeMemory.putLong(rig.fromLink.head(), NativeMemory.getLong(rig.fromLink.tail()));
        }
    }

    /// A peer that takes no packets, though it says that it sleeps, is sent into a full queue: nothing waits for it.
    @Test
    void shouldNotWaitForAPeerThatLeavesPacketsUnread() {
        for (int i = 0; i < 5000; i++) {
            NativeMemory.putLong(rig.sleepOf(false), i << 2 | 3);
            assertEquals(1, send(1));
            NativeMemory.putLong(rig.fromLink.head(), NativeMemory.getLong(rig.fromLink.tail()));
        }
    }

    @Test
    void shouldIgnoreWhatIsSaidOnTheSocketLater() {
        for (int length : new int[] {1, 2, 152, 256, 1000}) {
            rig.say(new byte[length]);
            rig.link.woken();
            assertEquals(0, rig.receive());
        }
        publish(1);
        assertEquals(1, rig.receive());
    }

    /// A client is handed its socket by the switch, and it may be anything that is always readable.
    @Test
    void shouldEndALinkWhoseSocketWakesForNothing() {
        for (int i = 0; i < 100_000; i++) {
            rig.link.woken();
        }
        assertEquals(0, rig.receive());
        rig.link.woken();
        assertEquals(Link.GONE, rig.receive());
        assertEquals("wakes for nothing", rig.link.complaint().orElse(""));
    }

    @Test
    void shouldNotReceiveWhatWasWrittenAfterTheEnd() {
        publish(2);
        rig.leave();
        rig.link.woken();
        NativeMemory.putLong(rig.toLink.tail(), rig.record(160, FrameTray.frame(1, 60)));
        assertEquals(2, rig.receive());
        assertEquals(Link.GONE, rig.receive());
        assertEquals("", rig.link.complaint().orElse(""));
    }

    @Test
    void shouldEndALinkWhoseHelloMakesNoSense() throws IOException {
        byte[] hello = ShmHandshake.hello(Offload.ALL, 0, "").emit();
        checkHello(new byte[3], "does not speak of shared memory");
        checkHello(new byte[ShmHello.LENGTH], "does not speak of shared memory");
        checkHello(Arrays.copyOf(hello, 151), "said 151 bytes of 152");
        checkHello(Arrays.copyOf(hello, 153), "said 153 bytes of 152");
        byte[] later = hello.clone();
        later[4] = 9;
        checkHello(later, "speaks version=9 (known: 1)");
        byte[] tiny = hello.clone();
        Arrays.fill(tiny, 12, 16, (byte) 0);
        checkHello(tiny, "takes frames of 0 bytes");
    }

    private static void checkHello(byte[] hello, String complaint) throws IOException {
        try (ShmRig other = new ShmRig(hello)) {
            assertEquals(Link.GONE, other.receive());
            assertEquals(complaint, other.link.complaint().orElse(""));
        }
    }

    @Test
    void shouldSurviveWhatAPeerWritesWhileTrafficPasses() {
        int[] outcomes = new int[3];
        Seeds.check(300, random -> maltreat(random, outcomes));
        if (Long.getLong("test.seed") == null) {
            assertTrue(outcomes[0] > 50, "rings broke: " + outcomes[0]);
            assertTrue(outcomes[1] > 1000, "frames received: " + outcomes[1]);
            assertTrue(outcomes[2] > 1000, "frames transmitted: " + outcomes[2]);
        }
    }

    private static void maltreat(Random random, int[] outcomes) throws IOException {
        try (ShmRig other = new ShmRig()) {
            long end = 0;
            int answer = 0;
            for (int step = 0; step < 100 && answer != Link.GONE; step++) {
                for (int i = random.nextInt(20); i > 0 && end - NativeMemory.getLong(other.toLink.head()) < 500_000;
                        i--) {
                    end = other.record(end, FrameTray.frame(i, 14 + random.nextInt(random.nextInt(10) == 0 ? 60_000
                            : 1600)));
                }
                NativeMemory.putLong(other.toLink.tail(), end);
                spray(random, other);
                other.batch.clear();
                answer = other.link.receive(other.batch);
                assertTrue(answer == Link.GONE || answer >= other.batch.size() && answer <= FrameBatch.CAPACITY + 1);
                outcomes[1] += other.batch.size();
                spray(random, other); // while it is lent
                FrameTray.frames(other.batch);
                if (answer > 0) {
                    other.link.release(other.batch);
                }
                outcomes[2] += Math.max(0, other.tray.send(other.link, FrameTray.frames(0, 1 + random.nextInt(64),
                        14 + random.nextInt(3000))));
                if (random.nextInt(3) > 0) {
                    NativeMemory.putLong(other.fromLink.head(), NativeMemory.getLong(other.fromLink.tail()));
                }
                if (other.link.arm()) {
                    other.link.disarm();
                }
            }
            outcomes[0] += other.link.complaint().isPresent() ? 1 : 0;
        }
    }

    /// Random bytes over positions, lengths, offload headers and flags, seldom over positions, as that ends it soon.
    private static void spray(Random random, ShmRig other) {
        byte[] bytes = new byte[1 + random.nextInt(16)];
        random.nextBytes(bytes);
        long memory = other.memory().address();
        for (int i = random.nextInt(4); i > 0; i--) {
            long where = switch (random.nextInt(40)) {
                case 0 -> random.nextInt(4) * 128;
                case 1 -> random.nextInt(4096 - bytes.length);
                case 2, 3, 4, 5 -> 512 + 128L * random.nextInt(2);
                default -> 4096 + random.nextInt((int) other.memory().length() - 4096 - bytes.length);
            };
            NativeMemory.copyIn(bytes, 0, memory + where, bytes.length);
        }
    }

    /// Frames of 60 bytes, 80 with what belongs to them.
    private void publish(int count) {
        long end = 0;
        for (int i = 0; i < count; i++) {
            end = rig.record(end, FrameTray.frame(i, 60));
        }
        NativeMemory.putLong(rig.toLink.tail(), end);
    }

    private int send(int count) {
        return rig.tray.send(rig.link, FrameTray.frames(0, count, 60));
    }

    private void fill() {
        List<byte[]> frames = FrameTray.frames(0, 64, 60);
        while (rig.tray.send(rig.link, frames) == 64) {
            assertFalse(rig.link.arm());
        }
    }
}
