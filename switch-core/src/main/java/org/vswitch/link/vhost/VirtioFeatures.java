package org.vswitch.link.vhost;

/// Feature bits of a network device (virtio 1.2, 5.1.3 and 6). Their names are from the guest's side: `HOST_` is what
/// the guest may send, `GUEST_` what it can receive.
final class VirtioFeatures {
    static final long CSUM = 1L;
    static final long GUEST_CSUM = 1L << 1;
    static final long MTU = 1L << 3;
    static final long GUEST_TSO4 = 1L << 7;
    static final long GUEST_TSO6 = 1L << 8;
    static final long GUEST_ECN = 1L << 9;
    static final long HOST_TSO4 = 1L << 11;
    static final long HOST_TSO6 = 1L << 12;
    static final long HOST_ECN = 1L << 13;
    static final long MRG_RXBUF = 1L << 15;
    static final long GUEST_ANNOUNCE = 1L << 21;
    static final long MQ = 1L << 22;
    static final long INDIRECT_DESC = 1L << 28;
    static final long EVENT_IDX = 1L << 29;
    /// Not of virtio but of vhost-user: the front-end knows protocol features, and rings start disabled.
    static final long PROTOCOL_FEATURES = 1L << 30;
    static final long VERSION_1 = 1L << 32;

    private VirtioFeatures() {
    }
}
