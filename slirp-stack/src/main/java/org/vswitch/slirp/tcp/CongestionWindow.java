package org.vswitch.slirp.tcp;

import java.util.Arrays;

/// How much may be on its way to the guest. One per flow.
///
/// Theory of operation. The window follows a model of the way, not its losses (as BBR does, draft-ietf-ccwg-bbr): twice
/// what fits into the way at the highest rate seen in the last rounds, by the shortest round trip of the last ten
/// seconds, and three super-frames more. A round ends when something arrives that was sent after its beginning. As the
/// window lets more through than the rate that it is made from, it grows with each round until the way takes no more:
/// within a machine to the double, over a long way, which is paced, by a quarter.
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
    /// A window is twice the rate, over a trip: so much of it is sent in one.
    private static final double PACE = 0.625;
    private static final long LEAST_PACED_TRIP_NS = 5_000_000;
    private static final long ROUND_TRIP_LIFE_NS = 10 * SECOND_NS;

    private final int[] rates = new int[ROUNDS];
    private int mss;
    private int cwnd;
    private int ceiling;
    private boolean restarting;
    /// Where the next round's rate goes.
    private int round;
    private long roundSinceNs;
    private long roundDelivered;
    private int roundLost;
    private long lastDelivered;
    private long shortestNs;
    private long shortestSinceNs;

    /// Begins anew.
    ///
    /// @param segmentSize bytes of a full segment
    void reset(int segmentSize) {
        mss = segmentSize;
        cwnd = FLOOR;
        ceiling = MAX;
        restarting = false;
        round = 0;
        roundSinceNs = Long.MIN_VALUE;
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

    /// The shortest round trip known.
    ///
    /// @return nanoseconds, [Long#MAX_VALUE] before the first
    long shortestNs() {
        return shortestNs;
    }

    /// How long something takes at the pace: five quarters of the rate of the model, as where BBR looks for more. Sent
    /// at once, a window would overflow queues that it has room in as it comes through. Within a machine nothing is
    /// paced: the trip is over before a timer goes off.
    ///
    /// @param bytes of it
    /// @return nanoseconds, 0 if nothing is paced
    long paceNs(int bytes) {
        return shortestNs < LEAST_PACED_TRIP_NS || shortestNs == Long.MAX_VALUE ? 0
                : (long) (bytes * shortestNs / (PACE * Math.max(cwnd, FLOOR)));
    }

    /// The guest acknowledged or reported something.
    ///
    /// @param newestNs when the newest of all that has arrived was sent
    /// @param delivered bytes that have arrived since the connection began, reported ones included
    /// @param nowNs the time
    void acknowledged(long newestNs, long delivered, long nowNs) {
        if (restarting) {
            cwnd = (int) Math.min(ceiling, cwnd + Math.max(0, delivered - lastDelivered));
        }
        lastDelivered = delivered;
        if (newestNs < roundSinceNs) {
            return;
        }
        if (roundSinceNs != Long.MIN_VALUE && nowNs > roundSinceNs) {
            endRound(delivered - roundDelivered, nowNs - roundSinceNs);
        }
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

    /// Nothing is missing any more: what was known before a timeout holds again.
    void recovered() {
        if (restarting) {
            restarting = false;
            cwnd = Math.min(ceiling, model());
        }
    }

    private void endRound(long bytes, long ns) {
        if (roundLost > Math.max(bytes / TOLERATED_LOSS, mss) && !restarting) {
            ceiling = Math.max(LEAST_SEGMENTS * mss, Math.min(cwnd, ceiling) / 10 * 7);
        } else {
            ceiling = Math.min(MAX, ceiling + ceiling / 8 + mss);
        }
        rates[round] = (int) Math.min(Integer.MAX_VALUE, bytes * SECOND_NS / ns);
        round = (round + 1) % ROUNDS;
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
