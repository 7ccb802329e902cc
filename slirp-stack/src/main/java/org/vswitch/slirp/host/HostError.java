package org.vswitch.slirp.host;

/// What the network reported about a datagram or segment sent before (`struct sock_extended_err`). One object, filled
/// anew each time.
public final class HostError {
    /// The errno it amounts to.
    public int errno;
    /// ICMP or ICMPv6 type; without meaning if the host itself reported.
    public int type;
    /// ICMP or ICMPv6 code.
    public int code;
    /// The next hop's MTU for "too big" errors.
    public int information;
    /// Upper half of the address that reported it, all 0 if the host itself did.
    public long reporterHigh;
    /// Lower half of the address that reported it.
    public long reporterLow;
    /// Upper half of the address that it was sent to.
    public long destinationHigh;
    /// Lower half of the address that it was sent to.
    public long destinationLow;
    /// The port that it was sent to.
    public int destinationPort;
    /// Address of room for the start of the datagram's payload (of a ping's ICMP header, of the segment), as quoted by
    /// the error.
    public long quoteAddress;
    /// Room for the quote before, perhaps none; its length after the call.
    public int quoteLength;
}
