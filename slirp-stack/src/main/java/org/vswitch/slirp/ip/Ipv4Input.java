package org.vswitch.slirp.ip;

import org.vswitch.wire.IpAddress;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.NetworkOrder;

/// From bytes to a filled [Packet], for IPv4: what RFC 791, 3.1 and RFC 1122, 3.2.1 demand of a header. Addresses are
/// [AddressRules]' concern.
final class Ipv4Input {
    private static final int PROTOCOL_OFFSET = 9;
    private static final int OPTION_END = 0;
    private static final int OPTION_NO_OPERATION = 1;
    private static final int OPTION_LOOSE_SOURCE_ROUTE = 131;
    private static final int OPTION_STRICT_SOURCE_ROUTE = 137;

    private Ipv4Input() {
    }

    /// Checks the packet at `packet.header` and fills in everything that its header says.
    ///
    /// @param packet with `header` set
    /// @param available bytes from there on
    /// @param superFrame whether it is to be segmented: then the frame says how long it is, and the header's length and
    ///     checksum will be computed for each segment
    /// @return null, or why it must be dropped
    static StackDrop parse(Packet packet, int available, boolean superFrame) {
        long header = packet.header;
        if (!Ipv4.isValid(header, available)) {
            return StackDrop.MALFORMED;
        }
        int headerLength = Ipv4.headerLength(header);
        int totalLength = superFrame ? available : Ipv4.totalLength(header);
        if (totalLength < headerLength || totalLength > available) {
            return StackDrop.MALFORMED;
        }
        if (!superFrame && !Ipv4.isChecksumRight(header)) {
            return StackDrop.BAD_CHECKSUM;
        }
        packet.v4 = true;
        packet.headerLength = headerLength;
        packet.payload = header + headerLength;
        packet.payloadLength = totalLength - headerLength;
        packet.protocol = Ipv4.protocol(header);
        packet.protocolOffset = PROTOCOL_OFFSET;
        packet.hopLimit = Ipv4.timeToLive(header);
        packet.trafficClass = Ipv4.typeOfService(header);
        packet.dontFragment = packet.frame != 0 && Ipv4.isDontFragment(header);
        packet.sourceHigh = 0;
        packet.sourceLow = IpAddress.v4(Ipv4.source(header));
        packet.destinationHigh = 0;
        packet.destinationLow = IpAddress.v4(Ipv4.destination(header));
        packet.identification = Ipv4.identification(header);
        packet.fragmentOffset = Ipv4.fragmentOffset(header);
        packet.moreFragments = Ipv4.isMoreFragments(header);
        return options(header + Ipv4.LENGTH, header + headerLength);
    }

    /// Source routes are refused (RFC 7126, 4.3 and 4.4), other options are skipped by their length.
    private static StackDrop options(long first, long end) {
        long option = first;
        while (option < end) {
            int type = NetworkOrder.u8(option);
            if (type == OPTION_END) {
                return null;
            }
            if (type == OPTION_NO_OPERATION) {
                option++;
                continue;
            }
            if (type == OPTION_LOOSE_SOURCE_ROUTE || type == OPTION_STRICT_SOURCE_ROUTE) {
                return StackDrop.SOURCE_ROUTE;
            }
            int length = end - option < 2 ? 0 : NetworkOrder.u8(option + 1);
            if (length < 2 || length > end - option) {
                return StackDrop.MALFORMED;
            }
            option += length;
        }
        return null;
    }
}
