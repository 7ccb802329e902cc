package org.vswitch.slirp.tcp;

import org.vswitch.slirp.host.HostError;

/// Who tells a guest by ICMP that there is no way to where it wants to connect.
@FunctionalInterface
public interface SynErrors {
    /// Sends an error about a SYN. The packet is gone; what the error quotes of it (RFC 792: IP header and 64 bits,
    /// which are the ports and the sequence number) can be made from what is given here.
    ///
    /// @param path from whom to whom; valid during the call
    /// @param sequence number of the SYN
    /// @param hopLimit that the SYN had
    /// @param error valid during the call: what a hop reported about the host's own SYN; or, with a type of 0, an
    ///     errno: EHOSTUNREACH or ETIMEDOUT (host), ENETUNREACH or ENETDOWN (network), EACCES, EPERM or a shortage
    ///     such as EMFILE (prohibited; RFC 5508, REQ-8)
    void report(FlowPath path, int sequence, int hopLimit, HostError error);
}
