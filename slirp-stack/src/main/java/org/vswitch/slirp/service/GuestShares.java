package org.vswitch.slirp.service;

import java.util.Arrays;
import org.vswitch.slirp.policy.StationHash;

/// What each guest takes of a service: how many of its requests are under way, and how many it makes a second.
///
/// A table of bounded size by station. A guest that is not in it takes the place, among the eight that a secret hash
/// assigns to it, that has had nothing under way for longest; if there is none, so many stations ask at once that one
/// guest must be inventing them, and the new one is refused. The rate is a token bucket, kept as the time at which it
/// would be full again.
final class GuestShares {
    /// No place.
    static final int NONE = -1;

    private static final int WAYS = 8;
    private static final int SETS = 256;
    private static final int PLACES = WAYS * SETS;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long NOBODY = -1;

    private final long[] guests = new long[PLACES];
    private final long[] fullNs = new long[PLACES];
    private final int[] underWay = new int[PLACES];
    private final StationHash hash;
    private final long intervalNs;
    private final long burstNs;

    /// An empty table.
    ///
    /// @param secret random
    /// @param perSecond requests a second of one guest, and as many of them at once
    GuestShares(long secret, int perSecond) {
        hash = new StationHash(secret, SETS);
        intervalNs = SECOND_NS / perSecond;
        burstNs = SECOND_NS;
        Arrays.fill(guests, NOBODY);
    }

    /// Finds the place of a guest, or gives it one.
    ///
    /// @param guest its station
    /// @return a place or [#NONE]
    int place(long guest, long nowNs) {
        int first = hash.of(guest) * WAYS;
        int oldest = NONE;
        for (int i = first; i < first + WAYS; i++) {
            if (guests[i] == guest) {
                return i;
            }
            if (guests[i] == NOBODY) {
                oldest = oldest == NONE || guests[oldest] != NOBODY ? i : oldest;
            } else if (underWay[i] == 0 && (oldest == NONE || guests[oldest] != NOBODY
                    && fullNs[i] - fullNs[oldest] < 0)) {
                oldest = i;
            }
        }
        if (oldest != NONE) {
            guests[oldest] = guest;
            fullNs[oldest] = nowNs;
        }
        return oldest;
    }

    /// Takes a token.
    ///
    /// @return false if the guest has none at the moment
    boolean permits(int place, long nowNs) {
        long nextNs = (fullNs[place] - nowNs < 0 ? nowNs : fullNs[place]) + intervalNs;
        if (nextNs - nowNs > burstNs) {
            return false;
        }
        fullNs[place] = nextNs;
        return true;
    }

    /// How many of a guest's requests are under way.
    int underWay(int place) {
        return underWay[place];
    }

    /// A request begins.
    void begin(int place) {
        underWay[place]++;
    }

    /// A request has ended.
    void end(int place) {
        assert underWay[place] > 0 : "place=" + place;
        underWay[place]--;
    }

    /// The guest that has most under way.
    ///
    /// @return its place
    int greediest() {
        int most = 0;
        for (int i = 1; i < PLACES; i++) {
            most = underWay[i] > underWay[most] ? i : most;
        }
        return most;
    }
}
