package org.vswitch.plug.impair;

/// What happens to the frames of one direction. The same settings, seed included, and the same frames at the same times
/// give the same result.
///
/// A frame is first lost or not, then duplicated or not; what is left goes out one behind the other at the rate, and
/// then is delayed.
///
/// @param loss which frames are lost
/// @param delay how long they are held back
/// @param duplicate probability that a frame comes twice, 0 to 1
/// @param rate bits of frames, without preamble and checksum, in a second, [#MIN_RATE] to [#MAX_RATE]; or [#UNLIMITED]
/// @param queueFrames how many frames are held at most, 1 to [#MAX_QUEUE_FRAMES]; the next is lost
/// @param seed of all that is left to chance
public record Impairment(Loss loss, Delay delay, double duplicate, long rate, int queueFrames, long seed) {
    /// No limit to the rate.
    public static final long UNLIMITED = 0;
    /// The lowest rate that can be asked for, in bits per second.
    public static final long MIN_RATE = 1_000;
    /// The highest rate that can be asked for: a terabit per second.
    public static final long MAX_RATE = 1_000_000_000_000L;
    /// How many frames are held unless something else is asked for: 20 ms of a gigabit per second in full frames.
    public static final int DEFAULT_QUEUE_FRAMES = 2048;
    /// The most frames that can be held.
    public static final int MAX_QUEUE_FRAMES = 1 << 16;
    /// Frames pass as they are.
    public static final Impairment NONE =
            new Impairment(Loss.NONE, Delay.NONE, 0, UNLIMITED, DEFAULT_QUEUE_FRAMES, 0);

    /// Checks the settings.
    ///
    /// @throws IllegalArgumentException if something is out of its range
    public Impairment {
        Loss.checkShare("duplicate", duplicate);
        if (rate != UNLIMITED && (rate < MIN_RATE || rate > MAX_RATE)) {
            throw new IllegalArgumentException("rate=" + rate + " (" + MIN_RATE + " to " + MAX_RATE + " bit/s)");
        }
        if (queueFrames < 1 || queueFrames > MAX_QUEUE_FRAMES) {
            throw new IllegalArgumentException("queue=" + queueFrames + " (1 to " + MAX_QUEUE_FRAMES + ")");
        }
    }

    /// The same with another loss.
    ///
    /// @param other instead of [#loss]
    /// @return a copy
    public Impairment with(Loss other) {
        return new Impairment(other, delay, duplicate, rate, queueFrames, seed);
    }

    /// The same with another delay.
    ///
    /// @param other instead of [#delay]
    /// @return a copy
    public Impairment with(Delay other) {
        return new Impairment(loss, other, duplicate, rate, queueFrames, seed);
    }

    /// The same with another share of duplicates.
    ///
    /// @param share instead of [#duplicate]
    /// @return a copy
    public Impairment withDuplicate(double share) {
        return new Impairment(loss, delay, share, rate, queueFrames, seed);
    }

    /// The same with another rate.
    ///
    /// @param bitsPerSecond instead of [#rate]
    /// @return a copy
    public Impairment withRate(long bitsPerSecond) {
        return new Impairment(loss, delay, duplicate, bitsPerSecond, queueFrames, seed);
    }

    /// The same with another limit.
    ///
    /// @param frames instead of [#queueFrames]
    /// @return a copy
    public Impairment withQueueFrames(int frames) {
        return new Impairment(loss, delay, duplicate, rate, frames, seed);
    }

    /// The same with another seed.
    ///
    /// @param other instead of [#seed]
    /// @return a copy
    public Impairment withSeed(long other) {
        return new Impairment(loss, delay, duplicate, rate, queueFrames, other);
    }

    /// Whether frames pass as they are.
    ///
    /// @return true if nothing is left to do or to decide
    public boolean isNone() {
        return loss.share() == 0 && delay.ns() == 0 && duplicate == 0 && rate == UNLIMITED;
    }
}
