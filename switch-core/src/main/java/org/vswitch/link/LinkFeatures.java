package org.vswitch.link;

/// What a link can carry; whatever is beyond it is made into something else, or counted, before the link is asked.
///
/// @param maxFrame the longest frame in bytes that is not to be segmented by the receiver
/// @param checksum whether the receiver completes checksums
/// @param tso4 whether the receiver takes TCP over IPv4 as super-frames
/// @param tso6 whether the receiver takes TCP over IPv6 as super-frames
/// @param uso whether the receiver takes trains of UDP datagrams as super-frames
/// @param backlogBytes how many bytes may wait for this link in its endpoint's backlog
public record LinkFeatures(int maxFrame, boolean checksum, boolean tso4, boolean tso6, boolean uso,
        int backlogBytes) {
    /// The most bytes that wait for one endpoint: in its backlog, and in the kernel as SO_SNDBUF is asked for (the
    /// kernel doubles that to have room for its own bookkeeping, socket(7)).
    public static final int MAX_BUFFERED = 1 << 20;

    /// A link without offloads.
    ///
    /// @param maxFrame the longest frame in bytes
    /// @param backlogBytes how many bytes may wait
    /// @return features of a link to which frames go complete
    public static LinkFeatures plain(int maxFrame, int backlogBytes) {
        return new LinkFeatures(maxFrame, false, false, false, false, backlogBytes);
    }

    /// Whether super-frames of a type pass as they are.
    ///
    /// @param gsoType without the ECN flag
    /// @return true if the link takes them
    public boolean takes(int gsoType) {
        return switch (gsoType) {
            case org.vswitch.wire.VirtioNetHeader.GSO_TCPV4 -> tso4;
            case org.vswitch.wire.VirtioNetHeader.GSO_TCPV6 -> tso6;
            case org.vswitch.wire.VirtioNetHeader.GSO_UDP_L4 -> uso;
            default -> false;
        };
    }
}
