package org.vswitch.guard;

import java.util.ArrayList;
import java.util.List;
import org.vswitch.wire.AddressText;
import org.vswitch.wire.IpAddress;

/// The IP addresses that a port may use, IPv4 in the mapped form ([org.vswitch.wire.IpAddress]): those that are
/// written down for it, single ones and networks, in every VLAN, and those that it was leased or has claimed, or that
/// are in networks which were delegated to it, each in its VLAN and for a time.
///
/// A claim counts from a moment on that lies a little in the future, so that an owner who is asked can object first
/// (RFC 6620, TENT_LT).
public final class OwnAddresses {
    /// Leases and claims at a time.
    static final int CAPACITY = 32;
    /// An end that never comes.
    static final long FOREVER = Long.MAX_VALUE;
    private static final long SECOND_NS = 1_000_000_000L;
    /// How long a claim keeps its place unused if another needs it (RFC 6620, DEFAULT_LT).
    private static final long LIFETIME_NS = 300_000_000_000L;

    private final AddressRange[] fixed;
    private final long[] fixedHighMask;
    private final long[] fixedLowMask;
    private final long[] high = new long[CAPACITY];
    private final long[] low = new long[CAPACITY];
    private final int[] vlan = new int[CAPACITY];
    private final long[] fromNs = new long[CAPACITY];
    private final long[] untilNs = new long[CAPACITY];
    private final long[] usedNs = new long[CAPACITY];
    private final OwnPrefixes delegated = new OwnPrefixes();
    private int count;

    /// Nothing is leased, claimed or delegated.
    ///
    /// @param written addresses that are the port's own always
    OwnAddresses(List<AddressRange> written) {
        fixed = written.toArray(AddressRange[]::new);
        fixedHighMask = written.stream().mapToLong(AddressRange::highMask).toArray();
        fixedLowMask = written.stream().mapToLong(AddressRange::lowMask).toArray();
    }

    /// An address that was leased or claimed, or a network that was delegated, for consoles.
    ///
    /// @param range the address, or those of the network
    /// @param vlan where it counts
    /// @param seconds until it ends; negative if it does not
    public record Entry(AddressRange range, int vlan, long seconds) {
    }

    /// Whether an address may be used now.
    ///
    /// @param wantedHigh its upper half
    /// @param wantedLow its lower half
    /// @param vid the VLAN
    /// @param nowNs the time
    /// @return true if it was written down, or leased, claimed or delegated in that VLAN
    boolean permits(long wantedHigh, long wantedLow, int vid, long nowNs) {
        int slot = slot(wantedHigh, wantedLow, vid);
        if (slot >= 0 && nowNs >= fromNs[slot] && nowNs < untilNs[slot]) {
            usedNs[slot] = Math.max(usedNs[slot], nowNs);
            return true;
        }
        return isFixed(wantedHigh, wantedLow) || delegated.contains(wantedHigh, wantedLow, vid, nowNs);
    }

    /// Whether an address is the port's, be it not yet.
    ///
    /// @param wantedHigh its upper half
    /// @param wantedLow its lower half
    /// @param vid the VLAN
    /// @param nowNs the time
    /// @return false if nobody would miss it here
    boolean holds(long wantedHigh, long wantedLow, int vid, long nowNs) {
        int slot = slot(wantedHigh, wantedLow, vid);
        return slot >= 0 && nowNs < untilNs[slot] || isFixed(wantedHigh, wantedLow)
                || delegated.contains(wantedHigh, wantedLow, vid, nowNs);
    }

    /// Gives the port an address for a time.
    ///
    /// @param newHigh its upper half
    /// @param newLow its lower half
    /// @param vid the VLAN
    /// @param nowNs the time
    /// @return its place, for [#lease] or [#claim] at once; negative if there is no room
    int put(long newHigh, long newLow, int vid, long nowNs) {
        int slot = slot(newHigh, newLow, vid);
        if (slot < 0 && count == CAPACITY) {
            forgetUnused(nowNs);
        }
        if (slot >= 0 || count == CAPACITY) {
            return slot;
        }
        high[count] = newHigh;
        low[count] = newLow;
        vlan[count] = vid;
        return count++;
    }

    /// Makes it a lease.
    ///
    /// @param slot from [#put]
    /// @param until when it ends, or [#FOREVER]
    void lease(int slot, long until) {
        fromNs[slot] = Long.MIN_VALUE;
        untilNs[slot] = until;
        usedNs[slot] = FOREVER;
    }

    /// Makes it a claim, which lasts until the port is left, or others need its place.
    ///
    /// @param slot from [#put]
    /// @param from when it begins to count
    void claim(int slot, long from) {
        fromNs[slot] = from;
        untilNs[slot] = FOREVER;
        usedNs[slot] = from;
    }

    /// Takes an address away, unless it was written down.
    ///
    /// @param goneHigh its upper half
    /// @param goneLow its lower half
    /// @param vid the VLAN
    void remove(long goneHigh, long goneLow, int vid) {
        int slot = slot(goneHigh, goneLow, vid);
        if (slot >= 0) {
            move(--count, slot);
        }
    }

    /// The networks that were delegated.
    OwnPrefixes delegated() {
        return delegated;
    }

    /// Takes away all that was leased, claimed or delegated.
    void clear() {
        count = 0;
        delegated.clear();
    }

    /// What was leased, claimed or delegated and has not ended, for consoles.
    ///
    /// @param nowNs the time
    /// @return a copy
    List<Entry> entries(long nowNs) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (nowNs < untilNs[i]) {
                entries.add(new Entry(AddressRange.of(new AddressText(high[i], low[i])), vlan[i],
                        secondsLeft(untilNs[i], nowNs)));
            }
        }
        entries.addAll(delegated.entries(nowNs));
        return entries;
    }

    /// For [Entry#seconds].
    static long secondsLeft(long until, long nowNs) {
        return until == FOREVER ? -1 : (until - nowNs) / SECOND_NS;
    }

    private boolean isFixed(long wantedHigh, long wantedLow) {
        for (int i = 0; i < fixed.length; i++) {
            AddressText first = fixed[i].first();
            if ((wantedHigh & fixedHighMask[i]) == first.high() && (wantedLow & fixedLowMask[i]) == first.low()
                    && fixed[i].isV4() == IpAddress.isV4(wantedHigh, wantedLow)) {
                return true;
            }
        }
        return false;
    }

    private int slot(long wantedHigh, long wantedLow, int vid) {
        for (int i = 0; i < count; i++) {
            if (low[i] == wantedLow && high[i] == wantedHigh && vlan[i] == vid) {
                return i;
            }
        }
        return -1;
    }

    private void forgetUnused(long nowNs) {
        for (int i = count - 1; i >= 0; i--) {
            if (nowNs >= untilNs[i] || nowNs - LIFETIME_NS >= usedNs[i]) {
                move(--count, i);
            }
        }
    }

    private void move(int from, int to) {
        high[to] = high[from];
        low[to] = low[from];
        vlan[to] = vlan[from];
        fromNs[to] = fromNs[from];
        untilNs[to] = untilNs[from];
        usedNs[to] = usedNs[from];
    }
}
