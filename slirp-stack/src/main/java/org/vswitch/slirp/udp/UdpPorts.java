package org.vswitch.slirp.udp;

import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.policy.HostPolicy;

/// What UDP flows are connected to; none of it is theirs to close.
///
/// @param host the host's sockets
/// @param policy where guests may go
/// @param subnets the guests' network and the router's own addresses
/// @param output where datagrams for guests go
/// @param errors tells guests of errors
/// @param counters where drops are counted
public record UdpPorts(HostNetwork host, HostPolicy policy, Subnets subnets, IpOutput output, IcmpErrors errors,
        StackCounters counters) {
}
