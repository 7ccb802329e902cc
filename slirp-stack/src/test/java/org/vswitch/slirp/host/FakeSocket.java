package org.vswitch.slirp.host;

/// A socket of [FakeHostNetwork].
interface FakeSocket {
    /// In a readiness: failed, or ended in both directions.
    int FAILED = 4;

    /// What poll would say.
    ///
    /// @return a set of [HostNetwork#READABLE], [HostNetwork#WRITABLE] and [#FAILED]
    int readiness();

    /// The number was closed.
    void close();
}
