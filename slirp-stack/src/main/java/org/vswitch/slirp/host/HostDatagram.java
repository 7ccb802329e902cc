package org.vswitch.slirp.host;

/// One datagram on its way through a host socket, and where its bytes lie. One object, filled anew for each datagram.
public final class HostDatagram {
    /// Address of the first byte.
    public long address;
    /// Room before a receive, length of the datagram after it and for a send.
    public int length;
    /// Upper half of the peer's address.
    public long peerHigh;
    /// Lower half of the peer's address.
    public long peerLow;
    /// The peer's port.
    public int peerPort;
    /// TTL or hop limit; 0: the kernel's default to send with, not known of what was received.
    public int hopLimit;
    /// TOS or traffic class.
    public int trafficClass;
    /// To send: whether it must arrive uncut, or else be reported too long. Not known of what was received.
    public boolean dontFragment;
}
