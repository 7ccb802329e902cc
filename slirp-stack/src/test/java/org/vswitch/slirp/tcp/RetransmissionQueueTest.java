package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;

/// What is in flight, against a model with an entry for each byte.
class RetransmissionQueueTest {
    private static final int BYTES = 900;
    private static final int BUDGET = 131_072;

    private final StretchBudget budget = new StretchBudget();
    private final Rack rack = new Rack();
    private final RetransmissionQueue queue = new RetransmissionQueue(budget, rack);

    /// What became of a byte.
    private enum Fate {
        ON_ITS_WAY, REPORTED, LOST, GONE
    }

    @Test
    void shouldKnowWhatBecameOfEachByte() {
        Seeds.check(60, random -> {
            int zero = random.nextInt();
            rack.reset(zero);
            queue.reset(zero);
            Fate[] fates = new Fate[0];
            for (int step = 1; step < 120; step++) {
                rack.begin(step, Long.MAX_VALUE);
                fates = step(random, zero, fates, step);
                assertEquals(count(fates, Fate.REPORTED), queue.reported());
                assertEquals(count(fates, Fate.LOST), queue.lost());
                int lost = Arrays.asList(fates).indexOf(Fate.LOST);
                assertEquals(zero + (lost < 0 ? fates.length : lost), queue.firstLost(zero + fates.length));
            }
        });
    }

    @Test
    void shouldKeepWhatItHasGrownToWhileThereIsEnough() {
        queue.reset(0);
        for (int i = 1; i <= 64; i++) {
            queue.append(i, i);
        }
        queue.reset(0);
        assertTrue(budget.take(BUDGET - 64));
        assertFalse(budget.take(1));
        queue.reset(0);
        assertTrue(budget.take(64));
    }

    private Fate[] step(Random random, int zero, Fate[] before, long nowNs) {
        Fate[] fates = before;
        int acknowledged = count(fates, Fate.GONE);
        int inFlight = fates.length - acknowledged;
        int from = acknowledged + random.nextInt(inFlight + 1);
        int to = from + random.nextInt(fates.length - from + 1);
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                int length = Math.min(BYTES, fates.length + 1 + random.nextInt(60));
                fates = Arrays.copyOf(fates, length);
                Arrays.fill(fates, before.length, length, Fate.ON_ITS_WAY);
                if (length > before.length) {
                    queue.append(zero + length, nowNs);
                }
            }
            case 2, 3 -> {
                if (from > acknowledged && to > from) {
                    boolean news = Arrays.asList(fates).subList(from, to).stream().anyMatch(f -> f != Fate.REPORTED);
                    assertEquals(news, queue.report(zero + from, zero + to));
                    Arrays.fill(fates, from, to, Fate.REPORTED);
                }
            }
            case 4 -> {
                queue.loseUpTo(zero + to, Long.MAX_VALUE);
                for (int i = acknowledged; i < to; i++) {
                    fates[i] = fates[i] == Fate.ON_ITS_WAY ? Fate.LOST : fates[i];
                }
                int lost = queue.firstLost(zero + fates.length) - zero;
                if (lost < fates.length && random.nextBoolean()) {
                    int end = queue.lostEnd(zero + lost) - zero;
                    end -= random.nextInt(end - lost);
                    assertEquals(end - lost, count(Arrays.copyOfRange(fates, lost, end), Fate.LOST));
                    queue.sentAgain(zero + lost, zero + end, nowNs);
                    Arrays.fill(fates, lost, end, Fate.ON_ITS_WAY);
                }
            }
            default -> {
                if (random.nextInt(4) == 0) {
                    queue.acknowledged(zero + from);
                    Arrays.fill(fates, 0, from, Fate.GONE);
                }
            }
        }
        return fates;
    }

    private static int count(Fate[] fates, Fate wanted) {
        return (int) Arrays.stream(fates).filter(fate -> fate == wanted).count();
    }

    /// Case 26: a guest that reports every second byte gets no more room than all may have, and it comes back.
    @Test
    void shouldBoundWhatReportsOfSingleBytesTake() {
        for (int left = BUDGET; budget.take(1_000); left -= 1_000) {
            assertTrue(left >= 1_000);
        }
        budget.give(100);
        queue.reset(0);
        queue.append(10_000, 1);
        for (int i = 1; i < 10_000; i += 2) {
            queue.report(i, i + 1);
        }
        assertTrue(queue.reported() > 20 && queue.reported() < 100, "reported " + queue.reported());
        queue.append(11_000, 2);
        assertTrue(queue.report(10_000, 11_000) || queue.reported() < 100);
        queue.acknowledged(11_000);
        assertEquals(0, queue.reported());
        queue.reset(11_000);
        assertTrue(budget.take(100 + BUDGET % 1_000));
        assertFalse(budget.take(1));
    }

    @Test
    void shouldForgetPartsBeyondAThousand() {
        queue.reset(0);
        queue.append(10_000, 1);
        for (int i = 1; i < 10_000; i += 2) {
            queue.report(i, i + 1);
        }
        assertEquals(511, queue.reported(), 2);
        queue.loseUpTo(10_000, 1);
        assertEquals(10_000, queue.reported() + queue.lost());
        queue.forgetReports();
        assertEquals(10_000, queue.lost());
        queue.sentAgain(0, 10_000, 2);
        assertEquals(0, queue.lost());
    }
}
