package org.vswitch.benchmark.harness;

/// Which way payload goes.
enum Direction {
    /// From a guest to the host.
    UP,
    /// From the host to a guest.
    DOWN;

    /// As it stands in tables.
    String label() {
        return this == UP ? "up" : "down";
    }
}
