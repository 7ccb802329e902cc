package org.vswitch.bridge;

import java.lang.invoke.VarHandle;
import java.util.concurrent.ThreadLocalRandom;
import org.vswitch.linux.NativeMemory;

/// The filtering database (IEEE 802.1Q clause 8.8): which port an address was last seen on, per VLAN.
///
/// Theory of operation. Open addressing with linear probing in one table of fixed size, twice as many slots as entries
/// allowed, mapped without reservation so that only touched pages count. Key and value lie side by side, so that a
/// look-up costs one cache line. A key is a VLAN and an address, a value a port and the second it was last seen. The
/// hash is multiplied by a random odd number per table, so that nobody can aim at one place. Entries never move and are
/// deleted by tombstone; a run of tombstones before an empty slot becomes empty again. One thread writes; a value is
/// published before its key, so that others may read.
///
/// A full table learns nothing more, never grows and never evicts a live entry: an attacker who invents
/// addresses makes unknown destinations flood, and changes nothing for those already known. Probes are
/// bounded; an address that finds no slot within the bound is treated as if the table were full.
public final class MacTable {
    /// Entries allowed unless configured otherwise.
    public static final int DEFAULT_CAPACITY = 131_072;
    /// No such entry.
    public static final int NONE = -1;

    /// What learning an address did.
    public enum Learned {
        /// Nothing new.
        KNOWN,
        /// A new entry.
        ADDED,
        /// The entry points to another port now.
        MOVED,
        /// The entry was seen on another port too short ago to move.
        HELD,
        /// There is no room.
        FULL
    }

    private static final long EMPTY = 0;
    private static final long TOMBSTONE = -1;
    private static final long PRESENT = 1L << 62;
    private static final int MAX_PROBES = 256;
    private static final int SLOT_LENGTH = 2 * Long.BYTES;

    private final long slots;
    private final int mask;
    private final int shift;
    private final int capacity;
    private final long multiplier = ThreadLocalRandom.current().nextLong() | 1;
    private int limit;
    private int count;

    /// An empty table.
    ///
    /// @param capacity the most entries it can ever hold
    public MacTable(int capacity) {
        int slotCount = Integer.highestOneBit(Math.max(2, capacity) * 2 - 1) * 2;
        this.capacity = capacity;
        this.limit = capacity;
        this.mask = slotCount - 1;
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(slotCount);
        this.slots = NativeMemory.map((long) slotCount * SLOT_LENGTH);
    }

    /// Finds an entry.
    ///
    /// @param address a MAC address
    /// @param vid its VLAN
    /// @return a slot, valid until the next change; or [#NONE]
    public int find(long address, int vid) {
        long key = key(address, vid);
        int slot = home(key);
        for (int probe = 0; probe < MAX_PROBES; probe++) {
            long found = key(slot);
            if (found == key) {
                return slot;
            }
            if (found == EMPTY) {
                return NONE;
            }
            slot = slot + 1 & mask;
        }
        return NONE;
    }

    /// Loads the place where an entry would be, so that [#find] finds it in the cache. Worth it only for a table that
    /// exceeds the cache, and for many addresses at once: the loads of a batch overlap, those of look-ups do not.
    ///
    /// @param address a MAC address
    /// @param vid its VLAN
    /// @return a meaningless number that the caller must use, lest the JIT leaves the load out
    long touch(long address, int vid) {
        return key(home(key(address, vid)));
    }

    /// The port an entry points to.
    ///
    /// @param slot as [#find] returned
    /// @return its number
    public int port(int slot) {
        return (int) (value(slot) >>> 32);
    }

    /// When an entry was last confirmed.
    ///
    /// @param slot as [#find] returned
    /// @return seconds of the data plane's clock
    public int seenSeconds(int slot) {
        return (int) value(slot);
    }

    /// Learns that an address is on a port, or confirms it.
    ///
    /// @param address a MAC address, no group
    /// @param vid its VLAN
    /// @param port where it was seen
    /// @param clock the time, and how long an entry holds its port
    /// @return what changed
    public Learned learn(long address, int vid, int port, AgeingClock clock) {
        int slot = find(address, vid);
        if (slot == NONE) {
            return add(key(address, vid), port, clock.nowSeconds());
        }
        int known = port(slot);
        if (known == port) {
            if (seenSeconds(slot) != clock.nowSeconds()) {
                set(slot, port, clock.nowSeconds());
            }
            return Learned.KNOWN;
        }
        if (clock.nowSeconds() - seenSeconds(slot) <= clock.minPersistenceSeconds()) {
            return Learned.HELD;
        }
        set(slot, port, clock.nowSeconds());
        return Learned.MOVED;
    }

    /// Removes an entry.
    ///
    /// @param slot as [#find] returned
    public void remove(int slot) {
        count--;
        key(slot, TOMBSTONE);
        if (key(slot + 1 & mask) == EMPTY) {
            int last = slot;
            while (key(last) == TOMBSTONE) {
                key(last, EMPTY);
                last = last - 1 & mask;
            }
        }
    }

    /// The first occupied slot not below a number: to walk over all entries, also while removing them.
    ///
    /// @param from 0 to begin
    /// @return a slot, or [#NONE] at the end
    public int next(int from) {
        for (int slot = from; slot <= mask; slot++) {
            if (key(slot) > 0) {
                return slot;
            }
        }
        return NONE;
    }

    /// The address of an entry.
    ///
    /// @param slot an occupied slot
    /// @return a MAC address
    public long address(int slot) {
        return key(slot) & 0xffff_ffff_ffffL;
    }

    /// The VLAN of an entry.
    ///
    /// @param slot an occupied slot
    /// @return 0 to 4,095
    public int vid(int slot) {
        return (int) (key(slot) >>> 48) & 0xfff;
    }

    /// How many entries there are.
    ///
    /// @return 0 to [#limit]
    public int count() {
        return count;
    }

    /// How many entries are allowed.
    ///
    /// @return up to [#capacity]
    public int limit() {
        return limit;
    }

    /// Allows more or fewer entries; those beyond a lower limit stay until they age.
    ///
    /// @param entries 1 to [#capacity]
    public void limit(int entries) {
        limit = Math.clamp(entries, 1, capacity);
    }

    /// The most entries that can be allowed.
    ///
    /// @return as constructed
    public int capacity() {
        return capacity;
    }

    private Learned add(long key, int port, int nowSeconds) {
        if (count >= limit) {
            return Learned.FULL;
        }
        int slot = home(key);
        for (int probe = 0; probe < MAX_PROBES; probe++) {
            if (key(slot) <= EMPTY) {
                set(slot, port, nowSeconds);
                VarHandle.releaseFence();
                key(slot, key);
                count++;
                return Learned.ADDED;
            }
            slot = slot + 1 & mask;
        }
        return Learned.FULL;
    }

    private void set(int slot, int port, int seenSeconds) {
        NativeMemory.putLong(slots + (long) slot * SLOT_LENGTH + Long.BYTES,
                (long) port << 32 | seenSeconds & 0xffff_ffffL);
    }

    private long value(int slot) {
        return NativeMemory.getLong(slots + (long) slot * SLOT_LENGTH + Long.BYTES);
    }

    private long key(int slot) {
        return NativeMemory.getLong(slots + (long) slot * SLOT_LENGTH);
    }

    private void key(int slot, long key) {
        NativeMemory.putLong(slots + (long) slot * SLOT_LENGTH, key);
    }

    private static long key(long address, int vid) {
        return PRESENT | (long) vid << 48 | address;
    }

    private int home(long key) {
        long mixed = key ^ key >>> 29;
        return (int) (mixed * multiplier >>> shift);
    }
}
