package org.vswitch.link.vhost;

import java.util.StringJoiner;

/// What a port offers its front-end, and what it asks of it: the same at any time, and after each restart.
///
/// Theory of operation. A guest that runs has agreed to features, and QEMU refuses a back-end that comes back without
/// one of them. So the offer follows from what was asked for in the URL and from nothing else.
///
/// Left out on purpose: STATUS, which has QEMU 7.2 lose the base of rings, CONFIG, which QEMU complains about for a
/// network device, packed rings, UFO, and logging, without which QEMU does not migrate a guest.
///
/// @param features bits of virtio, and whether the protocol has features
/// @param protocol bits of the protocol
/// @param pairs how many queue pairs there are
/// @param mtu the longest that a guest may ask for
/// @param sealed whether only memory is taken that nobody can cut short
record VhostOffer(long features, long protocol, int pairs, int mtu, boolean sealed) {
    /// Of the protocol: several queue pairs.
    static final long MQ = 1;
    /// Of the protocol: a guest that moved here is announced.
    static final long RARP = 1 << 2;
    /// Of the protocol: every message can be acknowledged.
    static final long REPLY_ACK = 1 << 3;
    /// Of the protocol: the guest's MTU is told.
    static final long NET_MTU = 1 << 4;
    /// Of the protocol: memory comes and goes by regions.
    static final long CONFIGURE_MEM_SLOTS = 1 << 15;
    /// All that is offered of the protocol.
    static final long PROTOCOL = MQ | RARP | REPLY_ACK | NET_MTU | CONFIGURE_MEM_SLOTS;

    /// What the data path needs or likes, whatever is left undone in frames.
    static final long PLAIN = VirtioFeatures.MTU | VirtioFeatures.MRG_RXBUF | VirtioFeatures.GUEST_ANNOUNCE
            | VirtioFeatures.MQ | VirtioFeatures.INDIRECT_DESC | VirtioFeatures.EVENT_IDX
            | VirtioFeatures.PROTOCOL_FEATURES | VirtioFeatures.VERSION_1;
    /// Checksums are left undone.
    static final long CHECKSUM = VirtioFeatures.CSUM | VirtioFeatures.GUEST_CSUM;
    /// TCP is not segmented.
    static final long TSO = VirtioFeatures.HOST_TSO4 | VirtioFeatures.HOST_TSO6 | VirtioFeatures.HOST_ECN
            | VirtioFeatures.GUEST_TSO4 | VirtioFeatures.GUEST_TSO6 | VirtioFeatures.GUEST_ECN;

    /// By bit; null for what has no meaning for a network device.
    private static final String[] NAMES = {"CSUM", "GUEST_CSUM", "CTRL_GUEST_OFFLOADS", "MTU", null, "MAC", "GSO",
        "GUEST_TSO4", "GUEST_TSO6", "GUEST_ECN", "GUEST_UFO", "HOST_TSO4", "HOST_TSO6", "HOST_ECN", "HOST_UFO",
        "MRG_RXBUF", "STATUS", "CTRL_VQ", "CTRL_RX", "CTRL_VLAN", null, "GUEST_ANNOUNCE", "MQ", "CTRL_MAC_ADDR",
        "NOTIFY_ON_EMPTY", null, "LOG_ALL", "ANY_LAYOUT", "INDIRECT_DESC", "EVENT_IDX", "PROTOCOL_FEATURES", null,
        "VERSION_1", "IOMMU_PLATFORM", "RING_PACKED", "IN_ORDER", "ORDER_PLATFORM", "SR_IOV", "NOTIFICATION_DATA",
        "NOTIF_CONFIG_DATA", "RING_RESET"};

    /// How many rings there are.
    int rings() {
        return 2 * pairs;
    }

    /// Features by their names in the specification of virtio.
    ///
    /// @param bits any
    /// @return for example `MRG_RXBUF, bit 63`
    static String names(long bits) {
        StringJoiner names = new StringJoiner(", ");
        for (int bit = 0; bit < Long.SIZE; bit++) {
            if ((bits >>> bit & 1) != 0) {
                names.add(bit < NAMES.length && NAMES[bit] != null ? NAMES[bit] : "bit " + bit);
            }
        }
        return names.toString();
    }
}
