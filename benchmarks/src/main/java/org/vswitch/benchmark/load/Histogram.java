package org.vswitch.benchmark.load;

import java.util.Arrays;

/// Counts of durations in buckets at most 1/64 wide (1.6 %), from 1 ns to 68 s. Allocates only in its constructor.
final class Histogram {
    private static final int STEPS = 64;
    private static final int OCTAVES = 30;
    private final long[] counts = new long[STEPS * (OCTAVES + 1)];
    private long total;

    void reset() {
        Arrays.fill(counts, 0);
        total = 0;
    }

    void add(long durationNs) {
        counts[bucket(Math.max(0, durationNs))]++;
        total++;
    }

    void add(Histogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        total += other.total;
    }

    long total() {
        return total;
    }

    /// The duration that a share of all durations does not exceed; 0 if there is none.
    long quantileNs(double share) {
        long rank = (long) Math.ceil(share * total);
        long sum = 0;
        for (int i = 0; i < counts.length; i++) {
            sum += counts[i];
            if (sum >= rank && sum > 0) {
                return upperBound(i);
            }
        }
        return 0;
    }

    private static int bucket(long value) {
        if (value < STEPS) {
            return (int) value;
        }
        int octave = 63 - Long.numberOfLeadingZeros(value) - 6;
        return Math.min(STEPS * OCTAVES + STEPS - 1, STEPS * octave + (int) (value >>> octave));
    }

    private static long upperBound(int bucket) {
        if (bucket < 2 * STEPS) {
            return bucket;
        }
        int octave = bucket / STEPS - 1;
        return ((long) (bucket - STEPS * octave + 1) << octave) - 1;
    }
}
