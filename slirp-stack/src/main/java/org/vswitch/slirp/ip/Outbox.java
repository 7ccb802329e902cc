package org.vswitch.slirp.ip;

/// Where complete frames go that the stack makes: ARP, ICMP, UDP, DHCP, lone TCP segments. Bounded; the link offers
/// them to the switch in order, in front of TCP data, as soon as it is asked for frames.
public interface Outbox {
    /// Makes room for a frame. What was begun and not committed is forgotten.
    ///
    /// @param length bytes of the frame with its Ethernet header
    /// @return address of its first byte, or 0 if the outbox is full
    long begin(int length);

    /// Whether half of the room or more is used: who has a choice waits, so that a large packet still fits whole.
    ///
    /// @return false if there never is a lack of room
    default boolean isHalfFull() {
        return false;
    }

    /// Sends the frame that was begun, complete with all checksums.
    void commit();

    /// Sends the frame that was begun as a super-frame or with a checksum to be completed by the egress side.
    ///
    /// @param offloadWord as in [org.vswitch.wire.VirtioNetHeader]
    /// @param checksumOffset csum_offset
    void commit(long offloadWord, int checksumOffset);
}
