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
        timer.backOff();
        timer.acknowledged(100, 500 * MS);
        assertEquals(0, timer.smoothedNs());
        timer.sent(200, 500 * MS);
        timer.acknowledged(150, 700 * MS);
        assertEquals(0, timer.smoothedNs());
        timer.acknowledged(200, 800 * MS);
        assertEquals(300 * MS, timer.smoothedNs());
    }
}
