package org.vswitch.slirp.policy;

/// Where on the host's side something goes to. One object, filled anew for each decision.
public final class HostTarget {
    /// Upper half of the address.
    public long high;
    /// Lower half of the address.
    public long low;
    /// The port; 0 for pings.
    public int port;

    /// Sets all three.
    ///
    /// @param addressHigh upper half of the address
    /// @param addressLow lower half of the address
    /// @param toPort the port
    public void set(long addressHigh, long addressLow, int toPort) {
        high = addressHigh;
        low = addressLow;
        port = toPort;
    }
}
