package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;

/// Timer, scoreboard and congestion window by themselves.
class RetransmissionTest {
    private static final long MS = 1_000_000L;

    @Test
    void shouldWaitASecondBeforeARoundTripIsKnown() {
        assertEquals(1_000 * MS, new RetransmitTimer().timeoutNs());
    }

    /// RFC 6298, 2.2 and 2.3.
    @Test
    void shouldFollowTheRoundTrip() {
        RetransmitTimer timer = new RetransmitTimer();
        timer.sample(400 * MS);
        assertEquals(1_200 * MS, timer.timeoutNs());
        timer.sample(400 * MS);
        assertEquals(1_000 * MS, timer.timeoutNs());
        for (int i = 0; i < 100; i++) {
            timer.sample(MS);
        }
        assertEquals(200 * MS, timer.timeoutNs());
        assertEquals(10 * MS, timer.probeNs());
    }

    @Test
    void shouldDoubleUpToAMinuteAndReturn() {
        RetransmitTimer timer = new RetransmitTimer();
        timer.sample(MS);
        for (int i = 0; i < 8; i++) {
            assertEquals((200 << i) * MS, timer.timeoutNs());
            timer.backOff();
        }
        for (int i = 0; i < 100; i++) {
            timer.backOff();
        }
        assertEquals(60_000 * MS, timer.timeoutNs());
        timer.progress();
        assertEquals(200 * MS, timer.timeoutNs());
    }

    /// Karn: what was sent twice is not timed.
    @Test
    void shouldNotTimeWhatWasSentAgain() {
        RetransmitTimer timer = new RetransmitTimer();
        timer.sent(100, 0);
        timer.sentAgain();
        timer.acknowledged(100, 500 * MS);
        assertEquals(0, timer.smoothedNs());
        timer.sent(200, 500 * MS);
        timer.sent(300, 600 * MS);
        timer.acknowledged(150, 700 * MS);
        assertEquals(0, timer.smoothedNs());
        timer.acknowledged(200, 800 * MS);
        assertEquals(300 * MS, timer.smoothedNs());
    }

    @Test
    void shouldKnowWhatWasReported() {
        Seeds.check(50, random -> {
            SackScoreboard board = new SackScoreboard();
            BitSet model = new BitSet();
            int zero = random.nextInt();
            for (int step = 0; step < 15; step++) {
                int from = 1 + random.nextInt(900);
                int to = from + 1 + random.nextInt(60);
                boolean known = model.nextClearBit(from) >= to;
                assertEquals(!known, board.add(zero + from, zero + to));
                model.set(from, to);
                int left = random.nextInt(500);
                int right = left + random.nextInt(500);
                assertEquals(model.get(left, right).cardinality(), board.bytes(zero + left, zero + right));
                int hole = model.nextClearBit(left);
                assertEquals(zero + hole, board.holeStart(zero + left));
                int end = model.nextSetBit(hole);
                assertEquals(zero + (end < 0 ? 1_000 : end), board.holeEnd(zero + hole, zero + 1_000));
                assertEquals(zero + model.length(), board.highest());
            }
            board.acknowledged(zero + 400);
            model.clear(0, 400);
            assertEquals(model.cardinality(), board.bytes(zero, zero + 2_000));
        });
    }
}
