package org.vswitch.bridge;

import java.util.concurrent.TimeUnit;

/// Forgets addresses: those not seen for the ageing time (IEEE 802.1Q clause 8.8.3), those of a port or VLAN that went.
///
/// The table is looked through every interval while it has entries, and not at all while it is empty, so that an idle
/// switch sleeps.
public final class AddressAgeing {
    private final MacTable addresses;
    private final AgeingClock clock;
    private long dueNs = Long.MAX_VALUE;
    private long full;
    private long held;

    AddressAgeing(MacTable addresses, AgeingClock clock) {
        this.addresses = addresses;
        this.clock = clock;
    }

    /// How often an address was not learned because the table was full.
    ///
    /// @return frames, not addresses
    public long full() {
        return full;
    }

    /// How often an address was seen on a second port before it could move.
    ///
    /// @return frames
    public long held() {
        return held;
    }

    /// Sets how often the table is looked through, from now on.
    ///
    /// @param seconds below 1 counts as 1
    public void intervalSeconds(int seconds) {
        clock.intervalSeconds(seconds);
        if (dueNs != Long.MAX_VALUE) {
            dueNs = TimeUnit.SECONDS.toNanos(clock.nowSeconds());
        }
    }

    /// Forgets all addresses of a port.
    ///
    /// @param port its number
    /// @param events told of each
    public void forgetPort(int port, BridgeEvents events) {
        for (int slot = addresses.next(0); slot != MacTable.NONE; slot = addresses.next(slot + 1)) {
            if (addresses.port(slot) == port) {
                forget(slot, events);
            }
        }
    }

    /// Forgets all addresses of a VLAN.
    ///
    /// @param vid the VLAN
    /// @param events told of each
    public void forgetVlan(int vid, BridgeEvents events) {
        for (int slot = addresses.next(0); slot != MacTable.NONE; slot = addresses.next(slot + 1)) {
            if (addresses.vid(slot) == vid) {
                forget(slot, events);
            }
        }
    }

    /// Forgets all addresses of a port in one VLAN.
    ///
    /// @param vid the VLAN
    /// @param port its number
    /// @param events told of each
    public void forget(int vid, int port, BridgeEvents events) {
        for (int slot = addresses.next(0); slot != MacTable.NONE; slot = addresses.next(slot + 1)) {
            if (addresses.vid(slot) == vid && addresses.port(slot) == port) {
                forget(slot, events);
            }
        }
    }

    /// Forgets everything.
    ///
    /// @param events told of each
    public void forgetAll(BridgeEvents events) {
        for (int slot = addresses.next(0); slot != MacTable.NONE; slot = addresses.next(slot + 1)) {
            forget(slot, events);
        }
    }

    void learned(MacTable.Learned learned) {
        switch (learned) {
            case FULL -> full++;
            case HELD -> held++;
            case ADDED -> {
                if (dueNs == Long.MAX_VALUE) {
                    dueNs = TimeUnit.SECONDS.toNanos((long) clock.nowSeconds() + clock.intervalSeconds());
                }
            }
            case KNOWN, MOVED -> {
                // nothing to note
            }
        }
    }

    long onDeadline(long nowNs, BridgeEvents events) {
        if (nowNs - dueNs >= 0 && dueNs != Long.MAX_VALUE) {
            sweep(events);
            dueNs = addresses.count() == 0 ? Long.MAX_VALUE
                    : nowNs + TimeUnit.SECONDS.toNanos(Math.max(1, clock.intervalSeconds()));
        }
        return dueNs;
    }

    private void sweep(BridgeEvents events) {
        for (int slot = addresses.next(0); slot != MacTable.NONE; slot = addresses.next(slot + 1)) {
            if (clock.nowSeconds() - addresses.seenSeconds(slot) > clock.expireSeconds()) {
                forget(slot, events);
            }
        }
    }

    private void forget(int slot, BridgeEvents events) {
        if (events.watched()) {
            events.addressExpired(addresses.address(slot), addresses.vid(slot), addresses.port(slot));
        }
        addresses.remove(slot);
    }
}
