package org.vswitch.bridge;

/// How good a way to the root is (IEEE 802.1D-2004 clause 17.5): the lesser vector is better. All parts are unsigned.
///
/// @param rootId bridge identifier of the root
/// @param cost of the whole way
/// @param bridgeId of the next bridge on the way
/// @param portId of that bridge's port
record SpanningTreeVector(long rootId, long cost, long bridgeId, int portId) implements Comparable<SpanningTreeVector> {
    /// Costs have 32 bits. What is farther cannot be told to others, and so counts as unreachable.
    static final long MAX_COST = 0xffff_ffffL;
    /// The next bridge of one that is the root itself.
    static final long NO_BRIDGE = -1;

    /// What a bridge knows before it has heard anything.
    static SpanningTreeVector ofRoot(long bridgeId) {
        return new SpanningTreeVector(bridgeId, 0, NO_BRIDGE, 0);
    }

    SpanningTreeVector farther(long portCost) {
        return new SpanningTreeVector(rootId, cost + portCost, bridgeId, portId);
    }

    /// Whether the same port of the same bridge offered both.
    boolean isFrom(SpanningTreeVector other) {
        return bridgeId == other.bridgeId && portId == other.portId;
    }

    boolean isReachable() {
        return cost <= MAX_COST;
    }

    @Override
    public int compareTo(SpanningTreeVector other) {
        int order = Long.compareUnsigned(rootId, other.rootId);
        if (order == 0) {
            order = Long.compare(cost, other.cost);
        }
        if (order == 0) {
            order = Long.compareUnsigned(bridgeId, other.bridgeId);
        }
        return order == 0 ? Integer.compare(portId, other.portId) : order;
    }
}
