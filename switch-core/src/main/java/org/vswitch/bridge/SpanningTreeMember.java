package org.vswitch.bridge;

import java.util.concurrent.TimeUnit;

/// A port in the tree of one VLAN: what was heard through it, and whether it is blocked.
final class SpanningTreeMember {
    /// A port through which nothing was heard for so long has no neighbour: four messages, and a second for their way.
    static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(17);

    final int number;
    boolean edge;
    boolean blocked;
    /// Whether messages come in; a port without is taken for one that leads to hosts.
    boolean active;
    long heardNs;
    /// Who was heard last: a port of a bridge.
    private SpanningTreeVector neighbor;
    private boolean shared;
    private long sharedNs;
    /// Who serves the segment behind this port better than we do, if anybody.
    private long rivalId;
    private long rivalNs;

    SpanningTreeMember(int number) {
        this.number = number;
    }

    /// Remembers who was heard.
    void heard(SpanningTreeVector theirs, long nowNs) {
        if (active && !theirs.isFrom(neighbor)) {
            shared = true;
            sharedNs = nowNs;
        } else if (shared && nowNs - sharedNs >= SILENCE_NS) {
            shared = false;
        }
        neighbor = theirs;
        heardNs = nowNs;
        active = true;
    }

    /// Whether more than one neighbour is heard, so that the port leads to a hub rather than to one neighbour.
    boolean isShared() {
        return shared;
    }

    void rival(long bridgeId, long nowNs) {
        rivalId = bridgeId;
        rivalNs = nowNs;
    }

    /// Forgets the rival if it is this bridge.
    void noRival(long bridgeId) {
        if (rivalId == bridgeId) {
            rivalId = 0;
        }
    }

    boolean hasRival(long nowNs) {
        return rivalId != 0 && nowNs - rivalNs < SILENCE_NS;
    }
}
