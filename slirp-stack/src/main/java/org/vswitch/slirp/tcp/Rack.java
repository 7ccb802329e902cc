package org.vswitch.slirp.tcp;

import org.vswitch.slirp.wire.SeqNumber;

/// What arrived tells what is lost, by the time it was sent (RFC 8985, RACK). One per flow.
///
/// Theory of operation. A way keeps the order of what it carries, or nearly so. What was sent before something that has
/// arrived, and would have arrived by now, is lost, whether it was sent for the first time or again: so a repetition
/// that is lost is found a round trip later. How much later than in order something may come (the reordering window) is
/// nothing while a loss is being repaired, and a quarter of the shortest round trip before that, or once it has been
/// seen that order is not kept. The window does not grow further (RFC 8985, 6.2, step 4, would have it so with
/// duplicate reports, RFC 2883, which are not evaluated).
final class Rack {
    private static final int WINDOW_DIVISOR = 4;
    /// What is sent again in one pass is numbered by nanoseconds ahead of the time.
    private static final long NUMBERING_NS = 1_000;

    private long nowNs;
    private long shortestNs;
    private long newestNs;
    private int newestEnd;
    private long roundTripNs;
    private long sampleNs;
    private int highest;
    private int highestBefore;
    private boolean reordered;

    /// Begins anew.
    ///
    /// @param sndUna the first number not acknowledged
    void reset(int sndUna) {
        newestNs = Long.MIN_VALUE;
        newestEnd = sndUna;
        roundTripNs = 0;
        sampleNs = 0;
        highest = sndUna;
        highestBefore = sndUna;
        reordered = false;
    }

    /// A segment with news is being taken.
    ///
    /// @param timeNs the time
    /// @param shortestTripNs the shortest round trip, [Long#MAX_VALUE] if none is known
    void begin(long timeNs, long shortestTripNs) {
        nowNs = timeNs;
        shortestNs = shortestTripNs;
        sampleNs = 0;
        highestBefore = highest;
    }

    /// A stretch has arrived (RFC 8985, 6.2, steps 1 to 3).
    ///
    /// @param sentNs when it was sent last
    /// @param end behind its last byte
    /// @param again whether it was sent more than once
    void delivered(long sentNs, int end, boolean again) {
        long tripNs = Math.max(1, nowNs - sentNs);
        if (again && tripNs + NUMBERING_NS < shortestNs) {
            return; // what arrived is not what was sent last
        }
        if (!again && SeqNumber.lessThan(end, highestBefore)) {
            reordered = true;
        }
        highest = SeqNumber.max(highest, end);
        if (isNewer(sentNs, end)) {
            newestNs = sentNs;
            newestEnd = end;
            roundTripNs = tripNs;
            sampleNs = again ? sampleNs : tripNs;
        }
    }

    /// The round trip of what arrived since [#begin], and was sent once (Karn: RFC 6298, 3).
    ///
    /// @return nanoseconds, 0 if there is none
    long sampleNs() {
        return sampleNs;
    }

    /// When the newest of all that has arrived was sent.
    ///
    /// @return a time, [Long#MIN_VALUE] before the first
    long newestNs() {
        return newestNs;
    }

    /// Whether something that was sent later than this has arrived.
    ///
    /// @param sentNs when it was sent last
    /// @param end behind its last byte
    /// @return true if so
    boolean isOvertaken(long sentNs, int end) {
        return sentNs < newestNs || sentNs == newestNs && SeqNumber.lessThan(end, newestEnd);
    }

    /// When something that was overtaken counts as lost.
    ///
    /// @param sentNs when it was sent last
    /// @param inOrder whether a loss is known, or to be concluded from how much has arrived (RFC 8985, 6.2, step 4)
    /// @return a time, past or to come
    long lostNs(long sentNs, boolean inOrder) {
        boolean late = reordered || !inOrder;
        long windowNs = late && shortestNs != Long.MAX_VALUE ? shortestNs / WINDOW_DIVISOR : 0;
        return sentNs + roundTripNs + windowNs;
    }

    private boolean isNewer(long sentNs, int end) {
        return sentNs > newestNs || sentNs == newestNs && SeqNumber.lessThan(newestEnd, end);
    }
}
