package org.vswitch.plug.impair;

/// How long frames are held back.
///
/// Jitter alone keeps the order: a frame whose delay would end before that of the frame in front of it leaves together
/// with that one. Frames change places only by `reorder`: such a frame is not held back at all.
///
/// @param ns mean delay in nanoseconds, 0 to [#MAX_NS]
/// @param jitterNs the delay lies from `ns - jitterNs` to `ns + jitterNs`, all equally likely; 0 to `ns`
/// @param reorder probability that a frame overtakes those that wait, 0 to 1; above 0 only with a delay
public record Delay(long ns, long jitterNs, double reorder) {
    /// The longest delay: a minute.
    public static final long MAX_NS = 60_000_000_000L;
    /// Frames go on at once.
    public static final Delay NONE = of(0);

    /// Checks the times.
    ///
    /// @throws IllegalArgumentException if something is out of its range
    public Delay {
        if (ns < 0 || ns > MAX_NS) {
            throw new IllegalArgumentException("delay=" + ns + "ns (0 to " + MAX_NS + "ns)");
        }
        if (jitterNs < 0 || jitterNs > ns) {
            throw new IllegalArgumentException("jitter=" + jitterNs + "ns (0 to the delay, which is " + ns + "ns)");
        }
        Loss.checkShare("reorder", reorder);
        if (reorder > 0 && ns == 0) {
            throw new IllegalArgumentException("reorder=" + reorder + " (needs a delay to overtake)");
        }
    }

    /// A delay that is always the same.
    ///
    /// @param ns in nanoseconds
    /// @return without jitter and reordering
    public static Delay of(long ns) {
        return new Delay(ns, 0, 0);
    }
}
