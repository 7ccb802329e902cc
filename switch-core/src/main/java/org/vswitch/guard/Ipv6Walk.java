package org.vswitch.guard;

import org.vswitch.wire.Ipv6;
import org.vswitch.wire.NetworkOrder;

/// The way from an IPv6 header through its extension headers to what the packet carries (RFC 8200, 4; RFC 7045), as a
/// guard has to go it: an unknown header ends the chain, a fragment that does not show the whole chain hides something
/// (RFC 7112, RFC 7113). One instance walks packet after packet.
final class Ipv6Walk {
    /// Where a walk ended.
    enum End {
        /// At a header that is none of IPv6's own, 8 bytes of which are there: [#protocol] and [#offset] say which.
        FOUND,
        /// Nothing to be seen: a later fragment, encrypted, or no next header.
        OPAQUE,
        /// The chain goes on where the packet has ended, or is longer than anybody makes it.
        HIDDEN
    }

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int ENCRYPTED = 50;
    private static final int AUTHENTICATION = 51;
    private static final int NO_NEXT_HEADER = 59;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int MOBILITY = 135;
    private static final int HOST_IDENTITY = 139;
    private static final int SHIM6 = 140;
    private static final int UNIT = 8;
    private static final int AUTHENTICATION_UNIT = 4;
    private static final int FRAGMENT_OFFSET = 2;
    private static final int OFFSET_BITS = 0xfff8;
    private static final int MAX_HEADERS = 16;

    private int protocol;
    private int offset;
    private boolean fragment;

    /// Walks through a packet.
    ///
    /// @param header address of the first byte of a valid header
    /// @param available bytes from there on
    /// @return how it ended
    End walk(long header, int available) {
        protocol = Ipv6.nextHeader(header);
        offset = Ipv6.LENGTH;
        fragment = false;
        for (int headers = 0; headers <= MAX_HEADERS; headers++) {
            if (protocol == NO_NEXT_HEADER || protocol == ENCRYPTED) {
                return End.OPAQUE;
            }
            if (offset + UNIT > available) {
                return End.HIDDEN;
            }
            int length = extensionLength(header + offset);
            if (length == 0) {
                return End.FOUND;
            }
            if (protocol == FRAGMENT) {
                fragment = true;
                if ((NetworkOrder.u16(header + offset + FRAGMENT_OFFSET) & OFFSET_BITS) != 0) {
                    return End.OPAQUE;
                }
            }
            protocol = NetworkOrder.u8(header + offset);
            offset += length;
        }
        return End.HIDDEN;
    }

    /// What the packet carries.
    ///
    /// @return a protocol, after [End#FOUND]
    int protocol() {
        return protocol;
    }

    /// Where it begins.
    ///
    /// @return bytes from the start of the IPv6 header, after [End#FOUND]
    int offset() {
        return offset;
    }

    /// Whether a fragment header was on the way, be it of a packet in one fragment.
    ///
    /// @return true if there was one
    boolean isFragment() {
        return fragment;
    }

    /// Bytes of the extension header, 0 if the protocol is none.
    private int extensionLength(long extension) {
        return switch (protocol) {
            case HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS, MOBILITY, HOST_IDENTITY, SHIM6 ->
                    (NetworkOrder.u8(extension + 1) + 1) * UNIT;
            case AUTHENTICATION -> (NetworkOrder.u8(extension + 1) + 2) * AUTHENTICATION_UNIT;
            case FRAGMENT -> UNIT;
            default -> 0;
        };
    }
}
