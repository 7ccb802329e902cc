package org.vswitch.bridge;

import java.util.Arrays;

/// An immutable set of port numbers, as bits.
public final class PortSet {
    /// No port.
    public static final PortSet EMPTY = new PortSet(new long[0]);

    private final long[] words;

    private PortSet(long[] words) {
        this.words = words;
    }

    /// Whether a port is in the set.
    ///
    /// @param port its number
    /// @return true if it is
    public boolean contains(int port) {
        int word = port >>> 6;
        return word < words.length && (words[word] >>> port & 1) != 0;
    }

    /// The set with one more port.
    ///
    /// @param port its number
    /// @return this set if it contains the port already
    public PortSet with(int port) {
        if (contains(port)) {
            return this;
        }
        long[] copy = Arrays.copyOf(words, Math.max(words.length, (port >>> 6) + 1));
        copy[port >>> 6] |= 1L << port;
        return new PortSet(copy);
    }

    /// The set without a port.
    ///
    /// @param port its number
    /// @return this set if it does not contain the port
    public PortSet without(int port) {
        if (!contains(port)) {
            return this;
        }
        long[] copy = words.clone();
        copy[port >>> 6] &= ~(1L << port);
        return new PortSet(copy);
    }

    /// All ports of both sets.
    ///
    /// @param other another set
    /// @return the union
    public PortSet or(PortSet other) {
        long[] longer = words.length >= other.words.length ? words : other.words;
        long[] shorter = longer == words ? other.words : words;
        long[] union = longer.clone();
        for (int i = 0; i < shorter.length; i++) {
            union[i] |= shorter[i];
        }
        return new PortSet(union);
    }

    /// The ports that are in both sets.
    ///
    /// @param other another set
    /// @return the intersection
    public PortSet and(PortSet other) {
        long[] both = Arrays.copyOf(words, Math.min(words.length, other.words.length));
        for (int i = 0; i < both.length; i++) {
            both[i] &= other.words[i];
        }
        return new PortSet(both);
    }

    /// The smallest port in the set that is not below a number.
    ///
    /// @param from the least number wanted
    /// @return a port, or -1 if there is none
    public int next(int from) {
        int word = from >>> 6;
        if (word >= words.length) {
            return -1;
        }
        long bits = words[word] & -1L << from;
        while (bits == 0) {
            if (++word == words.length) {
                return -1;
            }
            bits = words[word];
        }
        return (word << 6) + Long.numberOfTrailingZeros(bits);
    }

    /// Whether there is no port in the set.
    ///
    /// @return true if empty
    public boolean isEmpty() {
        return next(0) < 0;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        for (int port = next(0); port >= 0; port = next(port + 1)) {
            text.append(text.length() > 1 ? "," : "").append(port);
        }
        return text.append('}').toString();
    }
}
