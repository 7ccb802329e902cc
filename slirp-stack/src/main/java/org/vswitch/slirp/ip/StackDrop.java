package org.vswitch.slirp.ip;

/// Why the router discarded something that a guest sent, or could not send something to it. Each is a counter.
public enum StackDrop {
    /// The frame is shorter than its headers say, or a header makes no sense, by itself or in its TCP connection.
    MALFORMED,
    /// A checksum is wrong.
    BAD_CHECKSUM,
    /// The source address cannot be a guest's.
    BAD_SOURCE,
    /// The destination is not one that the router serves or forwards to.
    BAD_DESTINATION,
    /// A message of ICMP that the router takes no part in, such as a report of group members or another router's
    /// advertisement. Nothing is wrong with it.
    NOT_FOR_ROUTER,
    /// An EtherType or IP protocol that the router does not speak.
    UNKNOWN_PROTOCOL,
    /// The TTL or hop limit ended at the router.
    HOP_LIMIT,
    /// Source routing (RFC 7126, RFC 5095).
    SOURCE_ROUTE,
    /// Fragments that overlap, are too long together, or were given up.
    BAD_FRAGMENT,
    /// What came for a DNS query was not its answer: from another server, with another ID or question (RFC 5452, 9).
    NO_ANSWER,
    /// A limit was reached.
    LIMIT,
    /// The host's kernel allows no ping sockets to the user.
    NO_PING_SOCKET,
    /// DHCP has no address left for a client.
    NO_ADDRESS,
    /// The policy forbids it.
    POLICY,
    /// The outbox or the host's socket was full.
    OUTPUT_FULL,
    /// An error message was not sent, to stay within the rate (RFC 1812, 4.3.2.8; RFC 4443, 2.4).
    RATE_LIMIT;

    private final String key = name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');

    /// The name in consoles and metrics.
    ///
    /// @return lower case with hyphens
    public String key() {
        return key;
    }
}
