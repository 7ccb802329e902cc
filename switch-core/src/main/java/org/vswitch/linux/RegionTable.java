package org.vswitch.linux;

import java.util.Arrays;

/// The registered ranges of memory, for the checked mode of [NativeMemory]. Thread-safe; a look-up allocates nothing,
/// so that tests of allocation run in checked mode, too. Changes copy the table.
final class RegionTable {
    /// Starts at even indexes in ascending order, each followed by its end.
    private volatile long[] bounds = new long[0];

    synchronized void add(long address, long length) {
        int at = ~find(address);
        if (at < 0) {
            throw new IllegalStateException("registered twice: address=0x" + Long.toHexString(address));
        }
        long[] grown = new long[bounds.length + 2];
        System.arraycopy(bounds, 0, grown, 0, 2 * at);
        grown[2 * at] = address;
        grown[2 * at + 1] = address + length;
        System.arraycopy(bounds, 2 * at, grown, 2 * at + 2, bounds.length - 2 * at);
        bounds = grown;
    }

    synchronized void remove(long address) {
        int at = find(address);
        if (at < 0) {
            throw new IllegalStateException("not registered: address=0x" + Long.toHexString(address));
        }
        long[] shrunk = Arrays.copyOf(bounds, bounds.length - 2);
        System.arraycopy(bounds, 2 * at + 2, shrunk, 2 * at, shrunk.length - 2 * at);
        bounds = shrunk;
    }

    boolean contains(long address, long length) {
        long[] snapshot = bounds;
        int at = find(snapshot, address);
        int floor = at >= 0 ? at : ~at - 1;
        return length >= 0 && floor >= 0 && address + length <= snapshot[2 * floor + 1];
    }

    private int find(long address) {
        return find(bounds, address);
    }

    /// The pair that starts at an address, or the complement of where it would stand.
    private static int find(long[] bounds, long address) {
        int low = 0;
        int high = bounds.length / 2 - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            if (bounds[2 * middle] < address) {
                low = middle + 1;
            } else if (bounds[2 * middle] > address) {
                high = middle - 1;
            } else {
                return middle;
            }
        }
        return ~low;
    }
}
