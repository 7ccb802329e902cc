package org.vswitch.slirp.service;

import org.vswitch.slirp.ip.Subnet;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.neighbor.NeighborTable;
import org.vswitch.wire.IpAddress;

/// Which guest has which IPv4 address (RFC 2131, 3.1 and 4.3).
///
/// Theory of operation. An entry for each address: from the first that is leased up to the end of the subnet, then what
/// lies in front of it, at most [#CAPACITY]; the router's own are skipped. An entry knows the client that has or last
/// had the address, and until when; nothing happens when that time has come, it is looked at when somebody asks. So
/// there are no timers, and a client that comes back after its lease has ended finds its address unless it was needed.
/// Looking through all entries takes microseconds, and nobody asks often.
///
/// A newcomer gets the first address that nobody ever had, then the one that has been free longest; last, one whose
/// offer is [#OFFER_KEPT_NS] old and not taken. One station has [#PER_STATION] addresses or a quarter of all, whichever
/// is less, and an eighth of what is not leased is not offered, only given to clients that come back with an address:
/// so whoever invents clients takes no address away from a guest that has one. Addresses that a client found to be in
/// use are kept out for a while, at most a quarter of all.
final class LeasePool {
    /// The most addresses.
    static final int CAPACITY = 4096;
    /// The most addresses of one station.
    static final int PER_STATION = 64;
    /// How long a lease lasts.
    static final int LEASE_SECONDS = 86_400;
    /// How long an address is kept for who was offered it.
    static final long OFFER_NS = 60_000_000_000L;
    /// How long it is kept even if no other is left.
    static final long OFFER_KEPT_NS = 5_000_000_000L;
    /// How long an address that is used by somebody else is not given to anybody.
    static final long QUARANTINE_NS = 600_000_000_000L;
    /// No address.
    static final int NONE = 0;

    private static final long LEASE_NS = LEASE_SECONDS * 1_000_000_000L;
    private static final int RESERVE_SHARE = 8;
    private static final int SHARE = 4;
    private static final int ABSENT = -1;
    private static final int V4_BITS = 32;

    private enum State {
        /// Given to nobody; `untilNs` says since when, if there is a client.
        FREE,
        /// Kept for a client that may take it.
        OFFERED,
        /// A client's.
        LEASED,
        /// In use by somebody unknown.
        QUARANTINED,
        /// The router's.
        OWN
    }

    private final NeighborTable neighbors;
    private final int lowest;
    private final long hosts;
    private final int start;
    private final int size;
    private final int usable;
    private final State[] states;
    private final long[] clients;
    private final long[] stations;
    private final long[] untilNs;

    /// A pool without clients.
    ///
    /// @param subnets whose IPv4 addresses; the router's own are not leased
    /// @param first the first address to be leased, of the subnet
    /// @param neighbors who is known to use an address without having asked
    LeasePool(Subnets subnets, int first, NeighborTable neighbors) {
        this.neighbors = neighbors;
        Subnet subnet = subnets.v4();
        int bits = 2 * Long.SIZE - subnet.prefixLength();
        long all = 1L << bits;
        int broadcasts = subnet.isBroadcast(IpAddress.v4((int) (subnet.low() & -all))) ? 1 : 0;
        lowest = (int) (subnet.low() & -all) + broadcasts;
        hosts = all - 2L * broadcasts;
        start = first - lowest;
        assert bits <= V4_BITS && Integer.toUnsignedLong(start) < hosts : "first=" + Integer.toHexString(first);
        size = (int) Math.min(hosts, CAPACITY);
        states = new State[size];
        clients = new long[size];
        stations = new long[size];
        untilNs = new long[size];
        int own = 0;
        for (int i = 0; i < size; i++) {
            boolean isOwn = subnets.own().contains(0, IpAddress.v4(address(i)));
            states[i] = isOwn ? State.OWN : State.FREE;
            own += isOwn ? 1 : 0;
        }
        usable = size - own;
    }

    /// How many addresses are leased.
    ///
    /// @param nowNs the time
    /// @return 0 to [#CAPACITY]
    int leases(long nowNs) {
        return count(State.LEASED, nowNs);
    }

    /// The address that a client has, is offered, or had.
    ///
    /// @param client who
    /// @param nowNs the time
    /// @return an address, or [#NONE] if nothing is known of it
    int addressOf(long client, long nowNs) {
        int entry = entryOf(client, nowNs);
        return entry == ABSENT ? NONE : address(entry);
    }

    /// Finds an address for a client and keeps it for a while: the one it has or had, else the one it wishes, else
    /// another. One that another station turned out to use, while nobody had it, is not kept.
    ///
    /// @param client who asks
    /// @param station where it is
    /// @param wanted the address it wishes, or [#NONE]
    /// @param nowNs the time
    /// @return an address, or [#NONE] if there is none for it
    int offer(long client, long station, int wanted, long nowNs) {
        int entry = entryOf(client, nowNs);
        if (entry != ABSENT && states[entry] == State.LEASED) {
            return address(entry);
        }
        if (entry != ABSENT && isUsedByOther(entry, station)) {
            clients[entry] = 0;
            set(entry, State.FREE, nowNs);
            entry = ABSENT;
        }
        boolean offered = entry != ABSENT && states[entry] == State.OFFERED;
        if (!offered && isAtLimit(station, nowNs)) {
            return NONE;
        }
        if (entry == ABSENT) {
            int wish = entryAt(wanted);
            boolean granted = wish != ABSENT && state(wish, nowNs) == State.FREE && !isUsedByOther(wish, station);
            entry = granted ? wish : newEntry(station, nowNs);
        }
        if (entry == ABSENT) {
            return NONE;
        }
        set(entry, State.OFFERED, nowNs + OFFER_NS);
        clients[entry] = client;
        stations[entry] = station;
        return address(entry);
    }

    /// Leases an address to a client that names it, or prolongs the lease. An address that is free is given even if it
    /// was never offered, guests keep theirs while the router starts anew; but not if another station is known to use
    /// it.
    ///
    /// @param client who wants it
    /// @param station where it is
    /// @param address which
    /// @param nowNs the time
    /// @return false if it cannot have that one
    boolean lease(long client, long station, int address, long nowNs) {
        int entry = entryAt(address);
        if (entry == ABSENT) {
            return false;
        }
        int had = entryOf(client, nowNs);
        boolean hasOther = had != ABSENT && had != entry && states[had] != State.FREE;
        State state = state(entry, nowNs);
        boolean given = (state == State.OFFERED || state == State.LEASED) && clients[entry] == client;
        boolean possible = given || state == State.FREE && !hasOther && count(station, nowNs) < perStation()
                && !isUsedByOther(entry, station);
        if (possible) {
            if (had != ABSENT && had != entry) {
                clients[had] = 0; // only one address is remembered
            }
            set(entry, State.LEASED, nowNs + LEASE_NS);
            clients[entry] = client;
            stations[entry] = station;
        }
        return possible;
    }

    /// A client has accepted another server's offer.
    ///
    /// @param client who
    /// @param nowNs the time
    void withdraw(long client, long nowNs) {
        int entry = entryOf(client, nowNs);
        if (entry != ABSENT && states[entry] == State.OFFERED) {
            set(entry, State.FREE, nowNs);
        }
    }

    /// A client gives back its address; it is remembered.
    ///
    /// @param client who
    /// @param station where that comes from: only there the address is
    /// @param address which
    /// @param nowNs the time
    /// @return false if it is not the client's
    boolean release(long client, long station, int address, long nowNs) {
        int entry = heldAt(client, station, address, nowNs);
        if (entry != ABSENT) {
            set(entry, State.FREE, nowNs);
        }
        return entry != ABSENT;
    }

    /// A client has found its address in use by somebody else: nobody gets it for a while.
    ///
    /// @param client who
    /// @param station where that comes from: only there the address is
    /// @param address which
    /// @param nowNs the time
    /// @return false if it is not the client's
    boolean decline(long client, long station, int address, long nowNs) {
        int entry = heldAt(client, station, address, nowNs);
        if (entry == ABSENT) {
            return false;
        }
        if (count(State.QUARANTINED, nowNs) >= Math.max(1, usable / SHARE)) {
            int oldest = earliest(State.QUARANTINED);
            clients[oldest] = 0;
            set(oldest, State.FREE, nowNs);
        }
        clients[entry] = 0;
        set(entry, State.QUARANTINED, nowNs + QUARANTINE_NS);
        return true;
    }

    private int newEntry(long station, long nowNs) {
        int unleased = usable - leases(nowNs);
        if (count(State.OFFERED, nowNs) < unleased - unleased / RESERVE_SHARE) {
            int entry = oldestFree(station, nowNs);
            if (entry != ABSENT) {
                return entry;
            }
        }
        int entry = earliest(State.OFFERED);
        return entry != ABSENT && untilNs[entry] - nowNs <= OFFER_NS - OFFER_KEPT_NS ? entry : ABSENT;
    }

    /// The first that nobody ever had, else the one free for longest; but if it can be none that a station uses which
    /// has not asked for it.
    private int oldestFree(long station, long nowNs) {
        int best = ABSENT;
        int inUse = ABSENT;
        for (int i = 0; i < size; i++) {
            if (state(i, nowNs) != State.FREE) {
                continue;
            }
            if (isUsedByOther(i, station)) {
                inUse = inUse == ABSENT ? i : inUse;
            } else if (clients[i] == 0) {
                return i;
            } else if (best == ABSENT || untilNs[i] - untilNs[best] < 0) {
                best = i;
            }
        }
        return best == ABSENT ? inUse : best;
    }

    private int earliest(State state) {
        int earliest = ABSENT;
        for (int i = 0; i < size; i++) {
            if (states[i] == state && (earliest == ABSENT || untilNs[i] - untilNs[earliest] < 0)) {
                earliest = i;
            }
        }
        return earliest;
    }

    /// The entry with the client's address, or with the one that it had and nobody else has by now.
    private int entryOf(long client, long nowNs) {
        for (int i = 0; i < size; i++) {
            if (clients[i] == client) {
                state(i, nowNs);
                return i;
            }
        }
        return ABSENT;
    }

    private int heldAt(long client, long station, int address, long nowNs) {
        int entry = entryAt(address);
        boolean held = entry != ABSENT && clients[entry] == client && stations[entry] == station
                && (state(entry, nowNs) == State.LEASED || states[entry] == State.OFFERED);
        return held ? entry : ABSENT;
    }

    private boolean isAtLimit(long station, long nowNs) {
        return count(station, nowNs) >= perStation();
    }

    private int perStation() {
        return Math.clamp(usable / SHARE, 1, PER_STATION);
    }

    private int count(long station, long nowNs) {
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (stations[i] == station && (state(i, nowNs) == State.OFFERED || states[i] == State.LEASED)) {
                count++;
            }
        }
        return count;
    }

    private int count(State state, long nowNs) {
        int count = 0;
        for (int i = 0; i < size; i++) {
            count += state(i, nowNs) == state ? 1 : 0;
        }
        return count;
    }

    private boolean isUsedByOther(int entry, long station) {
        long user = neighbors.station(0, IpAddress.v4(address(entry)));
        return user != NeighborTable.NONE && user != station && user != stations[entry];
    }

    /// What an entry is now; `untilNs` of one that has become free stays when that was.
    private State state(int entry, long nowNs) {
        boolean ends = states[entry] != State.FREE && states[entry] != State.OWN;
        if (ends && untilNs[entry] - nowNs <= 0) {
            states[entry] = State.FREE;
        }
        return states[entry];
    }

    private void set(int entry, State state, long timeNs) {
        states[entry] = state;
        untilNs[entry] = timeNs;
    }

    private int entryAt(int address) {
        long offset = Integer.toUnsignedLong(address - lowest);
        if (offset >= hosts) {
            return ABSENT;
        }
        long entry = Math.floorMod(offset - Integer.toUnsignedLong(start), hosts);
        return entry < size ? (int) entry : ABSENT;
    }

    private int address(int entry) {
        return lowest + (int) ((Integer.toUnsignedLong(start) + entry) % hosts);
    }
}
