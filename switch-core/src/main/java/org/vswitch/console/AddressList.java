package org.vswitch.console;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import org.vswitch.bridge.Bridge;
import org.vswitch.bridge.MacTable;

/// All entries of the filtering database at one moment, compact since there may be a hundred thousand. Filled on the
/// data-plane thread, sorted and read elsewhere.
final class AddressList extends AbstractList<Row> implements RandomAccess {
    private final long[] keys;
    private final long[] values;
    private long[] order;
    private int buckets;

    private AddressList(int count) {
        keys = new long[count];
        values = new long[count];
    }

    /// Copies a table.
    ///
    /// @param bridge whose
    /// @return unsorted
    static AddressList of(Bridge bridge) {
        MacTable addresses = bridge.addresses();
        AddressList list = new AddressList(addresses.count());
        int at = 0;
        for (int slot = addresses.next(0); slot != MacTable.NONE; slot = addresses.next(slot + 1)) {
            int age = bridge.clock().nowSeconds() - addresses.seenSeconds(slot);
            list.keys[at] = (long) addresses.vid(slot) << 48 | addresses.address(slot);
            list.values[at++] = (long) age << 32 | addresses.port(slot);
        }
        return list;
    }

    /// The entries in the order of VDE's buckets. Within one bucket VDE has the newest entry first; we do not know
    /// which that is, and take the one seen last.
    ///
    /// @param bucketCount a power of two
    /// @return this
    List<Row> sorted(int bucketCount) {
        buckets = bucketCount;
        order = new long[keys.length];
        for (int i = 0; i < keys.length; i++) {
            order[i] = (long) bucket(i) << 32 | i;
        }
        Arrays.sort(order);
        for (int from = 0; from < order.length; from++) {
            int to = from + 1;
            while (to < order.length && order[to] >>> 32 == order[from] >>> 32) {
                to++;
            }
            if (to - from > 1) {
                sortByAge(from, to);
            }
            from = to - 1;
        }
        return this;
    }

    /// The bucket that VDE's table would have an entry in: two rounds of MurmurHash3's 64-bit finalizer over the VLAN
    /// in the upper 16 bits and the address, first byte lowest, in the others (fact about vde-2 hash.c; the finalizer
    /// is in the public domain).
    ///
    /// @param address a MAC address
    /// @param vid its VLAN
    /// @param bucketCount a power of two
    /// @return 0 to `bucketCount - 1`
    static int bucket(long address, int vid, int bucketCount) {
        long mixed = Long.reverseBytes(address) >>> 16 | (long) vid << 48;
        mixed ^= mixed >>> 33;
        mixed *= 0xff51_afd7_ed55_8ccdL;
        mixed ^= mixed >>> 33;
        mixed *= 0xc4ce_b9fe_1a85_ec53L;
        return (int) mixed & bucketCount - 1;
    }

    @Override
    public Row get(int position) {
        int index = (int) order[position];
        return new AddressRow(bucket(index), keys[index] & 0xffff_ffff_ffffL, (int) (keys[index] >>> 48),
                (int) values[index], (int) (values[index] >> 32));
    }

    @Override
    public int size() {
        return keys.length;
    }

    private int bucket(int index) {
        return bucket(keys[index] & 0xffff_ffff_ffffL, (int) (keys[index] >>> 48), buckets);
    }

    private void sortByAge(int from, int to) {
        long[] sorted = Arrays.stream(order, from, to).boxed()
                .sorted((a, b) -> Long.compare(values[(int) (long) a] >> 32, values[(int) (long) b] >> 32))
                .mapToLong(Long::longValue).toArray();
        System.arraycopy(sorted, 0, order, from, sorted.length);
    }
}
