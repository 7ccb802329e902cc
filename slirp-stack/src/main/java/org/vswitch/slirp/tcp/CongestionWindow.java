package org.vswitch.slirp.tcp;

import java.util.Arrays;
import org.vswitch.slirp.wire.SeqNumber;

/// How much may be on its way to the guest. One per flow.
///
/// Theory of operation. The window follows a model of the way, not its losses (as BBR does, draft-ietf-ccwg-bbr): twice
/// what fits into the way at the highest rate seen in the last rounds, by the shortest round trip of the last ten
/// seconds, and three super-frames more. A round ends when what was sent last at its beginning is acknowledged. As the
/// window lets twice the rate through that it is made from, it doubles with each round until the way takes no more.
///
/// A guest is near, and its bottleneck is a bounded queue of the switch, or a bad line that somebody put in between on
/// purpose: single losses say nothing about either. A round that loses more than a tenth says that a queue is too short
/// for the window: that becomes the ceiling, less three tenths, from where it may rise by an eighth each round.
/// Rejected: NewReno (RFC 5681), which over a way of 20 ms that loses one frame in a hundred reached a twentieth of
/// what Linux's BBR does.
final class CongestionWindow {
    /// The least window that the model makes: a quarter of what the switch buffers for an endpoint. A way within one
    /// machine is short, and its latency the scheduler's.
    static final int FLOOR = 256 * 1024;
    private static final int LEAST_SEGMENTS = 4;
    private static final int MAX = 8 << 20;
    private static final int QUANTUM = 3 * ChunkRing.MAX_PAYLOAD;
    private static final int ROUNDS = 10;
    private static final int TOLERATED_LOSS = 10;
    private static final long SECOND_NS = 1_000_000_000L;
    /// Within a machine a trip is as long as the scheduler lets it be, whatever the shortest was.
    private static final long LEAST_TRIP_NS = 500_000;
    private static final long ROUND_TRIP_LIFE_NS = 10 * SECOND_NS;

    private final int[] rates = new int[ROUNDS];
    private int mss;
    private int cwnd;
    private int ceiling;
    private boolean restarting;
    private int round;
    private int roundEnd;
    private long roundSinceNs;
    private long roundDelivered;
    private int roundLost;
    private long lastDelivered;
    private long shortestNs;
    private long shortestSinceNs;

    /// Begins anew.
    ///
    /// @param segmentSize bytes of a full segment
    /// @param sndNxt the number sent next
    void reset(int segmentSize, int sndNxt) {
        mss = segmentSize;
        cwnd = FLOOR;
        ceiling = MAX;
        restarting = false;
        round = 0;
        roundEnd = sndNxt;
        roundSinceNs = 0;
        roundDelivered = 0;
        roundLost = 0;
        lastDelivered = 0;
        shortestNs = Long.MAX_VALUE;
        shortestSinceNs = 0;
        Arrays.fill(rates, 0);
    }

    /// How much may be on its way.
    ///
    /// @return bytes
    int cwnd() {
        return cwnd;
    }

    /// Takes a measured round trip.
    ///
    /// @param roundTripNs above 0
    /// @param nowNs the time
    void roundTrip(long roundTripNs, long nowNs) {
        if (roundTripNs <= shortestNs || nowNs - shortestSinceNs > ROUND_TRIP_LIFE_NS) {
            shortestNs = roundTripNs;
            shortestSinceNs = nowNs;
        }
    }

    /// The guest acknowledged or reported something.
    ///
    /// @param sndUna SND.UNA after that
    /// @param sndNxt SND.NXT
    /// @param delivered bytes that have arrived since the connection began, reported ones included
    /// @param nowNs the time
    void acknowledged(int sndUna, int sndNxt, long delivered, long nowNs) {
        if (restarting) {
            cwnd = (int) Math.min(ceiling, cwnd + Math.max(0, delivered - lastDelivered));
        }
        lastDelivered = delivered;
        if (SeqNumber.lessThan(sndUna, roundEnd)) {
            return;
        }
        if (roundSinceNs != 0 && nowNs > roundSinceNs) {
            endRound(delivered - roundDelivered, nowNs - roundSinceNs);
        }
        roundEnd = sndNxt;
        roundSinceNs = nowNs;
        roundDelivered = delivered;
        roundLost = 0;
    }

    /// Something is sent again.
    ///
    /// @param bytes of it
    void lost(int bytes) {
        roundLost += bytes;
    }

    /// The retransmission timer expired: the way begins with two segments again, up to what the model says.
    void timeout() {
        cwnd = 2 * mss;
        restarting = true;
    }

    private void endRound(long bytes, long ns) {
        if (roundLost > Math.max(bytes / TOLERATED_LOSS, mss)) {
            ceiling = Math.max(LEAST_SEGMENTS * mss, Math.min(cwnd, ceiling) / 10 * 7);
        } else {
            ceiling = Math.min(MAX, ceiling + ceiling / 8 + mss);
        }
        rates[round++ % ROUNDS] = (int) Math.min(Integer.MAX_VALUE, bytes * SECOND_NS / ns);
        int model = model();
        if (!restarting || cwnd >= Math.min(ceiling, model)) {
            restarting = false;
            cwnd = Math.min(ceiling, model);
        }
    }

    private int model() {
        if (shortestNs == Long.MAX_VALUE) {
            return FLOOR;
        }
        long fastest = 0;
        for (int rate : rates) {
            fastest = Math.max(fastest, rate);
        }
        double fits = (double) fastest * Math.max(shortestNs, LEAST_TRIP_NS) / SECOND_NS;
        return (int) Math.clamp(2 * fits + QUANTUM, FLOOR, MAX);
    }
}
