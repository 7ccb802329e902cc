package org.vswitch.guard;

import java.util.ArrayList;
import java.util.List;
import org.vswitch.wire.AddressText;

/// The IPv6 networks that DHCPv6 servers have delegated to a port (RFC 8415, 6.3), each in its VLAN and for a time.
///
/// Networks of which a part would be in `::/64` are none: nobody's addresses begin with 64 zeros, and IPv4 addresses
/// are kept among them.
final class OwnPrefixes {
    /// Networks at a time: a router asks for one, or for one for each of its interfaces.
    static final int CAPACITY = 8;
    private static final int MAX_LENGTH = 128;

    private final long[] high = new long[CAPACITY];
    private final long[] low = new long[CAPACITY];
    private final int[] length = new int[CAPACITY];
    private final int[] vlan = new int[CAPACITY];
    private final long[] untilNs = new long[CAPACITY];
    private int count;

    /// Whether an address is in one of the networks.
    ///
    /// @param wantedHigh its upper half
    /// @param wantedLow its lower half
    /// @param vid the VLAN
    /// @param nowNs the time
    /// @return true if that was delegated there, and the time has not ended
    boolean contains(long wantedHigh, long wantedLow, int vid, long nowNs) {
        for (int i = 0; i < count; i++) {
            if ((wantedHigh & AddressRange.mask(length[i])) == high[i]
                    && (wantedLow & AddressRange.mask(length[i] - Long.SIZE)) == low[i]
                    && vlan[i] == vid && nowNs < untilNs[i]) {
                return true;
            }
        }
        return false;
    }

    /// Gives the port a network, for a time that [#lease] sets at once.
    ///
    /// @param newHigh upper half of its addresses; the bits behind the prefix do not matter
    /// @param newLow lower half
    /// @param bits of the prefix
    /// @param vid the VLAN
    /// @return its place; negative if there is no room, or that is no network for anybody
    int put(long newHigh, long newLow, int bits, int vid) {
        long maskedHigh = newHigh & AddressRange.mask(bits);
        if (maskedHigh == 0 || bits > MAX_LENGTH) {
            return -1;
        }
        int slot = slot(newHigh, newLow, bits, vid);
        if (slot >= 0 || count == CAPACITY) {
            return slot;
        }
        high[count] = maskedHigh;
        low[count] = newLow & AddressRange.mask(bits - Long.SIZE);
        length[count] = bits;
        vlan[count] = vid;
        return count++;
    }

    /// Sets until when a network is the port's.
    ///
    /// @param slot from [#put]
    /// @param until when it ends
    void lease(int slot, long until) {
        untilNs[slot] = until;
    }

    /// Takes a network away.
    ///
    /// @param goneHigh upper half of its addresses
    /// @param goneLow lower half
    /// @param bits of the prefix
    /// @param vid the VLAN
    void remove(long goneHigh, long goneLow, int bits, int vid) {
        int slot = slot(goneHigh, goneLow, bits, vid);
        if (slot >= 0) {
            move(--count, slot);
        }
    }

    /// Takes away those whose time has ended.
    ///
    /// @param nowNs the time
    void forgetEnded(long nowNs) {
        for (int i = count - 1; i >= 0; i--) {
            if (nowNs >= untilNs[i]) {
                move(--count, i);
            }
        }
    }

    /// Takes all away.
    void clear() {
        count = 0;
    }

    /// What was delegated and has not ended, for consoles.
    ///
    /// @param nowNs the time
    /// @return a copy
    List<OwnAddresses.Entry> entries(long nowNs) {
        List<OwnAddresses.Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (nowNs < untilNs[i]) {
                entries.add(new OwnAddresses.Entry(new AddressRange(new AddressText(high[i], low[i]), length[i]),
                        vlan[i], OwnAddresses.secondsLeft(untilNs[i], nowNs)));
            }
        }
        return entries;
    }

    private int slot(long wantedHigh, long wantedLow, int bits, int vid) {
        for (int i = 0; i < count; i++) {
            if (length[i] == bits && vlan[i] == vid && (wantedHigh & AddressRange.mask(bits)) == high[i]
                    && (wantedLow & AddressRange.mask(bits - Long.SIZE)) == low[i]) {
                return i;
            }
        }
        return -1;
    }

    private void move(int from, int to) {
        high[to] = high[from];
        low[to] = low[from];
        length[to] = length[from];
        vlan[to] = vlan[from];
        untilNs[to] = untilNs[from];
    }
}
