package org.vswitch.wire;

import org.vswitch.linux.NativeMemory;

/// A message of neighbor discovery (RFC 4861, 4; RFC 8106, 5.1), which is an ICMPv6 message with options behind it:
///
/// ```
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |     Type      |     Code      |          Checksum             |
/// |                           Reserved                            |  router solicitation
/// | Cur Hop Limit |M|O|           |       Router Lifetime         |  router advertisement
/// |           Reachable Time (4), Retrans Timer (4)               |
/// |R|S|O|                     Reserved                            |  neighbor messages (R, S, O: advertisement only)
/// |                      Target Address (16)                      |
///
/// | option: Type  | Length / 8    | ...
/// ```
///
/// Static accessors over the address of the first byte. Offsets of options count from there. The receiver's own checks
/// (hop limit 255, checksum, source and destination; RFC 4861, 6.1 and 7.1) need the IP header and are not made here.
public final class Ndp {
    /// Type: who are the routers?
    public static final int ROUTER_SOLICITATION = 133;
    /// Type: here is a router.
    public static final int ROUTER_ADVERTISEMENT = 134;
    /// Type: who has the target address?
    public static final int NEIGHBOR_SOLICITATION = 135;
    /// Type: the sender has.
    public static final int NEIGHBOR_ADVERTISEMENT = 136;

    /// Flag of a neighbor advertisement: the sender is a router.
    public static final int ROUTER = 0x80;
    /// Flag of a neighbor advertisement: it answers a solicitation.
    public static final int SOLICITED = 0x40;
    /// Flag of a neighbor advertisement: it replaces a link-layer address that is known already.
    public static final int OVERRIDE = 0x20;
    /// Flag of a router advertisement: addresses come from DHCPv6.
    public static final int MANAGED = 0x80;
    /// Flag of a router advertisement: other configuration comes from DHCPv6.
    public static final int OTHER = 0x40;

    /// Option: the MAC address of the sender.
    public static final int SOURCE_LINK_LAYER_ADDRESS = 1;
    /// Option: the MAC address that belongs to the target.
    public static final int TARGET_LINK_LAYER_ADDRESS = 2;
    /// Option: a prefix for addresses.
    public static final int PREFIX_INFORMATION = 3;
    /// Option: how long packets may be.
    public static final int MTU = 5;
    /// Option: recursive DNS servers (RFC 8106, 5.1).
    public static final int RDNSS = 25;

    /// Bytes of a neighbor solicitation or advertisement without options.
    public static final int NEIGHBOR_LENGTH = 24;
    /// Bytes of a router solicitation without options.
    public static final int ROUTER_SOLICITATION_LENGTH = 8;
    /// Bytes of a router advertisement without options.
    public static final int ROUTER_ADVERTISEMENT_LENGTH = 16;
    /// Bytes of an option with a MAC address.
    public static final int LINK_LAYER_ADDRESS_LENGTH = 8;
    /// Bytes of an option with a prefix.
    public static final int PREFIX_INFORMATION_LENGTH = 32;
    /// Bytes of an option with an MTU.
    public static final int MTU_LENGTH = 8;
    /// Bytes of an option with one DNS server.
    public static final int RDNSS_LENGTH = 24;

    private static final int FLAGS = 4;
    private static final int TARGET = 8;
    private static final int HOP_LIMIT = 4;
    private static final int ROUTER_FLAGS = 5;
    private static final int ROUTER_LIFETIME = 6;
    private static final int OPTION_UNIT = 8;
    private static final int PREFIX_BITS = 64;
    private static final int ON_LINK_AND_AUTONOMOUS = 0xc0;
    private static final int MULTICAST = 0xff;

    private Ndp() {
    }

    /// Whether this is one of the four messages above, whole, with code 0, options that fill it exactly, none of length
    /// 0, and with a target, if any, that is no group.
    ///
    /// @param message address of the first byte of a valid ICMPv6 message
    /// @param length bytes of the message
    /// @return true if all getters of this type may be called
    public static boolean isValid(long message, int length) {
        int fixed = optionsOffset(Icmp.type(message));
        if (fixed < 0 || length < fixed || Icmp.code(message) != 0) {
            return false;
        }
        if (fixed == NEIGHBOR_LENGTH && NetworkOrder.u8(message + TARGET) == MULTICAST) {
            return false;
        }
        int offset = fixed;
        while (offset + OPTION_UNIT <= length && optionLength(message, offset) > 0) {
            offset += optionLength(message, offset);
        }
        return offset == length;
    }

    /// Where the options of a message begin.
    ///
    /// @param type of the message
    /// @return bytes in front of them, or -1 for a type that is none of the four
    public static int optionsOffset(int type) {
        return switch (type) {
            case ROUTER_SOLICITATION -> ROUTER_SOLICITATION_LENGTH;
            case ROUTER_ADVERTISEMENT -> ROUTER_ADVERTISEMENT_LENGTH;
            case NEIGHBOR_SOLICITATION, NEIGHBOR_ADVERTISEMENT -> NEIGHBOR_LENGTH;
            default -> -1;
        };
    }

    /// The kind of an option.
    ///
    /// @param message address of the first byte of a valid message
    /// @param offset of the option, less than the length of the message
    /// @return for example [#MTU]
    public static int optionType(long message, int offset) {
        return NetworkOrder.u8(message + offset);
    }

    /// Bytes of an option, which is how far it is to the next.
    ///
    /// @param message address of the first byte of a valid message
    /// @param offset of the option, less than the length of the message
    /// @return a multiple of 8, above 0
    public static int optionLength(long message, int offset) {
        return NetworkOrder.u8(message + offset + 1) * OPTION_UNIT;
    }

    /// The MAC address in the first option of a kind.
    ///
    /// @param message address of the first byte of a valid message
    /// @param length bytes of the message
    /// @param kind [#SOURCE_LINK_LAYER_ADDRESS] or [#TARGET_LINK_LAYER_ADDRESS]
    /// @return a MAC address, or -1 if there is none, or one of another length than Ethernet's
    public static long linkLayerAddress(long message, int length, int kind) {
        int offset = optionsOffset(Icmp.type(message));
        while (offset < length && optionType(message, offset) != kind) {
            offset += optionLength(message, offset);
        }
        return offset < length ? linkLayerAddressAt(message, offset) : -1;
    }

    /// The address in an option.
    ///
    /// @param message address of the first byte
    /// @param offset where an option with a link-layer address begins
    /// @return a MAC address, or -1 if the option has not the length of one
    public static long linkLayerAddressAt(long message, int offset) {
        return optionLength(message, offset) == LINK_LAYER_ADDRESS_LENGTH
                ? NetworkOrder.u48(message + offset + 2) : -1;
    }

    /// The first half of the target of a neighbor message.
    ///
    /// @param message address of the first byte
    /// @return its upper 64 bits
    public static long targetHigh(long message) {
        return NetworkOrder.u64(message + TARGET);
    }

    /// The second half of the target of a neighbor message.
    ///
    /// @param message address of the first byte
    /// @return its lower 64 bits
    public static long targetLow(long message) {
        return NetworkOrder.u64(message + TARGET + Long.BYTES);
    }

    /// The flags of a neighbor advertisement.
    ///
    /// @param message address of the first byte
    /// @return a set of [#ROUTER], [#SOLICITED] and [#OVERRIDE]
    public static int flags(long message) {
        return NetworkOrder.u8(message + FLAGS) & (ROUTER | SOLICITED | OVERRIDE);
    }

    /// Begins a neighbor solicitation; options and then the checksum are still to be written.
    ///
    /// @param message address of the first of [#NEIGHBOR_LENGTH] bytes to write
    /// @param targetHigh upper half of the address asked for
    /// @param targetLow lower half of it
    public static void emitSolicitation(long message, long targetHigh, long targetLow) {
        Icmpv6.emitError(message, NEIGHBOR_SOLICITATION, 0, 0);
        target(message, targetHigh, targetLow);
    }

    /// Begins a neighbor advertisement; options and then the checksum are still to be written.
    ///
    /// @param message address of the first of [#NEIGHBOR_LENGTH] bytes to write
    /// @param flags a set of [#ROUTER], [#SOLICITED] and [#OVERRIDE]
    /// @param targetHigh upper half of the sender's address
    /// @param targetLow lower half of it
    public static void emitAdvertisement(long message, int flags, long targetHigh, long targetLow) {
        Icmpv6.emitError(message, NEIGHBOR_ADVERTISEMENT, 0, 0);
        NetworkOrder.u8(message + FLAGS, flags);
        target(message, targetHigh, targetLow);
    }

    /// Begins a router advertisement that leaves both timers to the host; options and then the checksum are still to be
    /// written.
    ///
    /// @param message address of the first of [#ROUTER_ADVERTISEMENT_LENGTH] bytes to write
    /// @param hopLimit for the host's own packets
    /// @param flags a set of [#MANAGED] and [#OTHER]
    /// @param lifetimeSeconds how long the sender is a default router, at most 65,535; 0 if it is none
    public static void emitRouterAdvertisement(long message, int hopLimit, int flags, int lifetimeSeconds) {
        NativeMemory.zero(message, ROUTER_ADVERTISEMENT_LENGTH);
        NetworkOrder.u8(message, ROUTER_ADVERTISEMENT);
        NetworkOrder.u8(message + HOP_LIMIT, hopLimit);
        NetworkOrder.u8(message + ROUTER_FLAGS, flags);
        NetworkOrder.u16(message + ROUTER_LIFETIME, lifetimeSeconds);
    }

    /// Writes an option with a MAC address.
    ///
    /// @param option address of the first of [#LINK_LAYER_ADDRESS_LENGTH] bytes to write
    /// @param kind [#SOURCE_LINK_LAYER_ADDRESS] or [#TARGET_LINK_LAYER_ADDRESS]
    /// @param station a MAC address
    public static void emitLinkLayerAddress(long option, int kind, long station) {
        emitOption(option, kind, LINK_LAYER_ADDRESS_LENGTH);
        NetworkOrder.u48(option + 2, station);
    }

    /// Writes an option with a prefix that is on the link and for autonomous configuration, of 64 bits: addresses are
    /// formed in no other on Ethernet (RFC 2464, 4).
    ///
    /// @param option address of the first of [#PREFIX_INFORMATION_LENGTH] bytes to write
    /// @param prefix the 64 bits
    /// @param validSeconds how long addresses may be used; -1 for ever
    /// @param preferredSeconds how long they may be used for new connections, no longer than valid; -1 for ever
    public static void emitPrefix(long option, long prefix, int validSeconds, int preferredSeconds) {
        NativeMemory.zero(option, PREFIX_INFORMATION_LENGTH);
        emitOption(option, PREFIX_INFORMATION, PREFIX_INFORMATION_LENGTH);
        NetworkOrder.u8(option + 2, PREFIX_BITS);
        NetworkOrder.u8(option + 3, ON_LINK_AND_AUTONOMOUS);
        NetworkOrder.u32(option + 4, validSeconds);
        NetworkOrder.u32(option + 8, preferredSeconds);
        NetworkOrder.u64(option + 16, prefix);
    }

    /// Writes an option with the MTU of the link.
    ///
    /// @param option address of the first of [#MTU_LENGTH] bytes to write
    /// @param bytes the MTU
    public static void emitMtu(long option, int bytes) {
        emitOption(option, MTU, MTU_LENGTH);
        NetworkOrder.u16(option + 2, 0);
        NetworkOrder.u32(option + 4, bytes);
    }

    /// Writes an option with one DNS server.
    ///
    /// @param option address of the first of [#RDNSS_LENGTH] bytes to write
    /// @param lifetimeSeconds how long it may be used; -1 for ever, 0 no longer
    /// @param high upper half of the server's address
    /// @param low lower half of it
    public static void emitDnsServer(long option, int lifetimeSeconds, long high, long low) {
        emitOption(option, RDNSS, RDNSS_LENGTH);
        NetworkOrder.u16(option + 2, 0);
        NetworkOrder.u32(option + 4, lifetimeSeconds);
        NetworkOrder.u64(option + 8, high);
        NetworkOrder.u64(option + 16, low);
    }

    private static void emitOption(long option, int kind, int length) {
        NetworkOrder.u8(option, kind);
        NetworkOrder.u8(option + 1, length / OPTION_UNIT);
    }

    private static void target(long message, long high, long low) {
        NetworkOrder.u64(message + TARGET, high);
        NetworkOrder.u64(message + TARGET + Long.BYTES, low);
    }
}
