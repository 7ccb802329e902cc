package org.vswitch.slirp.tcp;

/// The connections by both their ends: open addressing with linear probing, never more than half full, so that a lookup
/// looks at one or two entries. Hashes are keyed, so no guest can choose ports that collide. Flows that end leave no
/// tombstones; those behind them move up. Nothing is allocated but flows that were never needed before.
final class FlowTable {
    private final KeyedHash hash;
    private final int capacity;
    private final TcpFlow[] slots;
    private int size;

    /// Creates an empty table.
    ///
    /// @param capacity the most flows
    /// @param hash keyed with a secret
    FlowTable(int capacity, KeyedHash hash) {
        this.capacity = capacity;
        this.hash = hash;
        slots = new TcpFlow[Integer.highestOneBit(Math.max(1, capacity - 1)) * 4];
    }

    /// How many flows there are.
    ///
    /// @return 0 to the capacity
    int size() {
        return size;
    }

    /// Whether no further flow fits.
    ///
    /// @return true at the limit
    boolean isFull() {
        return size == capacity;
    }

    /// Looks a connection up.
    ///
    /// @param path its ends
    /// @return the flow, or null
    TcpFlow find(FlowPath path) {
        int at = home(path);
        while (slots[at] != null && !slots[at].path.sameEnds(path)) {
            at = next(at);
        }
        return slots[at];
    }

    /// Adds a flow, which is not there yet. The table must not be full.
    ///
    /// @param flow found by its path from now on
    void add(TcpFlow flow) {
        assert size < capacity;
        int at = home(flow.path);
        while (slots[at] != null) {
            at = next(at);
        }
        slots[at] = flow;
        size++;
    }

    /// Removes a flow.
    ///
    /// @param flow one that was added
    void remove(TcpFlow flow) {
        int hole = home(flow.path);
        while (slots[hole] != flow) {
            assert slots[hole] != null : "not in the table";
            hole = next(hole);
        }
        slots[hole] = null;
        size--;
        for (int at = next(hole); slots[at] != null; at = next(at)) {
            int distance = at - home(slots[at].path) & slots.length - 1;
            if (distance >= (at - hole & slots.length - 1)) {
                slots[hole] = slots[at];
                slots[at] = null;
                hole = at;
            }
        }
    }

    private int home(FlowPath path) {
        return (int) hash.of(path) & slots.length - 1;
    }

    private int next(int at) {
        return at + 1 & slots.length - 1;
    }
}
