package org.vswitch.plug.impair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What happens to frames: numbers only, no link and no memory.
class DecisionsTest {
    private static final int MANY = 200_000;
    private static final long MS = 1_000_000;

    @Test
    void shouldDecideTheSameForTheSameSeedAndOtherwiseForAnother() {
        Impairment impairment = Impairment.NONE.with(Loss.independent(0.25)).with(new Delay(10 * MS, MS, 0.25))
                .withDuplicate(0.25).withSeed(7);
        assertEquals(text(impairment, 500), text(impairment, 500));
        assertNotEquals(text(impairment, 500), text(impairment.withSeed(8), 500));
        assertNotEquals(text(impairment, 500), text(impairment.withSeed(~7), 500));
    }

    @Test
    void shouldLoseExactlyTheseFramesForSeedSeven() {
        assertEquals(".....L...L..LL......L...........", losses(Loss.independent(0.25), 7, 32));
        assertEquals("............L.................................................LL",
                losses(Loss.bursts(0.3, 4), 7, 64));
    }

    @Test
    void shouldLoseTheSameFramesWhateverElseHappens() {
        Impairment plain = Impairment.NONE.with(Loss.independent(0.1)).withSeed(3);
        Impairment busy = plain.with(new Delay(MS, MS, 0.5)).withDuplicate(0.5);
        Decisions one = new Decisions(plain);
        Decisions other = new Decisions(busy);
        for (int i = 0; i < 10_000; i++) {
            other.duplicates();
            other.dueNs(60, i);
            assertEquals(one.loses(), other.loses());
        }
    }

    /// The count of losses of `n` frames lies within five standard deviations of its mean: sqrt(n p (1 - p)).
    @ParameterizedTest
    @ValueSource(doubles = {0.0001, 0.01, 0.1, 0.5, 0.99})
    void shouldLoseTheShareThatWasAskedFor(double share) {
        for (long seed = 1; seed <= 5; seed++) {
            long lost = losses(Loss.independent(share), seed, MANY).chars().filter(c -> c == 'L').count();
            double deviation = Math.sqrt(MANY * share * (1 - share));
            assertEquals(MANY * share, lost, 5 * deviation, "seed=" + seed);
        }
    }

    @Test
    void shouldLoseNothingAtZeroAndAllAtOne() {
        assertEquals(".".repeat(1000), losses(Loss.NONE, 1, 1000));
        assertEquals("L".repeat(1000), losses(Loss.independent(1), 1, 1000));
    }

    /// A burst's length is geometric with mean 1 / r and deviation sqrt(1 - r) / r.
    @ParameterizedTest
    @CsvSource({"0.01, 5", "0.1, 3", "0.3, 20", "0.2, 1"})
    void shouldLoseInBurstsOfTheLengthAskedFor(double share, double mean) {
        String frames = losses(Loss.bursts(share, mean), 11, 2_000_000);
        long lost = frames.chars().filter(c -> c == 'L').count();
        long bursts = frames.replaceAll("L+", "B").chars().filter(c -> c == 'B').count();
        double deviation = Math.sqrt(mean * (mean - 1)) / Math.sqrt(bursts);
        assertEquals(mean, (double) lost / bursts, 5 * deviation + 1e-9);
        // frames of a burst are lost together: the share varies as if there were fewer frames
        assertEquals(share, (double) lost / frames.length(),
                5 * Math.sqrt(share * (1 - share) * 2 * mean / frames.length()));
    }

    @Test
    void shouldLoseInBothStatesAsElliottHasIt() {
        Loss loss = new Loss(0.02, 0.08, 0.05, 0.5);
        assertEquals(0.8 * 0.05 + 0.2 * 0.5, loss.share(), 1e-12);
        String frames = losses(loss, 5, 2_000_000);
        assertEquals(loss.share(), frames.chars().filter(c -> c == 'L').count() / 2e6, 0.003);
    }

    @Test
    void shouldDelayToTheNanosecond() {
        Decisions decisions = new Decisions(Impairment.NONE.with(Delay.of(20_000_001)));
        assertEquals(1_020_000_001, decisions.dueNs(60, 1_000_000_000));
        assertEquals(1_020_000_002, decisions.dueNs(1514, 1_000_000_001));
        assertEquals(5, new Decisions(Impairment.NONE).dueNs(60, 5));
        assertEquals(-10, new Decisions(Impairment.NONE.with(Delay.of(20))).dueNs(60, -30), "clocks may be negative");
    }

    @Test
    void shouldKeepJitterInItsRangeAndFramesInOrder() {
        Delay delay = new Delay(20 * MS, 5 * MS, 0);
        Decisions decisions = new Decisions(Impairment.NONE.with(delay).withSeed(1));
        long least = Long.MAX_VALUE;
        long most = 0;
        long last = 0;
        for (int i = 0; i < 10_000; i++) {
            long due = decisions.dueNs(60, i * 100 * MS) - i * 100 * MS;
            least = Math.min(least, due);
            most = Math.max(most, due);
        }
        assertTrue(least >= 15 * MS && least < 15 * MS + MS / 10, "least " + least);
        assertTrue(most <= 25 * MS && most > 25 * MS - MS / 10, "most " + most);
        Decisions dense = new Decisions(Impairment.NONE.with(delay).withSeed(1));
        for (int i = 0; i < 10_000; i++) {
            long due = dense.dueNs(60, i * 1000L);
            assertTrue(due >= last && due <= i * 1000L + 25 * MS, "frame " + i);
            last = due;
        }
    }

    @Test
    void shouldLetTheShareAskedForOvertake() {
        Decisions decisions = new Decisions(Impairment.NONE.with(new Delay(10 * MS, 0, 0.1)).withSeed(2));
        int overtaking = 0;
        for (int i = 0; i < MANY; i++) {
            long held = decisions.dueNs(60, i) - i;
            assertTrue(held == 0 || held == 10 * MS, "held " + held);
            overtaking += held == 0 ? 1 : 0;
        }
        assertEquals(MANY * 0.1, overtaking, 5 * Math.sqrt(MANY * 0.1 * 0.9));
    }

    @Test
    void shouldSendOneBehindTheOtherAtTheRate() {
        Decisions decisions = new Decisions(Impairment.NONE.withRate(8_000_000).with(Delay.of(MS)));
        assertEquals(1_100_000, decisions.dueNs(100, 0), "100 us on the line, then 1 ms");
        assertEquals(1_200_000, decisions.dueNs(100, 0));
        assertEquals(2_700_000, decisions.dueNs(1500, 1));
        assertEquals(10_000_000 + 1_060_000, decisions.dueNs(60, 10_000_000), "the line was idle");
    }

    @Test
    void shouldNotRoundTheRateAway() {
        Decisions decisions = new Decisions(Impairment.NONE.withRate(3_000_000_000L));
        assertEquals(160, decisions.dueNs(60, 0));
        assertEquals(320, decisions.dueNs(60, 0));
        Decisions odd = new Decisions(Impairment.NONE.withRate(7_000_000_000L));
        long due = 0;
        for (int i = 0; i < 7_000; i++) {
            due = odd.dueNs(1, 0);
        }
        assertEquals(8_000, due, "7,000 bytes at 7 Gbit/s");
    }

    @Test
    void shouldDrawTheSameNumbersEverywhere() {
        // the reference implementation of SplitMix64 yields these for the state 0
        Chance chance = new Chance(0, 0);
        assertEquals(Math.floorMod(0xe220_a839_7b1d_cdafL >>> 1, 2_000_001L) - 1_000_000, chance.within(1_000_000));
        assertEquals(Math.floorMod(0x6e78_9e6a_a1b9_65f4L >>> 1, 2_000_001L) - 1_000_000, chance.within(1_000_000));
        assertEquals(Math.floorMod(0x06c4_5d18_8009_454fL >>> 1, 2_000_001L) - 1_000_000, chance.within(1_000_000));
    }

    private static String losses(Loss loss, long seed, int frames) {
        Decisions decisions = new Decisions(Impairment.NONE.with(loss).withSeed(seed));
        StringBuilder text = new StringBuilder(frames);
        for (int i = 0; i < frames; i++) {
            text.append(decisions.loses() ? 'L' : '.');
        }
        return text.toString();
    }

    private static String text(Impairment impairment, int frames) {
        Decisions decisions = new Decisions(impairment);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < frames; i++) {
            text.append(decisions.loses()).append(decisions.duplicates()).append(decisions.dueNs(60, i * MS));
        }
        return text.toString();
    }
}
