package org.vswitch.slirp.udp;

import org.vswitch.slirp.ip.IcmpError;
import org.vswitch.slirp.ip.IcmpErrors;
import org.vswitch.slirp.ip.Packet;
import org.vswitch.slirp.ip.StackCounters;
import org.vswitch.slirp.ip.StackDrop;

/// Datagrams beyond the router: refused, until there are flows.
public final class UdpFlows implements UdpForward {
    private final StackCounters counters;
    private final IcmpErrors errors;

    /// No flows.
    ///
    /// @param counters where drops are counted
    /// @param errors tells guests
    public UdpFlows(StackCounters counters, IcmpErrors errors) {
        this.counters = counters;
        this.errors = errors;
    }

    @Override
    public void receive(Packet packet, long nowNs) {
        counters.count(StackDrop.UNKNOWN_PROTOCOL);
        errors.send(packet, IcmpError.PORT_UNREACHABLE, 0, nowNs);
    }

    @Override
    public boolean receiveForRouter(Packet packet, long nowNs) {
        return false;
    }
}
