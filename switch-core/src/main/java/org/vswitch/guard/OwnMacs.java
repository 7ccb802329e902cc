package org.vswitch.guard;

import java.util.Arrays;
import java.util.List;

/// The stations that may send through a port: those that are named, and the first so many others that do.
final class OwnMacs {
    private final long[] stations;
    private final int fixed;
    private int count;

    /// Nobody has sent yet.
    ///
    /// @param fixed stations that may send always
    /// @param learned how many others may
    OwnMacs(List<Long> fixed, int learned) {
        this.fixed = fixed.size();
        this.count = fixed.size();
        this.stations = new long[fixed.size() + learned];
        for (int i = 0; i < fixed.size(); i++) {
            stations[i] = fixed.get(i);
        }
    }

    /// Whether a station is one of the port's.
    ///
    /// @param mac its address
    /// @return true if it was named or learned
    boolean contains(long mac) {
        for (int i = 0; i < count; i++) {
            if (stations[i] == mac) {
                return true;
            }
        }
        return false;
    }

    /// Whether another station can be learned.
    ///
    /// @return false if there are as many as there may be
    boolean hasRoom() {
        return count < stations.length;
    }

    /// Learns a station.
    ///
    /// @param mac its address, not contained; there is room
    void add(long mac) {
        stations[count++] = mac;
    }

    /// Forgets a station that was learned. One that was named stays.
    ///
    /// @param mac its address
    void remove(long mac) {
        for (int i = fixed; i < count; i++) {
            if (stations[i] == mac) {
                stations[i] = stations[--count];
                return;
            }
        }
    }

    /// Forgets all that was learned.
    void clear() {
        count = fixed;
    }

    /// The stations that were learned, for consoles.
    ///
    /// @return a copy
    List<Long> learned() {
        return Arrays.stream(stations, fixed, count).boxed().toList();
    }
}
