package org.vswitch.slirp.tcp;

import org.vswitch.slirp.wire.SeqNumber;

/// How long to wait for an acknowledgement (RFC 6298), with a floor of 200 ms (section 2.4 asks for a second, which was
/// chosen for clocks of half a second; Linux has 200 ms as well) and a ceiling of 60 s. One per flow.
///
/// What is timed is SYN-ACK; of data each acknowledgement brings a sample ([Rack]). Nothing that was sent twice counts
/// (Karn, section 3).
final class RetransmitTimer {
    /// The least timeout.
    static final long FLOOR_NS = 200_000_000L;
    /// The greatest timeout.
    static final long CEILING_NS = 60_000_000_000L;
    /// The timeout before a round trip was measured (section 2.1).
    static final long INITIAL_NS = 1_000_000_000L;
    private static final long PROBE_FLOOR_NS = 10_000_000L;

    private long smoothedNs;
    private long variationNs;
    private long timeoutNs;
    private int backOffs;
    private boolean timing;
    private int timedEnd;
    private long timedSinceNs;

    RetransmitTimer() {
        reset();
    }

    /// Forgets everything, for another connection.
    void reset() {
        smoothedNs = 0;
        variationNs = 0;
        timeoutNs = INITIAL_NS;
        backOffs = 0;
        timing = false;
    }

    /// The timeout to arm.
    ///
    /// @return nanoseconds
    long timeoutNs() {
        return Math.min(CEILING_NS, timeoutNs << Math.min(backOffs, 16));
    }

    /// When a tail-loss probe is due (RFC 8985, 7.2): two round trips, well before the timeout.
    ///
    /// @return nanoseconds, no more than [#timeoutNs]
    long probeNs() {
        return smoothedNs == 0 ? timeoutNs() : Math.min(timeoutNs(), Math.max(PROBE_FLOOR_NS, 2 * smoothedNs));
    }

    /// The smoothed round trip (SRTT).
    ///
    /// @return nanoseconds, 0 before the first
    long smoothedNs() {
        return smoothedNs;
    }

    /// How often the timeout has been doubled since the last progress.
    ///
    /// @return 0 after progress
    int backOffs() {
        return backOffs;
    }

    /// Doubles the timeout (section 5.5).
    void backOff() {
        backOffs++;
        timing = false;
    }

    /// New data was acknowledged, or the peer answered a probe: the next timeout is not doubled.
    void progress() {
        backOffs = 0;
    }

    /// Times something that is sent for the first time.
    ///
    /// @param end the sequence number behind it
    /// @param nowNs the time
    void sent(int end, long nowNs) {
        timing = true;
        timedEnd = end;
        timedSinceNs = nowNs;
    }

    /// Takes the measurement if what is being timed was acknowledged.
    ///
    /// @param sndUna what is acknowledged now
    /// @param nowNs the time
    void acknowledged(int sndUna, long nowNs) {
        if (timing && SeqNumber.atMost(timedEnd, sndUna)) {
            timing = false;
            sample(Math.max(1, nowNs - timedSinceNs));
        }
    }

    /// Folds a round trip into the estimate (section 2.2 and 2.3).
    ///
    /// @param roundTripNs measured
    void sample(long roundTripNs) {
        if (smoothedNs == 0) {
            smoothedNs = roundTripNs;
            variationNs = roundTripNs / 2;
        } else {
            variationNs += (Math.abs(smoothedNs - roundTripNs) - variationNs) / 4;
            smoothedNs += (roundTripNs - smoothedNs) / 8;
        }
        timeoutNs = Math.clamp(smoothedNs + 4 * variationNs, FLOOR_NS, CEILING_NS);
    }
}
