package org.vswitch.slirp.service;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.HostToken;

/// The queries that are under way: so many at most, each with memory for its message.
///
/// Deadlines are looked for one by one, but only when the earliest of those that were set is due.
final class DnsQueries implements AutoCloseable {
    /// The most queries under way.
    static final int CAPACITY = 1_024;
    /// The longest query.
    static final int MAX_LENGTH = 4_096;

    /// Not a multiple of a page, so that queries do not share cache lines of one set.
    private static final int STRIDE = MAX_LENGTH + 64;

    private final long memory = NativeMemory.map((long) CAPACITY * STRIDE);
    private final DnsQuery[] queries = new DnsQuery[CAPACITY];
    private final int[] unused = new int[CAPACITY];
    private int size;
    private long earliestNs = Long.MAX_VALUE;

    DnsQueries() {
        for (int i = 0; i < CAPACITY; i++) {
            queries[i] = new DnsQuery(i);
            unused[i] = CAPACITY - 1 - i;
        }
    }

    /// How many are under way.
    int size() {
        return size;
    }

    boolean isFull() {
        return size == CAPACITY;
    }

    /// Begins a query; there must be room.
    ///
    /// @param guest a query, which is copied
    DnsQuery begin(DnsQuery guest) {
        int index = unused[CAPACITY - 1 - size++];
        DnsQuery query = queries[index];
        query.from(guest, memory + (long) index * STRIDE);
        query.underWay = true;
        query.deadlineNs = Long.MAX_VALUE;
        return query;
    }

    /// Ends a query, whose socket is closed.
    void end(DnsQuery query) {
        assert query.underWay && query.socket < 0 : "index=" + query.index;
        query.underWay = false;
        query.upstream = null;
        unused[CAPACITY - size--] = query.index;
    }

    /// The query whose socket has a token.
    ///
    /// @return null if the socket is closed
    DnsQuery of(long token) {
        DnsQuery query = queries[HostToken.index(token)];
        return query.underWay && query.socket >= 0 && query.token() == token ? query : null;
    }

    /// Sets when to look at a query.
    void schedule(DnsQuery query, long deadlineNs) {
        query.deadlineNs = deadlineNs;
        earliestNs = Math.min(earliestNs, deadlineNs);
    }

    /// When there may be one to look at.
    ///
    /// @return [Long#MAX_VALUE] for never
    long earliestNs() {
        return earliestNs;
    }

    /// Looks for a query that is due, and once there is none for the next deadline. The caller ends it or schedules it
    /// again.
    ///
    /// @param from where to begin, one behind the last one found
    /// @return an index, or [#CAPACITY]
    int due(int from, long nowNs) {
        if (from == 0) {
            if (earliestNs > nowNs) {
                return CAPACITY;
            }
            earliestNs = Long.MAX_VALUE;
        }
        for (int i = from; i < CAPACITY; i++) {
            if (!queries[i].underWay) {
                continue;
            }
            if (queries[i].deadlineNs <= nowNs) {
                return i;
            }
            earliestNs = Math.min(earliestNs, queries[i].deadlineNs);
        }
        return CAPACITY;
    }

    DnsQuery at(int index) {
        return queries[index];
    }

    /// A guest's query that has been under way for longest.
    ///
    /// @param place of a guest that has one
    DnsQuery oldest(int place) {
        DnsQuery oldest = null;
        for (DnsQuery query : queries) {
            if (query.underWay && query.place == place && (oldest == null || query.beganNs - oldest.beganNs < 0)) {
                oldest = query;
            }
        }
        return oldest;
    }

    @Override
    public void close() {
        NativeMemory.unmap(memory, (long) CAPACITY * STRIDE);
    }
}
