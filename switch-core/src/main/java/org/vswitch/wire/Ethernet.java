package org.vswitch.wire;

/// The Ethernet header (IEEE 802.3 clause 3.2), and an 802.1Q tag behind its addresses (IEEE 802.1Q clause 9.6):
///
/// ```
/// | destination (6) | source (6) | [0x8100 (2) | priority 3, DEI 1, VID 12 (2)] | type or length (2) | ...
/// ```
///
/// Static accessors over the address of the first byte. The frame check sequence is not part of our frames.
public final class Ethernet {
    /// Bytes of the untagged header: the shortest frame that is forwarded.
    public static final int HEADER_LENGTH = 14;
    /// Bytes of a tag.
    public static final int TAG_LENGTH = 4;
    /// Offset of the tag, or of the type of an untagged frame.
    public static final int TAG_OFFSET = 12;
    /// The type that announces an 802.1Q tag (C-TAG).
    public static final int TYPE_VLAN = 0x8100;
    /// The type that announces an 802.1ad service tag (S-TAG); we carry it as any other type.
    public static final int TYPE_SERVICE_VLAN = 0x88a8;
    /// The type of IPv4.
    public static final int TYPE_IPV4 = 0x0800;
    /// The type of IPv6.
    public static final int TYPE_IPV6 = 0x86dd;
    /// The type of ARP.
    public static final int TYPE_ARP = 0x0806;
    /// The type of the reverse address resolution protocol.
    public static final int TYPE_RARP = 0x8035;

    private static final int SOURCE = 6;

    private Ethernet() {
    }

    /// The receiver's address.
    ///
    /// @param frame address of the first byte
    /// @return a MAC address
    public static long destination(long frame) {
        return NetworkOrder.u48(frame);
    }

    /// Sets the receiver's address.
    ///
    /// @param frame address of the first byte
    /// @param value a MAC address
    public static void destination(long frame, long value) {
        NetworkOrder.u48(frame, value);
    }

    /// The sender's address.
    ///
    /// @param frame address of the first byte
    /// @return a MAC address
    public static long source(long frame) {
        return NetworkOrder.u48(frame + SOURCE);
    }

    /// Sets the sender's address.
    ///
    /// @param frame address of the first byte
    /// @param value a MAC address
    public static void source(long frame, long value) {
        NetworkOrder.u48(frame + SOURCE, value);
    }

    /// What stands behind the addresses: [#TYPE_VLAN] if the frame is tagged.
    ///
    /// @param frame address of the first byte
    /// @return type, or length if below 0x600
    public static int type(long frame) {
        return NetworkOrder.u16(frame + TAG_OFFSET);
    }

    /// Sets what stands behind the addresses.
    ///
    /// @param frame address of the first byte
    /// @param value type of the payload of an untagged frame
    public static void type(long frame, int value) {
        NetworkOrder.u16(frame + TAG_OFFSET, value);
    }

    /// Everything in front of the payload: the header with all tags, of customers and providers, however many.
    ///
    /// @param frame address of the first byte of at least 14
    /// @param available bytes that may be read
    /// @return 14 or more, at most `available`; the payload's type stands in the two bytes before
    public static int headerLength(long frame, int available) {
        int length = HEADER_LENGTH;
        while (length + TAG_LENGTH <= available && isTag(NetworkOrder.u16(frame + length - 2))) {
            length += TAG_LENGTH;
        }
        return length;
    }

    /// The tag control information of a tagged frame.
    ///
    /// @param frame address of the first byte of at least 18
    /// @return priority, DEI and VID
    public static int tci(long frame) {
        return NetworkOrder.u16(frame + TAG_OFFSET + 2);
    }

    /// The VLAN identifier within a tag.
    ///
    /// @param tci tag control information
    /// @return 0 to 4,095
    public static int vid(int tci) {
        return tci & 0xfff;
    }

    private static boolean isTag(int type) {
        return type == TYPE_VLAN || type == TYPE_SERVICE_VLAN;
    }
}
