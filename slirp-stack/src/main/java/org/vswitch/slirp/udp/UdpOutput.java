package org.vswitch.slirp.udp;

import org.vswitch.slirp.ip.Envelope;
import org.vswitch.slirp.ip.IpOutput;
import org.vswitch.wire.Udp;

/// Sends datagrams to guests: puts the UDP header between IP header and data. Every [#begin] that succeeds is followed
/// by a [#commit].
public final class UdpOutput {
    /// The most bytes of data over IPv4; over IPv6 it could be 20 more.
    public static final int MAX_DATA = IpOutput.MAX_V4_PAYLOAD - Udp.LENGTH;

    private final IpOutput output;

    /// An output.
    ///
    /// @param output where packets go, which also computes checksums
    public UdpOutput(IpOutput output) {
        this.output = output;
    }

    /// Begins a datagram.
    ///
    /// @param envelope the addresses, with protocol 17
    /// @param sourcePort of the router's side
    /// @param destinationPort of the guest
    /// @param length bytes of data, at most [#MAX_DATA]
    /// @return where to write the data, or 0 if there is no room, which has been counted
    public long begin(Envelope envelope, int sourcePort, int destinationPort, int length) {
        long datagram = output.begin(envelope, Udp.LENGTH + length);
        if (datagram == 0) {
            return 0;
        }
        Udp.length(datagram, Udp.LENGTH + length);
        Udp.sourcePort(datagram, sourcePort);
        Udp.destinationPort(datagram, destinationPort);
        return datagram + Udp.LENGTH;
    }

    /// Whether who has a choice waits before it begins another datagram.
    ///
    /// @return as [org.vswitch.slirp.ip.Outbox#isHalfFull]
    public boolean isHalfFull() {
        return output.isHalfFull();
    }

    /// Sends the datagram begun.
    ///
    /// @return false if there was no room for all of its fragments, which has been counted
    public boolean commit() {
        return output.commit();
    }
}
