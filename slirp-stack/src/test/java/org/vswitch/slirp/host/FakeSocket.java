package org.vswitch.slirp.host;

/// A socket of [FakeHostNetwork].
interface FakeSocket {
    /// In a readiness: failed, or ended in both directions.
    int FAILED = 4;

    /// What poll would say.
    ///
    /// @return a set of [HostNetwork#READABLE], [HostNetwork#WRITABLE] and [#FAILED]
    int readiness();

    /// Takes what was reported.
    ///
    /// @param error filled
    /// @return 0, or -EAGAIN if there is nothing
    int receiveError(HostError error);

    /// The number was closed.
    void close();
}
