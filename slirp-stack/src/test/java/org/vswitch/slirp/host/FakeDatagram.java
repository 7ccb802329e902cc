package org.vswitch.slirp.host;

/// A datagram on the fake network.
///
/// @param bytes the payload; of a ping, the ICMP message
/// @param port of the router's socket: the source of what was sent, the destination of what is received; of a ping, the
///     identifier
/// @param hopLimit TTL or hop limit; 0 in what was sent by default
/// @param trafficClass TOS or traffic class
public record FakeDatagram(byte[] bytes, int port, int hopLimit, int trafficClass) {
}
