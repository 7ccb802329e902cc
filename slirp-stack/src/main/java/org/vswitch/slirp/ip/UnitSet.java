package org.vswitch.slirp.ip;

import java.util.Arrays;

/// A set of small numbers that is asked and changed by ranges, 64 at a time.
final class UnitSet {
    private final long[] words;
    private int last;

    /// An empty set.
    ///
    /// @param capacity the numbers below it can be members
    UnitSet(int capacity) {
        words = new long[(capacity + Long.SIZE - 1) / Long.SIZE + 1];
    }

    /// Takes out all members.
    void clear() {
        Arrays.fill(words, 0, (last + Long.SIZE - 1) / Long.SIZE, 0);
        last = 0;
    }

    /// What is above all members.
    ///
    /// @return 0 if the set is empty
    int last() {
        return last;
    }

    /// Adds a range.
    ///
    /// @param from the first
    /// @param to behind the last
    void add(int from, int to) {
        last = Math.max(last, to);
        for (int word = from >> 6; word << 6 < to; word++) {
            words[word] |= mask(word, from, to);
        }
    }

    /// Whether a number is a member.
    ///
    /// @param number 0 to the capacity
    boolean contains(int number) {
        return (words[number >> 6] & 1L << number) != 0;
    }

    /// Whether the range has a member.
    ///
    /// @param from the first
    /// @param to behind the last
    boolean containsAny(int from, int to) {
        for (int word = from >> 6; word << 6 < to; word++) {
            if ((words[word] & mask(word, from, to)) != 0) {
                return true;
            }
        }
        return false;
    }

    /// Whether everything in the range is a member.
    ///
    /// @param from the first
    /// @param to behind the last
    boolean containsAll(int from, int to) {
        for (int word = from >> 6; word << 6 < to; word++) {
            long mask = mask(word, from, to);
            if ((words[word] & mask) != mask) {
                return false;
            }
        }
        return true;
    }

    /// The bits of one word that a range covers.
    private static long mask(int word, int from, int to) {
        int first = Math.max(0, from - (word << 6));
        int end = Math.min(Long.SIZE, to - (word << 6));
        return end <= first ? 0 : (-1L >>> Long.SIZE - (end - first)) << first;
    }
}
