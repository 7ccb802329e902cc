package org.vswitch.slirp.tcp;

/// Initial sequence numbers (RFC 6528, 3): a clock of 4 microseconds plus a keyed hash of the connection, so that they
/// grow for one connection and cannot be guessed for another.
final class Isn {
    private static final long TICK_NS = 4_000;

    private final KeyedHash hash;

    /// Creates a generator.
    ///
    /// @param hash keyed with a secret of its own
    Isn(KeyedHash hash) {
        this.hash = hash;
    }

    /// Chooses the number of our SYN.
    ///
    /// @param path of the connection
    /// @param nowNs the time
    /// @return ISS
    int choose(FlowPath path, long nowNs) {
        return (int) (nowNs / TICK_NS + hash.of(path));
    }
}
