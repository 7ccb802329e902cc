package org.vswitch.slirp.service;

import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.udp.UdpOutput;
import org.vswitch.slirp.udp.UdpService;

/// What the DNS proxy talks to.
///
/// @param host the host's sockets
/// @param output for answers
/// @param elsewhere gets datagrams that are not for the name server's addresses
/// @param counters for what is dropped
public record DnsPorts(HostNetwork host, UdpOutput output, UdpService elsewhere, StackCounters counters) {
}
