package org.vswitch.slirp.udp;

/// The flows by the guest's address and port: open addressing with linear probing, never more than half full, without
/// tombstones. The hash is keyed, so that no guest can choose ports that collide.
final class UdpFlowTable {
    private static final long ODD = 0x9e37_79b9_7f4a_7c15L;

    private final long secretHigh;
    private final long secretLow;
    private final UdpFlow[] slots;

    UdpFlowTable(UdpSettings settings) {
        secretHigh = settings.secretHigh();
        secretLow = settings.secretLow();
        slots = new UdpFlow[Integer.highestOneBit(Math.max(1, settings.flows() - 1)) * 4];
    }

    /// Looks a flow up.
    ///
    /// @return null if there is none
    UdpFlow find(long guestHigh, long guestLow, int guestPort) {
        int at = home(guestHigh, guestLow, guestPort);
        while (slots[at] != null && !slots[at].isOf(guestHigh, guestLow, guestPort)) {
            at = next(at);
        }
        return slots[at];
    }

    /// Adds a flow that is not there yet; there must be room.
    void add(UdpFlow flow) {
        int at = home(flow);
        while (slots[at] != null) {
            at = next(at);
        }
        slots[at] = flow;
    }

    /// Removes a flow; those behind it move up.
    void remove(UdpFlow flow) {
        int hole = home(flow);
        while (slots[hole] != flow) {
            assert slots[hole] != null : "not in the table";
            hole = next(hole);
        }
        slots[hole] = null;
        for (int at = next(hole); slots[at] != null; at = next(at)) {
            int distance = at - home(slots[at]) & slots.length - 1;
            if (distance >= (at - hole & slots.length - 1)) {
                slots[hole] = slots[at];
                slots[at] = null;
                hole = at;
            }
        }
    }

    private int home(UdpFlow flow) {
        return home(flow.guestHigh, flow.guestLow, flow.guestPort);
    }

    private int home(long high, long low, int port) {
        long hash = mixed(high ^ secretHigh, low ^ secretLow);
        hash = mixed(hash ^ secretLow, port ^ secretHigh);
        return (int) mixed(hash, secretHigh) & slots.length - 1;
    }

    /// Both halves of a product, folded: every bit depends on every bit.
    private static long mixed(long one, long other) {
        long odd = other ^ ODD;
        return Math.unsignedMultiplyHigh(one, odd) ^ one * odd;
    }

    private int next(int at) {
        return at + 1 & slots.length - 1;
    }
}
