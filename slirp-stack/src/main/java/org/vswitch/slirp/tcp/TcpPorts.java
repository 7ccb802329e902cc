package org.vswitch.slirp.tcp;

import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.host.IoVector;
import org.vswitch.slirp.ip.Outbox;
import org.vswitch.slirp.ip.StackCounters;

/// What the TCP side talks to.
///
/// @param host the host's sockets
/// @param vector pieces for one call of the host's; shared with nobody during a call
/// @param outbox for segments without text
/// @param icmp for errors about connection attempts
/// @param choice decides where connections go to
/// @param counters for what is dropped
public record TcpPorts(HostNetwork host, IoVector vector, Outbox outbox, SynErrors icmp, HostChoice choice,
        StackCounters counters) {
}
