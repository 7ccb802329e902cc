package org.vswitch.slirp.policy;

/// How many of something each guest has, and how many it may have, so that a greedy guest leaves the others theirs.
///
/// Theory of operation. Guests are told apart by their station address, in a table of bounded size, whatever stations
/// somebody invents: a secret hash gives each station eight places, and it has one of them while it has anything. Only
/// when others have all eight, each with something, does it share the one with the least.
public final class GuestQuota {
    /// How many places there are.
    public static final int PLACES = 4_096;
    private static final int WAYS = 8;

    private final StationHash hash;
    private final long[] guests = new long[PLACES];
    private final int[] counts = new int[PLACES];

    /// Nobody has anything.
    ///
    /// @param secret random
    public GuestQuota(long secret) {
        hash = new StationHash(secret, PLACES / WAYS);
    }

    /// Where a guest's next one counts.
    ///
    /// @param guestMac its station
    /// @return 0 to [#PLACES] less 1: its own place, or a free one, or the one it shares
    public int place(long guestMac) {
        int first = hash.of(guestMac) * WAYS;
        int least = first;
        for (int place = first; place < first + WAYS; place++) {
            if (guests[place] == guestMac && counts[place] > 0) {
                return place;
            }
            least = counts[place] < counts[least] ? place : least;
        }
        return least;
    }

    /// How many there are in a place.
    ///
    /// @param place as [#place] returned it
    /// @return 0 or more
    public int count(int place) {
        return counts[place];
    }

    /// Takes one for a guest.
    ///
    /// @param guestMac its station
    /// @param limit how many it may have now
    /// @return the place to give it back to, or -1 if the guest has as many as it may
    public int take(long guestMac, int limit) {
        int place = place(guestMac);
        if (counts[place] >= limit) {
            return -1;
        }
        if (counts[place] == 0) {
            guests[place] = guestMac;
        }
        counts[place]++;
        return place;
    }

    /// Gives one back.
    ///
    /// @param place as [#take] returned it
    public void give(int place) {
        assert counts[place] > 0;
        counts[place]--;
    }

    /// How many the guest with the most has.
    ///
    /// @return 0 to the largest limit
    public int most() {
        return counts[fullest()];
    }

    /// The place with the most.
    ///
    /// @return a place
    public int fullest() {
        int fullest = 0;
        for (int place = 1; place < PLACES; place++) {
            fullest = counts[place] > counts[fullest] ? place : fullest;
        }
        return fullest;
    }
}
