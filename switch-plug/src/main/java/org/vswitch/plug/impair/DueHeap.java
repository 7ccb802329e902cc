package org.vswitch.plug.impair;

/// Numbers with a time each, the earliest first, and of equal times the one added first: a binary heap in arrays.
final class DueHeap {
    private final long[] dueNs;
    private final long[] arrival;
    private final int[] value;
    private long arrivals;
    private int count;

    DueHeap(int capacity) {
        dueNs = new long[capacity];
        arrival = new long[capacity];
        value = new int[capacity];
    }

    int count() {
        return count;
    }

    /// The earliest time, or [Long#MAX_VALUE] if there is none.
    long firstNs() {
        return count == 0 ? Long.MAX_VALUE : dueNs[0];
    }

    void add(long timeNs, int number) {
        int hole = count++;
        long order = arrivals++;
        // later arrivals stand behind: only an earlier time moves up
        while (hole > 0 && timeNs < dueNs[(hole - 1) / 2]) {
            move((hole - 1) / 2, hole);
            hole = (hole - 1) / 2;
        }
        put(hole, timeNs, order, number);
    }

    /// Takes the number with the earliest time out of a heap that is not empty.
    int removeFirst() {
        assert count > 0;
        int first = value[0];
        count--;
        if (count > 0) {
            sink(count);
        }
        return first;
    }

    /// Lets an entry take the root's place and sink to where it belongs.
    private void sink(int entry) {
        long timeNs = dueNs[entry];
        long order = arrival[entry];
        int number = value[entry];
        int hole = 0;
        for (int child = 1; child < count; child = 2 * hole + 1) {
            if (child + 1 < count && isBefore(child + 1, dueNs[child], arrival[child])) {
                child++;
            }
            if (!isBefore(child, timeNs, order)) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        put(hole, timeNs, order, number);
    }

    private boolean isBefore(int entry, long timeNs, long order) {
        return dueNs[entry] < timeNs || dueNs[entry] == timeNs && arrival[entry] < order;
    }

    private void move(int from, int to) {
        put(to, dueNs[from], arrival[from], value[from]);
    }

    private void put(int entry, long timeNs, long order, int number) {
        dueNs[entry] = timeNs;
        arrival[entry] = order;
        value[entry] = number;
    }
}
