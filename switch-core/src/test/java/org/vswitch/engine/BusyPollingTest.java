package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/// When a thread that waits stays awake.
class BusyPollingTest {
    private static final long LOOK_NS = 500;

    private final BusyPolling polling = new BusyPolling();
    private long nowNs = -1_000;

    @Test
    void shouldSleepUntilShortWaitsHaveProvedThatPollingPays() {
        for (int i = 0; i < BusyPolling.PROOF; i++) {
            assertFalse(polls(), "wait " + i);
            eventAfter(BusyPolling.SHORT_NS - 1);
        }
        assertTrue(polls());
    }

    @Test
    void shouldStopAfterAWaitThatWasTooLong() {
        prove();
        assertTrue(polls());
        eventAfter(BusyPolling.LIMIT_NS);
        assertFalse(polls());
    }

    @Test
    void shouldPollNoLongerThanItsLimit() {
        prove();
        polling.begin(nowNs);
        long end = nowNs + BusyPolling.LIMIT_NS;
        while (polling.goesOn(nowNs)) {
            assertTrue(nowNs < end, "still polls");
            nowNs += LOOK_NS;
        }
        assertTrue(nowNs >= end, "gave up early");
    }

    @Test
    void shouldSleepWhenSomebodyElseTookTheProcessor() {
        prove();
        polling.begin(nowNs);
        assertTrue(polling.goesOn(nowNs));
        nowNs += BusyPolling.LIMIT_NS / 2;
        assertFalse(polling.goesOn(nowNs));
        polling.ended(nowNs);
        assertTrue(polls(), "which was not in vain");
    }

    @Test
    void shouldSleepWhileMuchIsMoved() {
        prove();
        polling.streams();
        assertFalse(polls());
    }

    @Test
    void shouldNeverPollForWhatComesAtLongerIntervals() {
        for (int i = 0; i < 100; i++) {
            assertFalse(polls());
            eventAfter(BusyPolling.SHORT_NS);
        }
    }

    private void prove() {
        for (int i = 0; i < BusyPolling.PROOF; i++) {
            polling.begin(nowNs);
            eventAfter(LOOK_NS);
        }
    }

    private boolean polls() {
        polling.begin(nowNs);
        return polling.goesOn(nowNs);
    }

    private void eventAfter(long waitNs) {
        nowNs += waitNs;
        polling.ended(nowNs);
    }
}
