package org.vswitch.guard;

/// What a port has asked DHCP servers last, so that an answer can be told to be for it; of both families,
/// whose numbers need not differ.
final class DhcpRequests {
    private static final int CAPACITY = 8;

    private final long[] station = new long[CAPACITY];
    private final int[] xid = new int[CAPACITY];
    private final int[] vlan = new int[CAPACITY];
    private int added;

    /// Remembers a request, in the place of the oldest.
    ///
    /// @param transaction its number
    /// @param client the MAC address of who asks
    /// @param vid the VLAN
    void add(int transaction, long client, int vid) {
        if (!contains(transaction, client, vid)) {
            int slot = added % CAPACITY;
            added = slot + 1 + (added < CAPACITY - 1 ? 0 : CAPACITY);
            station[slot] = client;
            xid[slot] = transaction;
            vlan[slot] = vid;
        }
    }

    /// Whether the port has asked this.
    ///
    /// @param transaction its number
    /// @param client the MAC address of who asks
    /// @param vid the VLAN
    /// @return true if it is one of the last
    boolean contains(int transaction, long client, int vid) {
        for (int i = 0; i < Math.min(added, CAPACITY); i++) {
            if (xid[i] == transaction && station[i] == client && vlan[i] == vid) {
                return true;
            }
        }
        return false;
    }

    /// Forgets everything.
    void clear() {
        added = 0;
    }
}
