package org.vswitch.slirp.udp;

/// What a flow has carried so far, which says how long it is kept without a datagram (RFC 4787, REQ-5), and who goes
/// first when there are too many: in the order of this list.
///
/// | phase | led to by |
/// |---|---|
/// | NAME_ANSWERED | an answer from port 53, while the guest has sent to port 53 only |
/// | ONE_WAY | the first datagram of the guest; a further query to port 53 after an answer |
/// | STREAM | any other answer; a datagram to another port after an answer |
enum UdpPhase {
    /// A query for a name that has been answered. Most clients take a new port for the next one.
    NAME_ANSWERED(20_000_000_000L),
    /// Nobody has answered yet.
    ONE_WAY(120_000_000_000L),
    /// Datagrams went both ways.
    STREAM(300_000_000_000L);

    /// How many there are.
    static final int COUNT = 3;

    /// After so long without a datagram the flow ends.
    final long timeoutNs;

    UdpPhase(long timeoutNs) {
        this.timeoutNs = timeoutNs;
    }
}
