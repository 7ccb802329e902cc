package org.vswitch.broker;

import java.util.List;
import java.util.Optional;
import org.vswitch.grant.IpPrefix;

/// What frames may come out of a tap into the host.
///
/// @param macs their sources; empty lets any through
/// @param sources where the addresses of IP, ARP and neighbor discovery must lie; empty lets any through
record SourcePin(Optional<List<Long>> macs, Optional<List<IpPrefix>> sources) {
    /// Lets everything through.
    static final SourcePin NONE = new SourcePin(Optional.empty(), Optional.empty());
}
