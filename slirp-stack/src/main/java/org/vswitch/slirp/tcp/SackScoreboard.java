package org.vswitch.slirp.tcp;

import org.vswitch.slirp.wire.SeqNumber;

/// What a guest reported to have beyond SND.UNA (RFC 6675's scoreboard): at most 32 ranges, sorted, apart from each
/// other. A report that does not fit is forgotten; that costs a needless retransmission at worst.
final class SackScoreboard {
    private static final int CAPACITY = 32;

    /// Made with the first report, which most connections never see.
    private int[] left = {};
    private int[] right = {};
    private int count;

    /// Forgets everything.
    void clear() {
        count = 0;
    }

    /// Whether nothing is reported.
    ///
    /// @return true if so
    boolean isEmpty() {
        return count == 0;
    }

    /// The end of the last range.
    ///
    /// @return behind the highest byte reported; only if there is one
    int highest() {
        return right[count - 1];
    }

    /// Adds a block, merging it with ranges it touches.
    ///
    /// @param from its left edge
    /// @param to its right edge, beyond the left one
    /// @return whether it says something new
    boolean add(int from, int to) {
        int first = 0;
        while (first < count && SeqNumber.lessThan(right[first], from)) {
            first++;
        }
        int after = first;
        int newLeft = from;
        int newRight = to;
        while (after < count && SeqNumber.atMost(left[after], to)) {
            newLeft = SeqNumber.min(newLeft, left[after]);
            newRight = SeqNumber.max(newRight, right[after]);
            after++;
        }
        if (after == first + 1 && left[first] == newLeft && right[first] == newRight
                || after == first && count == CAPACITY) {
            return false;
        }
        if (left.length == 0) {
            left = new int[CAPACITY];
            right = new int[CAPACITY];
        }
        int behind = count - after;
        System.arraycopy(left, after, left, first + 1, behind);
        System.arraycopy(right, after, right, first + 1, behind);
        left[first] = newLeft;
        right[first] = newRight;
        count = first + 1 + behind;
        return true;
    }

    /// Drops what is acknowledged.
    ///
    /// @param sndUna the first byte not acknowledged
    void acknowledged(int sndUna) {
        int gone = 0;
        while (gone < count && SeqNumber.atMost(right[gone], sndUna)) {
            gone++;
        }
        if (gone > 0) {
            count -= gone;
            System.arraycopy(left, gone, left, 0, count);
            System.arraycopy(right, gone, right, 0, count);
        }
        if (count > 0) {
            left[0] = SeqNumber.max(left[0], sndUna);
        }
    }

    /// How many bytes of a stretch are reported.
    ///
    /// @param from its first byte
    /// @param to behind its last byte
    /// @return bytes
    int bytes(int from, int to) {
        int sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.max(0, SeqNumber.min(right[i], to) - SeqNumber.max(left[i], from));
        }
        return sum;
    }

    /// The first byte at or behind a place that is not reported.
    ///
    /// @param from where to begin
    /// @return its number
    int holeStart(int from) {
        int hole = from;
        for (int i = 0; i < count && SeqNumber.atMost(left[i], hole); i++) {
            hole = SeqNumber.max(hole, right[i]);
        }
        return hole;
    }

    /// Where the hole ends.
    ///
    /// @param hole a byte not reported
    /// @param limit where to end at the latest
    /// @return the next byte that is reported, or the limit
    int holeEnd(int hole, int limit) {
        for (int i = 0; i < count; i++) {
            if (SeqNumber.lessThan(hole, left[i])) {
                return SeqNumber.min(left[i], limit);
            }
        }
        return limit;
    }
}
