package org.vswitch.slirp.icmp;

import org.vswitch.slirp.ip.Packet;
import org.vswitch.wire.Icmp;

/// The pings of all guests by sender and identifier, and in the order in which they were last used.
///
/// Theory of operation. Open addressing with linear probing, never more than half full; the hash is keyed. A flow that
/// ends leaves no tombstone: those behind it move up. A list through the flows has the one used last at its end, so
/// that the oldest, which expires first, is found at once, and the oldest of one guest, which is asked for only when a
/// flow is opened, by walking.
final class PingTable {
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;
    private static final int FOLD = 32;

    private final int capacity;
    private final long secret;
    private final PingFlow[] slots;
    private final PingFlow[] all;
    private final PingFlow[] spare;
    private int made;
    private int spareCount;
    private int size;
    private PingFlow oldest;
    private PingFlow newest;

    /// Creates an empty table.
    ///
    /// @param capacity the most flows
    /// @param secret of the hash
    PingTable(int capacity, long secret) {
        this.capacity = capacity;
        this.secret = secret | 1;
        slots = new PingFlow[Integer.highestOneBit(Math.max(1, capacity - 1)) * 4];
        all = new PingFlow[capacity];
        spare = new PingFlow[capacity];
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == capacity;
    }

    /// The flow that was used longest ago, or null.
    PingFlow oldest() {
        return oldest;
    }

    /// The flow at a place, or null if there never was one.
    PingFlow at(int index) {
        return index < made ? all[index] : null;
    }

    /// The flow that a request belongs to, or null.
    PingFlow find(Packet request) {
        int identifier = Icmp.identifier(request.payload);
        int at = home(request.sourceHigh, request.sourceLow, identifier);
        while (slots[at] != null && !isOf(slots[at], request, identifier)) {
            at = at + 1 & slots.length - 1;
        }
        return slots[at];
    }

    /// Adds the flow that a request begins, as the one used last. The table must not be full.
    PingFlow add(Packet request) {
        assert size < capacity;
        PingFlow flow = spareCount > 0 ? spare[--spareCount] : make();
        flow.from(request);
        int at = home(flow);
        while (slots[at] != null) {
            at = at + 1 & slots.length - 1;
        }
        slots[at] = flow;
        size++;
        append(flow);
        return flow;
    }

    /// Makes a flow the one used last.
    void touch(PingFlow flow) {
        if (flow != newest) {
            unlink(flow);
            append(flow);
        }
    }

    /// Removes a flow, whose socket is closed.
    void remove(PingFlow flow) {
        assert flow.socket < 0 : "socket left open";
        int hole = home(flow);
        while (slots[hole] != flow) {
            hole = hole + 1 & slots.length - 1;
        }
        slots[hole] = null;
        size--;
        for (int at = hole + 1 & slots.length - 1; slots[at] != null; at = at + 1 & slots.length - 1) {
            int distance = at - home(slots[at]) & slots.length - 1;
            if (distance >= (at - hole & slots.length - 1)) {
                slots[hole] = slots[at];
                slots[at] = null;
                hole = at;
            }
        }
        unlink(flow);
        spare[spareCount++] = flow;
    }

    /// The oldest flow of a guest that has no room for another one, or null if it has.
    ///
    /// @param guestMac the guest
    /// @param most how many it may have
    PingFlow oldestBeyond(long guestMac, int most) {
        int count = 0;
        PingFlow first = null;
        for (PingFlow flow = oldest; flow != null; flow = flow.newer) {
            if (flow.guestMac == guestMac) {
                first = first == null ? flow : first;
                count++;
            }
        }
        return count < most ? null : first;
    }

    private static boolean isOf(PingFlow flow, Packet request, int identifier) {
        return flow.guestLow == request.sourceLow && flow.identifier == identifier
                && flow.guestHigh == request.sourceHigh;
    }

    private PingFlow make() {
        PingFlow flow = new PingFlow(made);
        all[made++] = flow;
        return flow;
    }

    private void append(PingFlow flow) {
        flow.older = newest;
        flow.newer = null;
        if (newest == null) {
            oldest = flow;
        } else {
            newest.newer = flow;
        }
        newest = flow;
    }

    private void unlink(PingFlow flow) {
        if (flow.older == null) {
            oldest = flow.newer;
        } else {
            flow.older.newer = flow.newer;
        }
        if (flow.newer == null) {
            newest = flow.older;
        } else {
            flow.newer.older = flow.older;
        }
    }

    private int home(PingFlow flow) {
        return home(flow.guestHigh, flow.guestLow, flow.identifier);
    }

    private int home(long high, long low, int identifier) {
        long mixed = (high ^ secret) * MULTIPLIER + low;
        mixed = (mixed ^ mixed >>> FOLD) * secret + identifier;
        mixed = (mixed ^ mixed >>> FOLD) * secret;
        return (int) (mixed >>> FOLD) & slots.length - 1;
    }
}
