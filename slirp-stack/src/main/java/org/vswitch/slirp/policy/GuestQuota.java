package org.vswitch.slirp.policy;

import java.util.concurrent.ThreadLocalRandom;

/// How many of something each guest has, and how many it may have, so that a greedy guest leaves the others theirs.
///
/// Guests are told apart by a secret hash of their station address. Two that meet in one place share a quota, so that
/// the memory is bounded whatever stations somebody invents.
public final class GuestQuota {
    private static final int PLACES = 4_096;
    private static final int SHIFT = Long.SIZE - 12;

    private final long multiplier = ThreadLocalRandom.current().nextLong() | 1;
    private final int[] counts = new int[PLACES];

    /// Takes one for a guest.
    ///
    /// @param guestMac its station
    /// @param limit how many it may have now
    /// @return the place to give it back to, or -1 if the guest has as many as it may
    public int take(long guestMac, int limit) {
        int place = (int) (guestMac * multiplier >>> SHIFT);
        if (counts[place] >= limit) {
            return -1;
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
        int most = 0;
        for (int count : counts) {
            most = Math.max(most, count);
        }
        return most;
    }
}
