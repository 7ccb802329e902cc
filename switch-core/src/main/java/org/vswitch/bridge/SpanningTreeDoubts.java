package org.vswitch.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Roots that this switch has just lost, or can reach by a longer way only, and how near they were.
///
/// Theory of operation. Whoever loses the way to a root soon hears of it again from switches whose own way led through
/// here and which have not noticed yet. To believe them makes a ring of switches that point at each other and carry
/// frames in circles until the cost has counted up to its end. A way that led through here is longer than ours was; so
/// for a while only those are believed that are nearer to the root than we have been (the feasibility condition of
/// RFC 8966 clause 3.5.1). After that the news has spread, and everybody is asked again.
final class SpanningTreeDoubts {
    /// How long a root is doubted: many times what news takes to spread.
    static final long DOUBT_NS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int CAPACITY = 8;

    private final List<Doubt> doubts = new ArrayList<>();
    private final long bridgeId;

    private record Doubt(long rootId, long cost, long untilNs) {
    }

    SpanningTreeDoubts(long bridgeId) {
        this.bridgeId = bridgeId;
    }

    /// A way is no longer there, or has become longer.
    void add(SpanningTreeVector lost, long nowNs) {
        long cost = lost.cost();
        for (Doubt doubt : doubts) {
            if (doubt.rootId == lost.rootId()) {
                cost = Math.min(cost, doubt.cost);
            }
        }
        doubts.removeIf(doubt -> doubt.rootId == lost.rootId());
        if (doubts.size() == CAPACITY) {
            doubts.removeFirst();
        }
        doubts.add(new Doubt(lost.rootId(), cost, nowNs + DOUBT_NS));
    }

    /// Whether a bridge cannot have its way to the root from us.
    ///
    /// @param offered the root, the bridge that offers, and its own cost
    boolean believes(SpanningTreeVector offered) {
        for (Doubt doubt : doubts) {
            if (doubt.rootId == offered.rootId()) {
                return offered.cost() < doubt.cost
                        || offered.cost() == doubt.cost && Long.compareUnsigned(offered.bridgeId(), bridgeId) < 0;
            }
        }
        return true;
    }

    /// Ends doubts that are old enough.
    ///
    /// @return whether there were any
    boolean expire(long nowNs) {
        return doubts.removeIf(doubt -> nowNs - doubt.untilNs >= 0);
    }

    void clear() {
        doubts.clear();
    }

    /// When the first doubt ends.
    long nextNs() {
        return doubts.stream().mapToLong(Doubt::untilNs).min().orElse(Long.MAX_VALUE);
    }
}
