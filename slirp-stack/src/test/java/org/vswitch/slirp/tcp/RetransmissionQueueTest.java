package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;

/// What is in flight, against a model with an entry for each byte.
class RetransmissionQueueTest {
    private static final int BYTES = 900;
    private static final int BUDGET = 131_072;

    private final StretchPool pool = new StretchPool(10);
    private final Rack rack = new Rack();
    private final RetransmissionQueue queue = new RetransmissionQueue(pool, rack);

    /// What became of a byte.
    private enum Fate {
        ON_ITS_WAY, REPORTED, LOST, GONE
    }

    @AfterEach
    void close() {
        queue.reset(0);
        assertEquals(BUDGET, pool.left());
        pool.close();
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
    void shouldGiveBackWhatItHasGrownTo() {
        queue.reset(0);
        for (int i = 1; i <= 64; i++) {
            queue.append(i, i);
        }
        assertEquals(BUDGET - 64, pool.left());
        queue.append(65, 65);
        assertEquals(BUDGET - 128, pool.left());
        queue.reset(0);
        assertEquals(BUDGET, pool.left());
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
        List<RetransmissionQueue> others = new ArrayList<>();
        while (pool.left() > StretchPool.MOST) {
            others.add(grown(StretchPool.MOST));
        }
        others.add(grown(StretchPool.MOST / 2));
        others.add(grown(StretchPool.MOST / 4));
        queue.reset(0);
        queue.append(10_000, 1);
        for (int i = 1; i < 10_000; i += 2) {
            queue.report(i, i + 1);
        }
        assertTrue(queue.reported() > 50 && queue.reported() < 256, "reported " + queue.reported());
        queue.append(11_000, 2);
        assertTrue(queue.report(10_000, 11_000) || queue.reported() < 256);
        queue.acknowledged(11_000);
        assertEquals(0, queue.reported());
        others.forEach(other -> other.reset(0));
    }

    private RetransmissionQueue grown(int stretches) {
        RetransmissionQueue grown = new RetransmissionQueue(pool, new Rack());
        grown.reset(0);
        for (int i = 1; i <= stretches; i++) {
            grown.append(i, i);
        }
        return grown;
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
