package org.vswitch.slirp.neighbor;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.wire.MacAddress;

/// Which station has an IP address (RFC 826; the neighbor cache of RFC 4861, 5.1).
///
/// Theory of operation. Fixed arrays: a hash table with chains over [#CAPACITY] entries, and two lists in order of
/// age, of those that have been *used* to send something and of those that were only learned. A newcomer takes a free
/// entry; or the oldest of its own station if that has [#PER_STATION] already; or the oldest never used; or the one
/// used longest ago, if that is a minute. If every entry is in use the newcomer is refused and counted. So whoever
/// invents addresses displaces inventions, and the guests that the router talks to stay (RFC 6583, 7.1).
///
/// An entry that has not been confirmed for a minute is stale: it is still used, and whoever uses it is told to ask the
/// station ([#isProbeDue]) once a second, three times; then it is forgotten (RFC 4861, 7.3.3).
public final class NeighborTable {
    /// No station is known.
    public static final long NONE = -1;
    /// Entries.
    public static final int CAPACITY = 1024;
    /// Entries of one station.
    public static final int PER_STATION = 64;
    /// How long an entry needs no confirmation.
    public static final long STALE_NS = 60_000_000_000L;

    private static final long PROBE_INTERVAL_NS = 1_000_000_000L;
    private static final int MAX_PROBES = 3;
    private static final int BUCKETS = 2 * CAPACITY;
    private static final int BUCKET_SHIFT = Long.SIZE - Integer.numberOfTrailingZeros(BUCKETS);
    private static final int END = -1;
    /// The heads of the two lists are entries that hold no neighbor.
    private static final int LEARNED = CAPACITY;
    private static final int USED = CAPACITY + 1;

    private final Subnets subnets;
    private final StackCounters counters;
    private final long multiplier = ThreadLocalRandom.current().nextLong() | 1;
    private final int[] buckets = new int[BUCKETS];
    private final int[] chain = new int[CAPACITY];
    private final int[] older = new int[CAPACITY + 2];
    private final int[] newer = new int[CAPACITY + 2];
    private final boolean[] used = new boolean[CAPACITY];
    private final int[] probes = new int[CAPACITY];
    private final long[] highs = new long[CAPACITY];
    private final long[] lows = new long[CAPACITY];
    private final long[] macs = new long[CAPACITY];
    private final long[] confirmedNs = new long[CAPACITY];
    private final long[] usedNs = new long[CAPACITY];
    private final long[] probedNs = new long[CAPACITY];
    private int firstFree;
    private int count;

    /// An empty table.
    ///
    /// @param subnets whose addresses can be neighbors
    /// @param counters where it is counted that somebody was refused
    public NeighborTable(Subnets subnets, StackCounters counters) {
        this.subnets = subnets;
        this.counters = counters;
        Arrays.fill(buckets, END);
        Arrays.fill(macs, NONE);
        for (int i = 0; i < CAPACITY; i++) {
            chain[i] = i + 1 < CAPACITY ? i + 1 : END;
        }
        for (int head = LEARNED; head <= USED; head++) {
            older[head] = head;
            newer[head] = head;
        }
    }

    /// How many neighbors are known.
    ///
    /// @return 0 to [#CAPACITY]
    public int count() {
        return count;
    }

    /// Notes that a station said, in a message meant for the router, that it has an address.
    ///
    /// @param high upper half of the address
    /// @param low lower half
    /// @param mac the station
    /// @param nowNs the time
    /// @return false if that cannot be, or there is no room, which has been counted
    public boolean learn(long high, long low, long mac, long nowNs) {
        if (!isPossible(high, low, mac)) {
            counters.count(StackDrop.BAD_SOURCE);
            return false;
        }
        int entry = entry(high, low);
        if (entry == END) {
            entry = add(high, low, mac, nowNs);
        }
        if (entry == END) {
            counters.count(StackDrop.LIMIT);
            return false;
        }
        confirm(entry, mac, nowNs);
        return true;
    }

    /// Notes what a station said to everybody: that corrects or confirms an entry, but makes none (RFC 826, "merge").
    ///
    /// @param high upper half of the address
    /// @param low lower half
    /// @param mac the station
    /// @param nowNs the time
    /// @return whether there was an entry
    public boolean update(long high, long low, long mac, long nowNs) {
        if (!isPossible(high, low, mac)) {
            counters.count(StackDrop.BAD_SOURCE);
            return false;
        }
        int entry = entry(high, low);
        if (entry == END) {
            return false;
        }
        confirm(entry, mac, nowNs);
        return true;
    }

    /// Where to send what is for an address.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @param nowNs the time
    /// @return a MAC address, or [#NONE]
    public long find(long high, long low, long nowNs) {
        int entry = entry(high, low);
        if (entry == END) {
            return NONE;
        }
        unlink(entry);
        used[entry] = true;
        usedNs[entry] = nowNs;
        link(entry, USED);
        return macs[entry];
    }

    /// The station that is known to have an address, for who does not send anything there.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @return a MAC address, or [#NONE]
    public long station(long high, long low) {
        int entry = entry(high, low);
        return entry == END ? NONE : macs[entry];
    }

    /// Whether the station is to be asked now if it still has an address. Each time it says so counts as having
    /// asked; after three without an answer the entry is forgotten.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @param nowNs the time
    /// @return true if a request is to be sent
    public boolean isProbeDue(long high, long low, long nowNs) {
        int entry = entry(high, low);
        if (entry == END || nowNs - confirmedNs[entry] < STALE_NS
                || probes[entry] > 0 && nowNs - probedNs[entry] < PROBE_INTERVAL_NS) {
            return false;
        }
        if (probes[entry] == MAX_PROBES) {
            remove(entry);
            return false;
        }
        probes[entry]++;
        probedNs[entry] = nowNs;
        return true;
    }

    private boolean isPossible(long high, long low, long mac) {
        return mac > 0 && !MacAddress.isGroup(mac) && mac != subnets.own().mac() && subnets.isGuest(high, low);
    }

    private int add(long high, long low, long mac, long nowNs) {
        int oldest = oldestOf(mac);
        if (oldest != END) {
            remove(oldest);
        } else if (count == CAPACITY) {
            int victim = newer[LEARNED] != LEARNED ? newer[LEARNED] : newer[USED];
            if (used[victim] && nowNs - usedNs[victim] < STALE_NS) {
                return END;
            }
            remove(victim);
        }
        int entry = firstFree;
        firstFree = chain[entry];
        int bucket = bucket(high, low);
        chain[entry] = buckets[bucket];
        buckets[bucket] = entry;
        highs[entry] = high;
        lows[entry] = low;
        used[entry] = false;
        link(entry, LEARNED);
        count++;
        return entry;
    }

    /// The entry to give up for a newcomer of a station that has its full number: END if it has not.
    private int oldestOf(long mac) {
        int found = 0;
        int oldest = END;
        for (int entry = 0; entry < CAPACITY; entry++) {
            if (macs[entry] == mac) {
                found++;
                if (oldest == END || confirmedNs[entry] - confirmedNs[oldest] < 0) {
                    oldest = entry;
                }
            }
        }
        return found < PER_STATION ? END : oldest;
    }

    private void confirm(int entry, long mac, long nowNs) {
        macs[entry] = mac;
        confirmedNs[entry] = nowNs;
        probes[entry] = 0;
        if (!used[entry]) {
            unlink(entry);
            link(entry, LEARNED);
        }
    }

    private void remove(int entry) {
        unlink(entry);
        int bucket = bucket(highs[entry], lows[entry]);
        if (buckets[bucket] == entry) {
            buckets[bucket] = chain[entry];
        } else {
            int before = buckets[bucket];
            while (chain[before] != entry) {
                before = chain[before];
            }
            chain[before] = chain[entry];
        }
        macs[entry] = NONE;
        chain[entry] = firstFree;
        firstFree = entry;
        count--;
    }

    /// Puts an entry in front as the newest; `newer` of a head is the oldest of its list.
    private void link(int entry, int head) {
        int newest = older[head];
        older[entry] = newest;
        newer[entry] = head;
        newer[newest] = entry;
        older[head] = entry;
    }

    private void unlink(int entry) {
        newer[older[entry]] = newer[entry];
        older[newer[entry]] = older[entry];
    }

    private int entry(long high, long low) {
        int entry = buckets[bucket(high, low)];
        while (entry != END && (lows[entry] != low || highs[entry] != high)) {
            entry = chain[entry];
        }
        return entry;
    }

    private int bucket(long high, long low) {
        long mixed = (low ^ low >>> 29) * multiplier + high;
        return (int) ((mixed ^ mixed >>> 31) * multiplier >>> BUCKET_SHIFT);
    }
}
