package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The window over ways that deliver so many bytes each round. Time is a number.
class CongestionWindowTest {
    private static final int MSS = 1_000;
    private static final long TRIP_NS = 20_000_000;

    private final CongestionWindow window = new CongestionWindow();
    private long delivered;
    private long nowNs = 1;

    @BeforeEach
    void begin() {
        window.reset(MSS);
        round(0);
    }

    @Test
    void shouldDoubleEachRoundUntilTheWayTakesNoMore() {
        assertEquals(CongestionWindow.FLOOR, window.cwnd());
        int before = window.cwnd();
        for (int i = 0; i < 3; i++) {
            round(window.cwnd());
            assertTrue(window.cwnd() >= 2 * before, window.cwnd() + " after " + before);
            before = window.cwnd();
        }
        for (int i = 0; i < 30; i++) {
            round(1_500_000);
        }
        assertEquals(2 * 1_500_000 + 3 * ChunkRing.MAX_PAYLOAD, window.cwnd());
    }

    @Test
    void shouldForgetARateAfterTenRounds() {
        round(1_000_000);
        int wide = window.cwnd();
        for (int i = 0; i < 9; i++) {
            round(1_000);
        }
        assertEquals(wide, window.cwnd());
        round(1_000);
        assertEquals(CongestionWindow.FLOOR, window.cwnd());
    }

    @Test
    void shouldNotMindSingleLosses() {
        for (int i = 0; i < 20; i++) {
            window.lost(10_000);
            round(1_000_000);
        }
        assertEquals(2_000_000 + 3 * ChunkRing.MAX_PAYLOAD, window.cwnd());
    }

    @Test
    void shouldGiveWayWhereMoreThanATenthIsLostAndComeBack() {
        round(1_000_000);
        int before = window.cwnd();
        window.lost(200_000);
        round(1_000_000);
        assertEquals(before / 10 * 7, window.cwnd(), 10);
        for (int i = 0; i < 100; i++) {
            window.lost(500_000);
            round(1_000_000);
        }
        assertEquals(4 * MSS, window.cwnd());
        for (int i = 0; i < 100; i++) {
            round(1_000_000);
        }
        assertEquals(before, window.cwnd());
    }

    @Test
    void shouldBeginWithTwoSegmentsAfterATimeout() {
        round(1_000_000);
        int before = window.cwnd();
        window.timeout();
        assertEquals(2 * MSS, window.cwnd());
        round(2 * MSS);
        assertEquals(4 * MSS, window.cwnd());
        for (int i = 0; i < 12; i++) {
            round(window.cwnd());
        }
        assertTrue(window.cwnd() >= before / 2, "cwnd=" + window.cwnd());
    }

    /// A timeout tells of a loss, not of another way.
    @Test
    void shouldRememberTheWayOnceALossIsRepaired() {
        round(1_000_000);
        int before = window.cwnd();
        window.timeout();
        window.lost(20_000);
        round(2 * MSS);
        window.recovered();
        assertEquals(before, window.cwnd());
    }

    @Test
    void shouldPaceLongWaysOnly() {
        round(1_000_000);
        assertEquals(TRIP_NS * 8 / 5, window.paceNs(window.cwnd()), 1);
        window.roundTrip(500_000, nowNs);
        assertEquals(0, window.paceNs(window.cwnd()));
    }

    /// A longer way counts once the shortest trip known is ten seconds old.
    @Test
    void shouldBelieveALongerRoundTripInTheEnd() {
        round(1_000_000);
        int before = window.cwnd();
        window.roundTrip(2 * TRIP_NS, nowNs);
        round(1_000_000);
        assertEquals(before, window.cwnd());
        nowNs += 11_000_000_000L;
        window.roundTrip(2 * TRIP_NS, nowNs);
        window.acknowledged(nowNs, delivered, nowNs);
        delivered += 1_000_000;
        nowNs += TRIP_NS;
        window.acknowledged(nowNs, delivered, nowNs);
        assertEquals(4_000_000 + 3 * ChunkRing.MAX_PAYLOAD, window.cwnd());
    }

    /// So many bytes arrive within one trip.
    private void round(int bytes) {
        nowNs += TRIP_NS;
        window.roundTrip(TRIP_NS, nowNs);
        delivered += bytes;
        window.acknowledged(nowNs - TRIP_NS, delivered, nowNs);
    }
}
