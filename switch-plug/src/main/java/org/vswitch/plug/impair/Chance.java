package org.vswitch.plug.impair;

/// A sequence of numbers that looks random and follows from its seed: SplitMix64, written down here since a seed is to
/// give the same sequence with every JDK.
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014;
/// the mix is variant 13 of D. Stafford.
final class Chance {
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;
    private static final double UNIT = 0x1p-53;

    private long state;

    /// A sequence of its own for each use of a seed, so that what is decided of one thing does not shift the others.
    Chance(long seed, int use) {
        state = mix(seed + use * GOLDEN_GAMMA);
    }

    /// Whether something happens this time; draws a number unless it is certain or impossible.
    boolean happens(double probability) {
        return probability > 0 && (probability >= 1 || (next() >>> 11) * UNIT < probability);
    }

    /// A number from `-most` to `most`, all equally likely but for a bias below 2^-26.
    long within(long most) {
        return most == 0 ? 0 : (next() >>> 1) % (2 * most + 1) - most;
    }

    private long next() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    private static long mix(long bits) {
        long z = (bits ^ bits >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }
}
