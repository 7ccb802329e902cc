package org.vswitch.control;

import org.agrona.collections.Int2IntCounterMap;

/// How many connections each user has, and all together, so that nobody keeps others out. Used by the control thread.
final class ConnectionCounts {
    private final Int2IntCounterMap perUser = new Int2IntCounterMap(0);
    private final int maxPerUser;
    private final int maxTotal;
    private int total;

    /// @param maxPerUser the most connections of one user
    /// @param maxTotal the most connections of all
    ConnectionCounts(int maxPerUser, int maxTotal) {
        this.maxPerUser = maxPerUser;
        this.maxTotal = maxTotal;
    }

    /// Counts one more connection, unless there are too many.
    ///
    /// @param uid whose
    /// @return false, without effect, if it must be refused
    boolean add(int uid) {
        if (total >= maxTotal || perUser.get(uid) >= maxPerUser) {
            return false;
        }
        perUser.incrementAndGet(uid);
        total++;
        return true;
    }

    /// Counts one connection less.
    ///
    /// @param uid whose
    void remove(int uid) {
        perUser.decrementAndGet(uid);
        total--;
    }

    /// How many connections there are.
    ///
    /// @return of all users
    int total() {
        return total;
    }
}
