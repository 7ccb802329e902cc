package org.vswitch.benchmark.load;

import java.util.Arrays;

/// Which frames of a run came to one receiver. Allocates only in its constructor.
final class Arrivals {
    private final long[] seen;
    private long end;
    private long distinct;
    private long inWindow;
    private long duplicates;
    private long reordered;
    private long foreign;

    /// @param capacity sequence numbers from here on count as foreign
    Arrivals(long capacity) {
        seen = new long[(int) (capacity >>> 6)];
    }

    void reset() {
        Arrays.fill(seen, 0, (int) Math.min(seen.length, (end >>> 6) + 1), 0);
        end = 0;
        distinct = 0;
        inWindow = 0;
        duplicates = 0;
        reordered = 0;
        foreign = 0;
    }

    /// Records a frame.
    ///
    /// @return whether it is the first with its number
    boolean add(long sequence, boolean counts) {
        if (sequence < 0 || sequence >>> 6 >= seen.length) {
            foreign++;
            return false;
        }
        long bit = 1L << sequence;
        if ((seen[(int) (sequence >>> 6)] & bit) != 0) {
            duplicates++;
            return false;
        }
        seen[(int) (sequence >>> 6)] |= bit;
        distinct++;
        if (counts) {
            inWindow++;
        }
        if (sequence < end) {
            reordered++;
        } else {
            end = sequence + 1;
        }
        return true;
    }

    void addForeign() {
        foreign++;
    }

    long distinct() {
        return distinct;
    }

    long inWindow() {
        return inWindow;
    }

    long duplicates() {
        return duplicates;
    }

    long reordered() {
        return reordered;
    }

    long foreign() {
        return foreign;
    }
}
