package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.tcp.TcpRig.ACK;
import static org.vswitch.slirp.tcp.TcpRig.MSS;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Losses found by the time of what arrives (RFC 8985), and the pace, over a way of 20 ms. Time is a number.
class RackTest {
    private static final long TRIP_NS = 20_000_000;
    /// The first byte behind what told the round trip.
    private static final int FIRST = 1 + MSS;

    private final TcpRig guest = new TcpRig();

    @BeforeEach
    void measureTheWay() {
        guest.connect();
        guest.host.send(new byte[MSS]);
        guest.pass();
        guest.toGuest.clear();
        guest.nowNs += TRIP_NS;
        guest.send(1, FIRST, ACK, "").nothing();
    }

    @AfterEach
    void close() {
        guest.close();
    }

    /// What is sent again and lost again is known from another repetition that arrives; nothing new is sent meanwhile.
    @Test
    void shouldFindALostRepetitionARoundTripLater() {
        send(10);
        guest.nowNs += TRIP_NS;
        report(FIRST, segment(1), segment(4), segment(5), segment(10));
        assertEquals(FIRST, guest.expect(ACK).seq());
        assertEquals(segment(4), guest.expect(ACK).seq());
        guest.nothing();
        guest.nowNs += TRIP_NS;
        report(FIRST, segment(1), segment(10));
        assertEquals(FIRST, guest.expect(ACK).seq());
        guest.nothing();
        guest.nowNs += TRIP_NS;
        guest.send(1, segment(10), ACK, "").pass(5_000).nothing();
    }

    /// RFC 8985, 6.2, step 4: before three segments have arrived beyond a gap, it may be their order.
    @Test
    void shouldWaitAQuarterOfTheRoundTripForWhatMayBeLate() {
        send(3);
        guest.nowNs += TRIP_NS;
        report(FIRST, segment(1), segment(3));
        guest.nothing().pass(2).nothing();
        assertEquals(FIRST, guest.pass(4).expect(ACK).seq());
        guest.nothing();
    }

    @Test
    void shouldBeAskedForNothingThatWasLateOnly() {
        send(3);
        guest.nowNs += TRIP_NS;
        report(FIRST, segment(1), segment(3));
        guest.pass(2);
        guest.send(1, segment(3), ACK, "").pass(5_000).nothing();
    }

    /// Where order is not kept, the quarter is waited for however much has arrived.
    @Test
    void shouldLearnThatOrderIsNotKept() {
        send(8);
        guest.nowNs += TRIP_NS;
        report(FIRST, segment(6), segment(7));
        report(FIRST, segment(2), segment(3), segment(6), segment(7));
        guest.nothing();
        report(FIRST, segment(2), segment(8));
        guest.nothing();
        assertEquals(FIRST, guest.pass(10).expect(ACK).seq());
    }

    @Test
    void shouldSpreadAWindow() {
        guest.host.send(new byte[CongestionWindow.FLOOR]);
        guest.pass();
        assertTrue(bytes() <= CongestionWindow.FLOOR / 2, "at once " + bytes());
        long startNs = guest.nowNs;
        while (guest.splice.nextDeadlineNs() < startNs + 2 * TRIP_NS) {
            int before = bytes();
            guest.nowNs = Math.max(guest.nowNs, guest.splice.nextDeadlineNs());
            guest.pass();
            assertTrue(bytes() <= before + ChunkRing.MAX_PAYLOAD, "in a pass " + (bytes() - before));
        }
        assertTrue(bytes() >= CongestionWindow.FLOOR - MSS, "in two round trips " + bytes());
    }

    /// The rack by itself: what was sent twice tells nothing if it arrives sooner than it could.
    @Test
    void shouldNotTakeTheFirstForItsRepetition() {
        Rack rack = new Rack();
        rack.reset(0);
        rack.begin(30_000_000, TRIP_NS);
        rack.delivered(25_000_000, 100, true);
        assertFalse(rack.isOvertaken(24_000_000, 50));
        assertEquals(0, rack.sampleNs());
        rack.begin(60_000_000, TRIP_NS);
        rack.delivered(25_000_000, 100, true);
        assertTrue(rack.isOvertaken(24_000_000, 50));
        assertEquals(0, rack.sampleNs());
        rack.delivered(30_000_000, 200, false);
        assertEquals(30_000_000, rack.sampleNs());
        assertEquals(24_000_000 + 30_000_000, rack.lostNs(24_000_000, true));
        assertEquals(24_000_000 + 30_000_000 + 5_000_000, rack.lostNs(24_000_000, false));
    }

    private int bytes() {
        return guest.toGuest.stream().mapToInt(sent -> sent.text().length).sum();
    }

    private static int segment(int index) {
        return FIRST + index * MSS;
    }

    private void send(int segments) {
        guest.host.send(new byte[segments * MSS]);
        guest.pass();
        guest.toGuest.clear();
    }

    /// Blocks, the highest last.
    private void report(int ack, int... edges) {
        ByteBuffer options = ByteBuffer.allocate(4 + 4 * edges.length).putInt(0x0101_0500 | 2 + 4 * edges.length);
        for (int edge : edges) {
            options.putInt(edge + guest.routerIsn);
        }
        guest.nextOptions = options.array();
        guest.put(1, ack, ACK, new byte[0]).pass();
    }
}
