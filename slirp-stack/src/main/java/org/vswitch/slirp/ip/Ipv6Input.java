package org.vswitch.slirp.ip;

import org.vswitch.wire.Ipv6;
import org.vswitch.wire.NetworkOrder;

/// From bytes to a filled [Packet], for IPv6: the header (RFC 8200, 3), and the chain of extension headers behind it
/// (4) up to the upper protocol, or up to the fragment header of a real fragment.
///
/// The chain is bounded, as RFC 8504, 5.3 allows: eight headers, eight options in each, seven octets of padding in a
/// row. Where RFC 8200 wants a parameter problem, [#problem] says which, and the reader sends it. One object, used
/// for one packet after another; nothing is kept.
final class Ipv6Input {
    static final int HOP_BY_HOP = 0;
    static final int ROUTING = 43;
    static final int FRAGMENT = 44;
    static final int NO_NEXT_HEADER = 59;
    static final int DESTINATION_OPTIONS = 60;
    /// Bytes of a fragment header.
    static final int FRAGMENT_LENGTH = 8;

    private static final int NEXT_HEADER_OFFSET = 6;
    private static final int PAYLOAD_LENGTH_OFFSET = 4;
    private static final int UNIT = 8;
    private static final int MAX_HEADERS = 8;
    private static final int MAX_OPTIONS = 8;
    private static final int MAX_PADDING = 7;
    private static final int PAD1 = 0;
    private static final int PADN = 1;
    private static final int ROUTING_TYPE = 2;
    private static final int SEGMENTS_LEFT = 3;
    private static final int FRAGMENT_FIELD = 2;
    private static final int FRAGMENT_IDENTIFICATION = 4;
    private static final int MORE_FRAGMENTS = 1;
    private static final int FRAGMENT_OFFSET = 0xfff8;
    private static final int MIN_UPPER_HEADER = 8;

    private final Packet packet;
    private IcmpError problem;
    private int pointer;
    /// Where the walk is, as offsets from the IPv6 header: the extension header, the octet that names it, and the end.
    private int offset;
    private int namedAt;
    private int end;
    private boolean mayBeFragment;

    Ipv6Input(Packet packet) {
        this.packet = packet;
    }

    /// What to answer the sender after [#chain] refused a packet.
    ///
    /// @return null if nothing
    IcmpError problem() {
        return problem;
    }

    /// The octet of the packet that the problem is with.
    ///
    /// @return offset from the IPv6 header on
    int pointer() {
        return pointer;
    }

    /// Checks the fixed header and fills in what it says.
    ///
    /// @param available bytes from `packet.header` on
    /// @param superFrame whether the frame says how long the packet is
    /// @return null, or why it must be dropped
    StackDrop header(int available, boolean superFrame) {
        long header = packet.header;
        problem = null;
        if (!Ipv6.isValid(header, available)) {
            return StackDrop.MALFORMED;
        }
        int length = superFrame ? available - Ipv6.LENGTH : Ipv6.payloadLength(header);
        if (length > available - Ipv6.LENGTH || length == 0 && Ipv6.nextHeader(header) != NO_NEXT_HEADER) {
            return StackDrop.MALFORMED; // 0 with options may be a jumbogram (RFC 2675); no link of ours has those
        }
        end = Ipv6.LENGTH + length;
        packet.v4 = false;
        packet.hopLimit = Ipv6.hopLimit(header);
        packet.trafficClass = Ipv6.trafficClass(header);
        packet.dontFragment = packet.frame != 0;
        packet.sourceHigh = Ipv6.sourceHigh(header);
        packet.sourceLow = Ipv6.sourceLow(header);
        packet.destinationHigh = Ipv6.destinationHigh(header);
        packet.destinationLow = Ipv6.destinationLow(header);
        packet.identification = 0;
        packet.fragmentOffset = 0;
        packet.moreFragments = false;
        settle(Ipv6.nextHeader(header), NEXT_HEADER_OFFSET, Ipv6.LENGTH);
        return null;
    }

    /// Walks over the extension headers of a packet whose fixed header was accepted.
    ///
    /// @param fragmentAllowed false for what was put together from fragments
    /// @return null, or why it must be dropped; see [#problem] then
    StackDrop chain(boolean fragmentAllowed) {
        mayBeFragment = fragmentAllowed;
        int next = packet.protocol;
        offset = Ipv6.LENGTH;
        namedAt = NEXT_HEADER_OFFSET;
        for (int walked = 0; isExtension(next); walked++) {
            StackDrop wrong = walked == MAX_HEADERS || extensionLength(next) > end - offset
                    ? StackDrop.MALFORMED : extension(next);
            if (wrong != null) {
                return wrong;
            }
            int length = extensionLength(next);
            next = NetworkOrder.u8(packet.header + offset);
            namedAt = offset;
            offset += length;
            if (packet.isFragment()) {
                settle(next, namedAt, offset);
                return packet.fragmentOffset == 0 && !isChainWhole(next) ? StackDrop.BAD_FRAGMENT : null;
            }
        }
        settle(next, namedAt, offset);
        return next == NO_NEXT_HEADER ? StackDrop.UNKNOWN_PROTOCOL : null;
    }

    private void settle(int protocol, int protocolOffset, int headerLength) {
        packet.protocol = protocol;
        packet.protocolOffset = protocolOffset;
        packet.headerLength = headerLength;
        packet.payload = packet.header + headerLength;
        packet.payloadLength = end - headerLength;
    }

    private static boolean isExtension(int next) {
        return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT || next == DESTINATION_OPTIONS;
    }

    /// Bytes of the extension header at `offset`; more than there are if it is cut off.
    private int extensionLength(int next) {
        if (end - offset < UNIT) {
            return Integer.MAX_VALUE;
        }
        return next == FRAGMENT ? FRAGMENT_LENGTH : (NetworkOrder.u8(packet.header + offset + 1) + 1) * UNIT;
    }

    private StackDrop extension(int next) {
        return switch (next) {
            case HOP_BY_HOP -> offset == Ipv6.LENGTH ? options()
                    : refuse(StackDrop.MALFORMED, IcmpError.UNKNOWN_PROTOCOL, namedAt);
            case ROUTING -> routing();
            case FRAGMENT -> fragment();
            default -> options();
        };
    }

    /// RFC 8200, 4.4, and RFC 5095 for type 0, which is refused even if it has been followed to its end.
    private StackDrop routing() {
        long header = packet.header + offset;
        if (NetworkOrder.u8(header + SEGMENTS_LEFT) != 0) {
            return refuse(StackDrop.SOURCE_ROUTE, IcmpError.BAD_FIELD, offset + ROUTING_TYPE);
        }
        return NetworkOrder.u8(header + ROUTING_TYPE) == 0 ? StackDrop.SOURCE_ROUTE : null;
    }

    /// RFC 8200, 4.5; a fragment that is the whole datagram is none (RFC 6946).
    private StackDrop fragment() {
        long header = packet.header + offset;
        if (!mayBeFragment) {
            return StackDrop.BAD_FRAGMENT;
        }
        mayBeFragment = false;
        int field = NetworkOrder.u16(header + FRAGMENT_FIELD);
        packet.fragmentOffset = field & FRAGMENT_OFFSET;
        packet.moreFragments = (field & MORE_FRAGMENTS) != 0;
        packet.identification = NetworkOrder.u32(header + FRAGMENT_IDENTIFICATION);
        packet.fragmentHeaderNamedAt = namedAt;
        int length = end - offset - FRAGMENT_LENGTH;
        if (packet.moreFragments && length % UNIT != 0) {
            return refuse(StackDrop.BAD_FRAGMENT, IcmpError.BAD_FIELD, PAYLOAD_LENGTH_OFFSET);
        }
        if (offset - Ipv6.LENGTH + packet.fragmentOffset + length > Reassembly.MAX_LENGTH) {
            return refuse(StackDrop.BAD_FRAGMENT, IcmpError.BAD_FIELD, offset + FRAGMENT_FIELD);
        }
        return null;
    }

    /// RFC 8200, 4.2.
    private StackDrop options() {
        int option = offset + 2;
        int last = offset + extensionLength(DESTINATION_OPTIONS);
        int padding = 0;
        for (int count = 0; option < last;) {
            int type = NetworkOrder.u8(packet.header + option);
            int length = 1;
            if (type != PAD1) {
                length = last - option < 2 ? last : 2 + NetworkOrder.u8(packet.header + option + 1);
            }
            padding = type == PAD1 || type == PADN ? padding + length : 0;
            count += padding == 0 ? 1 : 0;
            if (length > last - option || padding > MAX_PADDING || count > MAX_OPTIONS) {
                return StackDrop.MALFORMED;
            }
            if (padding == 0 && type >>> 6 != 0) {
                return unknownOption(type >>> 6, option);
            }
            option += length;
        }
        return null;
    }

    private StackDrop unknownOption(int action, int option) {
        boolean silent = action == 1 || action == 3 && packet.toGroup;
        return silent ? StackDrop.UNKNOWN_PROTOCOL
                : refuse(StackDrop.UNKNOWN_PROTOCOL, IcmpError.UNKNOWN_OPTION, option);
    }

    private StackDrop refuse(StackDrop reason, IcmpError error, int at) {
        problem = error;
        pointer = at;
        return reason;
    }

    /// Whether the first fragment holds all headers up to the beginning of the upper one (RFC 7112, 5).
    private boolean isChainWhole(int first) {
        int next = first;
        int fragmentable = offset;
        for (int walked = 0; isExtension(next); walked++) {
            if (walked == MAX_HEADERS || end - offset < UNIT) {
                offset = fragmentable;
                return false;
            }
            int length = extensionLength(next);
            next = NetworkOrder.u8(packet.header + offset);
            offset += length;
        }
        boolean whole = offset <= end - MIN_UPPER_HEADER;
        offset = fragmentable;
        return whole;
    }
}
