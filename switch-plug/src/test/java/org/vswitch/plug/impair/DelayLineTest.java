package org.vswitch.plug.impair;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.wire.VirtioNetHeader;

/// What a line holds, in which order it comes out, and what does not fit. A frame's length is its number.
class DelayLineTest {
    private static final long MS = 1_000_000;

    private final FrameBatch in = FrameBatch.forReceiving();
    private final FrameBatch out = FrameBatch.forSending();

    @Test
    void shouldHoldEachFrameUntilItIsDue() {
        try (DelayLine line = new DelayLine(Impairment.NONE.with(Delay.of(20 * MS)))) {
            offer(line, 0, 100);
            offer(line, 5 * MS, 101, 102);
            assertEquals(20 * MS, line.deadlineNs());
            assertEquals(List.of(), take(line, 20 * MS - 1));
            assertEquals(List.of(100), take(line, 20 * MS));
            assertEquals(25 * MS, line.deadlineNs());
            assertEquals(2, line.inFlight());
            assertEquals(List.of(101, 102), take(line, 25 * MS));
            assertEquals(Long.MAX_VALUE, line.deadlineNs());
            assertEquals(3, line.delayed());
            assertEquals(0, line.bytes());
        }
    }

    @Test
    void shouldKeepFramesAndTheirOffloadHeaders() {
        byte[] datagram = Frames.ethernet(Frames.B, Frames.A, Frames.IPV4, Frames.ipv4(Frames.UDP,
                Frames.udp(Frames.counting(1000))));
        long word = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, 0, 0, 0), 34);
        try (DelayLine line = new DelayLine(Impairment.NONE.with(Delay.of(MS)))) {
            in.clear();
            Frames.receiveOffloaded(in, datagram, word, 6);
            assertNull(line.offer(in, 0, 0));
            in.clear();
            Frames.receive(in, Frames.plain(Frames.C, Frames.C, 1042)); // over the slot it came in
            line.advance(MS);
            out.clear();
            assertEquals(1, line.describe(out));
            assertArrayEquals(datagram, Frames.bytes(out, 0));
            assertEquals(word, out.offload(0));
            assertEquals(6, out.csumOffset(0));
            assertEquals(word, VirtioNetHeader.word(FrameSlab.header(out.head(0))));
            line.pass(1);
        }
    }

    @Test
    void shouldKeepTheOrderOfFramesDueAtOnce() {
        try (DelayLine line = new DelayLine(Impairment.NONE.with(Delay.of(MS)))) {
            int[] lengths = IntStream.range(100, 400).toArray();
            offer(line, 0, lengths);
            assertEquals(IntStream.of(lengths).boxed().toList(), take(line, MS));
        }
    }

    @Test
    void shouldKeepTheOrderWhateverTheJitterUnlessReorderingIsAskedFor() {
        Impairment jitter = Impairment.NONE.with(new Delay(10 * MS, 10 * MS, 0)).withSeed(9);
        assertEquals(IntStream.range(100, 900).boxed().toList(), stream(jitter));
        List<Integer> reordered = stream(jitter.with(new Delay(10 * MS, 10 * MS, 0.1)));
        assertTrue(!reordered.equals(IntStream.range(100, 900).boxed().toList()));
        assertEquals(IntStream.range(100, 900).boxed().toList(), reordered.stream().sorted().toList());
    }

    @Test
    void shouldLetAFrameOvertakeThoseThatWait() {
        try (DelayLine line = new DelayLine(Impairment.NONE.with(new Delay(10 * MS, 0, 0.5)).withSeed(1))) {
            int[] lengths = IntStream.range(100, 120).toArray();
            offer(line, 0, lengths);
            List<Integer> first = take(line, 0);
            List<Integer> rest = take(line, 10 * MS);
            assertTrue(!first.isEmpty() && !rest.isEmpty(), first + " " + rest);
            assertEquals(first.stream().sorted().toList(), first);
            assertEquals(rest.stream().sorted().toList(), rest);
            assertEquals(20, first.size() + rest.size());
            assertEquals(rest.size(), line.delayed());
        }
    }

    @Test
    void shouldDuplicateTheShareAskedForEachCopyBehindItsFrame() {
        try (DelayLine line = new DelayLine(Impairment.NONE.withDuplicate(0.2).withSeed(3).withRate(1_000_000_000))) {
            int copies = 0;
            for (int i = 0; i < 20_000; i++) {
                offer(line, i * MS, 60 + i % 1000);
                List<Integer> taken = take(line, i * MS + MS - 1);
                assertTrue(taken.size() == 1 || taken.size() == 2);
                assertEquals(taken.getFirst(), taken.getLast());
                copies += taken.size() - 1;
            }
            assertEquals(4_000, copies, 5 * Math.sqrt(20_000 * 0.2 * 0.8));
            assertEquals(copies, line.duplicated());
            assertBalanced(line);
        }
    }

    @Test
    void shouldLoseWhatIsMoreThanItsFrames() {
        try (DelayLine line = new DelayLine(Impairment.NONE.with(Delay.of(MS)).withQueueFrames(10))) {
            offer(line, 0, IntStream.range(100, 125).toArray());
            assertEquals(15, line.lost(Drop.DELAY_FULL));
            assertEquals(10, line.inFlight());
            assertEquals(IntStream.range(100, 110).boxed().toList(), take(line, MS));
            offer(line, MS, 200);
            assertEquals(List.of(200), take(line, 2 * MS));
            assertBalanced(line);
        }
    }

    @Test
    void shouldLoseWhatIsMoreThanItsBytes() {
        try (DelayLine line = new DelayLine(Impairment.NONE.with(Delay.of(MS)).withQueueFrames(64))) {
            offer(line, 0, 65_000, 65_000, 60_000);
            assertEquals(1, line.lost(Drop.DELAY_FULL));
            offer(line, 0, 64 * DelayLine.MEAN_BYTES - 130_000, 60);
            assertEquals(2, line.lost(Drop.DELAY_FULL));
            assertEquals(64 * DelayLine.MEAN_BYTES, line.bytes());
            assertEquals(List.of(65_000, 65_000, 64 * DelayLine.MEAN_BYTES - 130_000), take(line, MS));
            assertEquals(0, line.bytes());
        }
    }

    @Test
    void shouldGiveNoTimeOnTheLineToWhatDoesNotFit() {
        Impairment slow = Impairment.NONE.withRate(8_000_000).withQueueFrames(2);
        try (DelayLine line = new DelayLine(slow)) {
            offer(line, 0, 1000, 1000, 1000, 1000);
            assertEquals(List.of(1000), take(line, MS));
            offer(line, MS, 500);
            assertEquals(List.of(1000), take(line, 2 * MS));
            assertEquals(2_500_000, line.deadlineNs());
        }
    }

    @Test
    void shouldCountFramesOfALineThatIsCut() {
        try (DelayLine line = new DelayLine(Impairment.NONE.with(Delay.of(MS)))) {
            offer(line, 0, 100, 101);
            line.advance(MS);
            offer(line, MS, 102);
            line.cut();
            assertEquals(3, line.lost(Drop.LINK_DOWN));
            assertEquals(0, line.inFlight());
            assertBalanced(line);
        }
    }

    @Test
    void shouldBalanceItsBooksWhateverHappens() {
        Seeds.check(20, random -> {
            Impairment impairment = new Impairment(Loss.bursts(0.2, 3), new Delay(5 * MS, 2 * MS, 0.2), 0.3,
                    20_000_000, 1 + random.nextInt(60), random.nextLong());
            try (DelayLine line = new DelayLine(impairment)) {
                long last = 0;
                for (long now = 0; now < 300 * MS; now += random.nextInt((int) MS)) {
                    offer(line, now, 14 + random.nextInt(5000));
                    assertBalanced(line);
                    if (random.nextInt(3) == 0) {
                        take(line, now);
                    }
                    assertTrue(line.inFlight() <= impairment.queueFrames());
                    last = now;
                }
                take(line, last + 60_000 * MS);
                assertEquals(0, line.inFlight());
                assertEquals(0, line.bytes());
                assertBalanced(line);
            }
        });
    }

    @Test
    void shouldAllocateNothing() {
        Impairment impairment = new Impairment(Loss.bursts(0.1, 2), new Delay(5 * MS, 2 * MS, 0.1), 0.1,
                1_000_000_000, 256, 1);
        try (DelayLine line = new DelayLine(impairment)) {
            in.clear();
            Frames.receive(in, Frames.plain(Frames.B, Frames.A, 1000));
            long[] now = {0};
            long allocated = Allocations.bytesOf(300_000, 100_000, () -> {
                now[0] += 20_000;
                line.offer(in, 0, now[0]);
                line.advance(now[0]);
                out.clear();
                line.pass(line.describe(out));
            });
            assertEquals(0, allocated);
            assertTrue(line.passed() > 300_000 && line.duplicated() > 1000 && line.lost(Drop.IMPAIRED) > 1000);
        }
    }

    /// 800 frames, a millisecond apart.
    private List<Integer> stream(Impairment impairment) {
        List<Integer> taken = new ArrayList<>();
        try (DelayLine line = new DelayLine(impairment)) {
            for (int i = 0; i < 800; i++) {
                offer(line, i * MS, 100 + i);
                taken.addAll(take(line, i * MS));
            }
            taken.addAll(take(line, 10_000 * MS));
        }
        return taken;
    }

    private void offer(DelayLine line, long nowNs, int... lengths) {
        for (int length : lengths) {
            in.clear();
            Frames.receive(in, Frames.plain(Frames.B, Frames.A, length));
            line.offer(in, 0, nowNs);
        }
    }

    private List<Integer> take(DelayLine line, long nowNs) {
        List<Integer> lengths = new ArrayList<>();
        line.advance(nowNs);
        while (line.readyCount() > 0) {
            out.clear();
            int count = line.describe(out);
            for (int row = 0; row < count; row++) {
                assertArrayEquals(Frames.plain(Frames.B, Frames.A, out.length(row)), Frames.bytes(out, row));
                lengths.add(out.length(row));
            }
            line.pass(count);
        }
        return lengths;
    }

    static void assertBalanced(LineLedger line) {
        long lost = Drop.ALL.stream().mapToLong(line::lost).sum();
        assertEquals(line.offered() + line.duplicated(), line.passed() + lost + line.inFlight());
    }
}
