package org.vswitch.slirp.ip;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.NetworkOrder;

/// Puts datagrams together from their fragments (RFC 791, 3.2; RFC 8200, 4.5).
///
/// Theory of operation. There is a fixed number of places, each with room for the longest datagram and the headers in
/// front of it, mapped once. A place costs its full length however short the datagram is, so that the bound on places
/// is the bound on bytes: [#PLACES] of them are 4 MiB, a guest's [#PLACES_PER_GUEST] are 1 MiB. Whoever needs a place
/// and finds none takes the oldest one, the guest's own if the guest has its full number.
///
/// What has come is a set of 8-octet units, one bit each, and so are the units that a fragment begins with. A
/// fragment that meets a unit that is there must be the same fragment once more, to the byte; otherwise the datagram
/// is *spoilt*, it keeps its place until its time is over, and takes what else comes of it with it (RFC 5722, 4).
/// Both versions of IP are treated the same.
///
/// The headers are those of the first fragment, and lie right in front of the payload, so that a datagram that is
/// complete, and the beginning of one that will never be, look like any other packet. Lengths of headers are checked
/// against the room, lengths of payloads against the longest datagram, both before a byte is copied.
final class Reassembly implements AutoCloseable {
    /// The longest IP packet, IPv4's header included, IPv6's not.
    static final int MAX_LENGTH = 65_535;
    /// Datagrams under way at any time.
    static final int PLACES = 64;
    /// Datagrams under way of one guest.
    static final int PLACES_PER_GUEST = 16;

    /// What became of a fragment.
    enum Outcome {
        /// It was kept, or was there already.
        HELD,
        /// It was the last that was missing: see [#header] and [#length].
        COMPLETE,
        /// It cannot belong to any datagram, or spoilt its own.
        REFUSED
    }

    private static final long V4_TIMEOUT_NS = 30_000_000_000L;
    private static final long V6_TIMEOUT_NS = 60_000_000_000L;
    private static final int UNIT = 8;
    private static final int HEADER_ROOM = 576;
    private static final int PLACE_LENGTH = HEADER_ROOM + MAX_LENGTH + 1;
    private static final int NONE = -1;

    private final StackCounters counters;
    private final Place[] places = new Place[PLACES];
    private final long memory = NativeMemory.map((long) PLACE_LENGTH * PLACES + HEADER_ROOM);
    private final long scratch = memory + (long) PLACE_LENGTH * PLACES;
    private int held;
    private long completeHeader;
    private int completeLength;

    /// One datagram under way.
    private static final class Place {
        final long payload;
        final UnitSet units = new UnitSet((MAX_LENGTH + 1) / UNIT);
        final UnitSet starts = new UnitSet((MAX_LENGTH + 1) / UNIT);
        boolean used;
        boolean spoilt;
        long firstNs;
        boolean v4;
        long sourceMac;
        long destinationMac;
        long sourceHigh;
        long sourceLow;
        long destinationHigh;
        long destinationLow;
        int identification;
        int protocol;
        int headerLength;
        int firstLength;
        int namedAt;
        boolean toGroup;
        int received;
        int total;

        Place(long payload) {
            this.payload = payload;
        }

        boolean isOf(Packet packet) {
            return used && identification == packet.identification && sourceLow == packet.sourceLow
                    && destinationLow == packet.destinationLow && sourceHigh == packet.sourceHigh
                    && destinationHigh == packet.destinationHigh && sourceMac == packet.sourceMac
                    && v4 == packet.v4 && (!v4 || protocol == packet.protocol);
        }
    }

    /// Maps the memory.
    ///
    /// @param counters where datagrams that are given up are counted
    Reassembly(StackCounters counters) {
        this.counters = counters;
        for (int i = 0; i < PLACES; i++) {
            places[i] = new Place(memory + (long) i * PLACE_LENGTH + HEADER_ROOM);
        }
    }

    /// How many datagrams are under way.
    ///
    /// @return 0 to [#PLACES]
    int held() {
        return held;
    }

    /// Where the datagram lies that has become complete, valid until the next fragment.
    ///
    /// @return address of its IP header
    long header() {
        return completeHeader;
    }

    /// How long it is.
    ///
    /// @return bytes, header included
    int length() {
        return completeLength;
    }

    /// Takes a fragment.
    ///
    /// @param fragment parsed and with acceptable addresses
    /// @param nowNs the time
    /// @return what became of it
    Outcome add(Packet fragment, long nowNs) {
        int length = fragment.payloadLength;
        int end = fragment.fragmentOffset + length;
        int others = fragment.v4 ? fragment.headerLength : fragment.headerLength - Ipv6.LENGTH - UNIT;
        if (length == 0 || others + end > MAX_LENGTH || fragment.moreFragments && length % UNIT != 0
                || fragment.fragmentOffset == 0 && fragment.headerLength > HEADER_ROOM) {
            return Outcome.REFUSED;
        }
        Place place = find(fragment, nowNs);
        if (place == null) {
            place = begin(fragment, nowNs);
        }
        if (place.spoilt) {
            return Outcome.REFUSED;
        }
        int first = fragment.fragmentOffset / UNIT;
        int last = (end + UNIT - 1) / UNIT;
        if (place.units.containsAny(first, last)) {
            return isRepeated(place, fragment) ? Outcome.HELD : spoil(place);
        }
        if (!fits(place, end, fragment.moreFragments)) {
            return spoil(place);
        }
        store(place, fragment);
        place.starts.add(first, first + 1);
        place.units.add(first, last);
        return place.received == place.total ? complete(place) : Outcome.HELD;
    }

    /// Ends a datagram whose time is over. To be called until there is none.
    ///
    /// @param nowNs the time
    /// @param into is filled, as far as an error needs it, if the first fragment is there; otherwise its header is 0
    /// @return false if there is none
    boolean expireOne(long nowNs, Packet into) {
        for (int i = 0; held > 0 && i < PLACES; i++) {
            Place place = places[i];
            if (place.used && nowNs - place.firstNs >= timeoutNs(place)) {
                into.header = 0;
                if (place.headerLength != 0 && !place.spoilt) {
                    describeFirst(place, into);
                }
                free(place);
                return true;
            }
        }
        return false;
    }

    /// When [#expireOne] is to be called next.
    ///
    /// @param nowNs the time
    /// @return nanoseconds from now, 0 or more, or [Long#MAX_VALUE] if nothing is under way
    long untilExpiryNs(long nowNs) {
        long least = Long.MAX_VALUE;
        for (int i = 0; held > 0 && i < PLACES; i++) {
            Place place = places[i];
            if (place.used) {
                least = Math.min(least, Math.max(0, timeoutNs(place) - (nowNs - place.firstNs)));
            }
        }
        return least;
    }

    /// Unmaps the memory.
    @Override
    public void close() {
        NativeMemory.unmap(memory, (long) PLACE_LENGTH * PLACES + HEADER_ROOM);
    }

    private Place find(Packet fragment, long nowNs) {
        for (int i = 0; held > 0 && i < PLACES; i++) {
            if (places[i].isOf(fragment) && nowNs - places[i].firstNs < timeoutNs(places[i])) {
                return places[i];
            }
        }
        return null;
    }

    private Place begin(Packet fragment, long nowNs) {
        Place place = vacant(fragment.sourceMac, nowNs);
        if (place.used) {
            counters.count(StackDrop.BAD_FRAGMENT);
            free(place);
        }
        held++;
        place.used = true;
        place.spoilt = false;
        place.firstNs = nowNs;
        place.v4 = fragment.v4;
        place.sourceMac = fragment.sourceMac;
        place.destinationMac = fragment.destinationMac;
        place.sourceHigh = fragment.sourceHigh;
        place.sourceLow = fragment.sourceLow;
        place.destinationHigh = fragment.destinationHigh;
        place.destinationLow = fragment.destinationLow;
        place.identification = fragment.identification;
        place.protocol = fragment.protocol;
        place.toGroup = fragment.toGroup;
        place.headerLength = 0;
        place.firstLength = 0;
        place.received = 0;
        place.total = NONE;
        place.units.clear();
        place.starts.clear();
        return place;
    }

    /// A free place, or the oldest: the guest's own if it has its full number, or else of all.
    private Place vacant(long guest, long nowNs) {
        Place free = null;
        Place oldest = places[0];
        Place oldestOwn = null;
        int own = 0;
        for (int i = 0; i < PLACES; i++) {
            Place place = places[i];
            if (!place.used) {
                free = place;
                continue;
            }
            oldest = older(oldest, place, nowNs);
            if (place.sourceMac == guest) {
                own++;
                oldestOwn = older(oldestOwn, place, nowNs);
            }
        }
        if (own >= PLACES_PER_GUEST) {
            return oldestOwn;
        }
        return free != null ? free : oldest;
    }

    private static Place older(Place one, Place other, long nowNs) {
        return one == null || nowNs - other.firstNs > nowNs - one.firstNs ? other : one;
    }

    /// Whether a fragment agrees with what is known of the datagram's length.
    private static boolean fits(Place place, int end, boolean moreFragments) {
        if (place.total != NONE) {
            return moreFragments ? end <= place.total : end == place.total;
        }
        return moreFragments || place.units.last() * UNIT <= end;
    }

    /// Whether just this fragment is there already, with the same bytes.
    private boolean isRepeated(Place place, Packet fragment) {
        int end = fragment.fragmentOffset + fragment.payloadLength;
        int first = fragment.fragmentOffset / UNIT;
        int last = (end + UNIT - 1) / UNIT;
        boolean sameRange = place.starts.contains(first) && !place.starts.containsAny(first + 1, last)
                && place.units.containsAll(first, last)
                && (end == place.total || place.starts.contains(last) || !place.units.contains(last));
        return sameRange && (fragment.moreFragments || end == place.total)
                && isEqual(place.payload + fragment.fragmentOffset, fragment.payload, fragment.payloadLength);
    }

    private static boolean isEqual(long one, long other, int length) {
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            if (NativeMemory.getLong(one + i) != NativeMemory.getLong(other + i)) {
                return false;
            }
        }
        for (; i < length; i++) {
            if (NativeMemory.getByte(one + i) != NativeMemory.getByte(other + i)) {
                return false;
            }
        }
        return true;
    }

    private static Outcome spoil(Place place) {
        place.spoilt = true;
        return Outcome.REFUSED;
    }

    private static void store(Place place, Packet fragment) {
        int length = fragment.payloadLength;
        NativeMemory.copy(fragment.payload, place.payload + fragment.fragmentOffset, length);
        place.received += length;
        if (!fragment.moreFragments) {
            place.total = fragment.fragmentOffset + length;
        }
        if (fragment.fragmentOffset == 0) {
            place.headerLength = fragment.headerLength;
            place.firstLength = length;
            place.protocol = fragment.protocol;
            NativeMemory.copy(fragment.header, place.payload - fragment.headerLength, fragment.headerLength);
            place.namedAt = fragment.fragmentHeaderNamedAt;
        }
    }

    private Outcome complete(Place place) {
        free(place);
        int others = place.v4 ? place.headerLength : place.headerLength - Ipv6.LENGTH - UNIT;
        if (others + place.total > MAX_LENGTH) {
            return Outcome.REFUSED;
        }
        if (place.v4) {
            completeHeader = place.payload - place.headerLength;
            completeLength = place.headerLength + place.total;
            Ipv4.totalLength(completeHeader, completeLength);
            Ipv4.fragment(completeHeader, 0, false);
            Ipv4.updateChecksum(completeHeader);
        } else {
            int headerLength = place.headerLength - UNIT;
            NativeMemory.copy(place.payload - place.headerLength, scratch, headerLength);
            completeHeader = place.payload - headerLength;
            completeLength = headerLength + place.total;
            NativeMemory.copy(scratch, completeHeader, headerLength);
            NetworkOrder.u8(completeHeader + place.namedAt, place.protocol);
            Ipv6.payloadLength(completeHeader, completeLength - Ipv6.LENGTH);
        }
        return Outcome.COMPLETE;
    }

    private void describeFirst(Place place, Packet into) {
        into.frame = 0;
        into.sourceMac = place.sourceMac;
        into.destinationMac = place.destinationMac;
        into.v4 = place.v4;
        into.sourceHigh = place.sourceHigh;
        into.sourceLow = place.sourceLow;
        into.destinationHigh = place.destinationHigh;
        into.destinationLow = place.destinationLow;
        into.protocol = place.protocol;
        into.header = place.payload - place.headerLength;
        into.headerLength = place.headerLength;
        into.payload = place.payload;
        into.payloadLength = place.firstLength;
        into.identification = place.identification;
        into.fragmentOffset = 0;
        into.moreFragments = true;
        into.toGroup = place.toGroup;
    }

    private void free(Place place) {
        place.used = false;
        held--;
    }

    private static long timeoutNs(Place place) {
        return place.v4 ? V4_TIMEOUT_NS : V6_TIMEOUT_NS;
    }
}
