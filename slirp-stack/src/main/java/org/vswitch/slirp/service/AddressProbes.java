package org.vswitch.slirp.service;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.neighbor.ArpResponder;
import org.vswitch.slirp.neighbor.NeighborTable;
import org.vswitch.wire.IpAddress;

/// Messages of newcomers, put aside while everybody is asked who has the address that they are to get (RFC 2131, 3.1,
/// step 2): a station with an address that somebody has typed in may never have said anything.
///
/// Theory of operation. Who has the address answers the router's question, and thereby is in the table of neighbors,
/// which the pool looks at. So nothing is done here but to wait: when [#WAIT_NS] have passed, the message is served as
/// if it came then. If the pool gives the same address nobody has it; if another, that is asked for next, [#MAX_TRIES]
/// in all, so that a station that has every address keeps nobody waiting. A client that repeats itself meanwhile is
/// answered once, as it asked last. Whoever finds no room here is answered at once, and nobody is asked.
final class AddressProbes implements AutoCloseable {
    /// The most clients that wait.
    static final int CAPACITY = 64;
    /// The most that wait at one station.
    static final int PER_STATION = 8;
    /// How long nobody may answer: on a network within a machine or two, a thousand times what an answer takes.
    static final long WAIT_NS = 200_000_000L;
    /// How many addresses are asked for on behalf of one message.
    static final int MAX_TRIES = 8;

    /// No slot.
    static final int NONE = -1;

    /// More than any client sends.
    private static final int ROOM = 1_536;
    private static final long NOBODY = 0;

    private final ArpResponder arp;
    private final long memory = NativeMemory.map((long) CAPACITY * ROOM);
    private final long[] clients = new long[CAPACITY];
    private final long[] stations = new long[CAPACITY];
    private final long[] dueNs = new long[CAPACITY];
    private final int[] lengths = new int[CAPACITY];
    private final int[] addresses = new int[CAPACITY];
    private final int[] tries = new int[CAPACITY];
    private int size;

    /// Nobody waits.
    ///
    /// @param arp what asks
    AddressProbes(ArpResponder arp) {
        this.arp = arp;
    }

    /// How many clients wait.
    int size() {
        return size;
    }

    /// Whether a client's answer has to wait, until the address has been asked for or because that has to be done now.
    ///
    /// @param request its message, which may be kept
    /// @param address the address that it is to get
    /// @param isNew whether the address has just been chosen for it
    /// @param nowNs the time
    /// @return false if it is to be answered now
    boolean holds(DhcpRequest request, int address, boolean isNew, long nowNs) {
        int slot = slotOf(request.client);
        if (slot == NONE) {
            slot = isNew ? add(request) : NONE;
        } else if (addresses[slot] == address ? dueNs[slot] - nowNs <= 0 : tries[slot] == MAX_TRIES) {
            end(request.client);
            return false;
        }
        if (slot == NONE) {
            return false;
        }
        if (addresses[slot] != address) {
            addresses[slot] = address;
            tries[slot]++;
            dueNs[slot] = nowNs + WAIT_NS;
            arp.request(IpAddress.v4(address), NeighborTable.NONE);
        }
        keep(slot, request);
        return true;
    }

    /// A client waits no longer.
    ///
    /// @param client which may not have waited
    void end(long client) {
        int slot = slotOf(client);
        if (slot != NONE) {
            clients[slot] = NOBODY;
            size--;
        }
    }

    /// A message that has waited long enough, to be served again.
    ///
    /// @param nowNs the time
    /// @return the number of its slot, or [#NONE]
    int due(long nowNs) {
        int slot = earliest();
        return slot == NONE || dueNs[slot] - nowNs > 0 ? NONE : slot;
    }

    /// When the next message has waited long enough.
    ///
    /// @return a time, [Long#MAX_VALUE] for never
    long nextDueNs() {
        int slot = earliest();
        return slot == NONE ? Long.MAX_VALUE : dueNs[slot];
    }

    /// Takes a message out again; it remains where it is.
    ///
    /// @param slot its number
    /// @param into what becomes the message
    void read(int slot, DhcpRequest into) {
        boolean read = into.read(memory(slot), lengths[slot], stations[slot]);
        assert read : "slot=" + slot;
    }

    /// Unmaps the memory.
    @Override
    public void close() {
        NativeMemory.unmap(memory, (long) CAPACITY * ROOM);
    }

    private int add(DhcpRequest request) {
        int ofStation = 0;
        int free = NONE;
        for (int slot = 0; slot < CAPACITY; slot++) {
            boolean isFree = clients[slot] == NOBODY;
            free = isFree ? slot : free;
            ofStation += !isFree && stations[slot] == request.station ? 1 : 0;
        }
        if (free == NONE || ofStation == PER_STATION || request.length > ROOM) {
            return NONE;
        }
        clients[free] = request.client;
        addresses[free] = LeasePool.NONE;
        tries[free] = 0;
        size++;
        return free;
    }

    /// A longer message than the one kept is as good as not sent.
    private void keep(int slot, DhcpRequest request) {
        if (request.length <= ROOM && request.message != memory(slot)) {
            NativeMemory.copy(request.message, memory(slot), request.length);
            lengths[slot] = request.length;
            stations[slot] = request.station;
        }
    }

    private int slotOf(long client) {
        for (int slot = 0; size > 0 && slot < CAPACITY; slot++) {
            if (clients[slot] == client) {
                return slot;
            }
        }
        return NONE;
    }

    private int earliest() {
        int earliest = NONE;
        for (int slot = 0; size > 0 && slot < CAPACITY; slot++) {
            boolean waits = clients[slot] != NOBODY;
            if (waits && (earliest == NONE || dueNs[slot] - dueNs[earliest] < 0)) {
                earliest = slot;
            }
        }
        return earliest;
    }

    private long memory(int slot) {
        return memory + (long) slot * ROOM;
    }
}
