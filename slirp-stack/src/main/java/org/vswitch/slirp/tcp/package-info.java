/// TCP as a terminating splice: the guest's connection ends here, and its bytes go on through a socket of the host.
///
/// Theory of operation. The host's kernel does TCP towards the world; what is here does TCP towards a guest that is
/// near and hardly ever loses anything, and holds as little as that needs. A byte that a guest sends is acknowledged
/// when the host's socket has taken it; a byte that the host has for a guest lies once in memory ([ChunkRing]), from
/// where it is sent, and sent again, until it is acknowledged. Back-pressure is end to end both ways: nothing is read
/// that the guest's window has no use for, and no window is promised that the host's socket does not take.
///
/// Everything is driven from outside ([TcpSplice]): segments, readiness of sockets, deadlines, and the question what
/// there is to send. RFC 9293 and its names; RFC 2018 and 6675 (selective acknowledgement), 5681 and 6582
/// (congestion), 5961 (blind attacks), 6298 (timer), 6528 (initial sequence numbers), 7323 (window scale only).
package org.vswitch.slirp.tcp;
