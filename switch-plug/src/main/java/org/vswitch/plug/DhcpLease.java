package org.vswitch.plug;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.vswitch.wire.Dhcpv4;
import org.vswitch.wire.Dhcpv4Options;

/// What a network's DHCP server gives to a station (RFC 2131).
///
/// @param address the station's own
/// @param prefixLength bits of the subnet
/// @param router leads everywhere else
/// @param nameServers may be none
public record DhcpLease(InetAddress address, int prefixLength, Optional<InetAddress> router,
        List<InetAddress> nameServers) {
    private static final int DEFAULT_PREFIX = 24;

    /// Reads an acknowledgement.
    ///
    /// @param message its first byte
    /// @param options those of it
    static DhcpLease of(long message, Dhcpv4Options options) {
        byte[] mask = options.bytes(Dhcpv4Options.SUBNET_MASK);
        int bits = 0;
        for (byte part : mask) {
            bits += Integer.bitCount(part & 0xff);
        }
        List<InetAddress> routers = addresses(options.bytes(Dhcpv4Options.ROUTER));
        return new DhcpLease(address(Dhcpv4.yiaddr(message)),
                mask.length == Integer.BYTES && bits > 0 ? bits : DEFAULT_PREFIX,
                routers.stream().findFirst(), addresses(options.bytes(Dhcpv4Options.DOMAIN_NAME_SERVER)));
    }

    private static List<InetAddress> addresses(byte[] value) {
        List<InetAddress> found = new ArrayList<>();
        for (int next = 0; next + Integer.BYTES <= value.length; next += Integer.BYTES) {
            found.add(address(Arrays.copyOfRange(value, next, next + Integer.BYTES)));
        }
        return found;
    }

    private static InetAddress address(int value) {
        return address(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
