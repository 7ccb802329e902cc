package org.vswitch.benchmark.load;

import org.vswitch.linux.NativeMemory;

/// Which frames of a run came to one receiver: a bit for each sequence number. Allocates only in its constructor.
final class Arrivals {
    private final long bits;
    private final long capacity;
    private long end;
    private long distinct;
    private long inWindow;
    private long duplicates;
    private long reordered;
    private long foreign;

    /// @param capacity sequence numbers from here on count as foreign
    Arrivals(long capacity) {
        this.capacity = capacity;
        bits = NativeMemory.map(capacity / Byte.SIZE);
    }

    void reset() {
        NativeMemory.zero(bits, (end / Long.SIZE + 1) * Long.BYTES);
        end = 0;
        distinct = 0;
        inWindow = 0;
        duplicates = 0;
        reordered = 0;
        foreign = 0;
    }

    /// Records a frame.
    ///
    /// @param counts whether it came within the measured window
    /// @return whether it is the first with its number
    boolean add(long sequence, boolean counts) {
        if (sequence < 0 || sequence >= capacity - Long.SIZE) {
            foreign++;
            return false;
        }
        long word = bits + sequence / Long.SIZE * Long.BYTES;
        long seen = NativeMemory.getLong(word);
        long bit = 1L << sequence;
        if ((seen & bit) != 0) {
            duplicates++;
            return false;
        }
        NativeMemory.putLong(word, seen | bit);
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

    /// Adds what was counted in the window, in all, as duplicates, out of order, and as foreign.
    void addTo(long[] sums) {
        sums[0] += inWindow;
        sums[1] += distinct;
        sums[2] += duplicates;
        sums[3] += reordered;
        sums[4] += foreign;
    }
}
