package org.vswitch.grant;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/// An address and how many of its first bits name a network: `10.0.2.15/24`.
///
/// @param address of either family
/// @param length bits of the network, up to all bits of the address
public record IpPrefix(InetAddress address, int length) {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,3}");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /// Reads an address; without `/` it is the only one of its network.
    ///
    /// @param text for example `fd00::/8`
    /// @return empty if it is none, never by asking a name server
    public static Optional<IpPrefix> parse(String text) {
        String[] parts = text.split("/", 2);
        if (!IPV4.matcher(parts[0]).matches() && !IPV6.matcher(parts[0]).matches()) {
            return Optional.empty();
        }
        try {
            InetAddress address = InetAddress.ofLiteral(parts[0]);
            int bits = Byte.SIZE * address.getAddress().length;
            if (parts.length == 2 && !NUMBER.matcher(parts[1]).matches()) {
                return Optional.empty();
            }
            int length = parts.length == 2 ? Integer.parseInt(parts[1]) : bits;
            return length <= bits ? Optional.of(new IpPrefix(address, length)) : Optional.empty();
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }

    /// Whether it says nothing beyond the bits of the network, as `10.0.2.0/24` and unlike `10.0.2.15/24`.
    ///
    /// @return true also for an address that is the only one of its network
    public boolean isNetwork() {
        return Arrays.equals(bytes(), network());
    }

    /// Whether all of another network lies in this one.
    ///
    /// @param other of either family
    /// @return false if the families differ
    public boolean contains(IpPrefix other) {
        return other.bytes().length == bytes().length && other.length >= length
                && Arrays.equals(network(), new IpPrefix(other.address, length).network());
    }

    /// Whether it is of IPv4.
    ///
    /// @return false for IPv6
    public boolean isIpv4() {
        return address instanceof Inet4Address;
    }

    /// Whether it is of IPv6.
    ///
    /// @return false for IPv4
    public boolean isIpv6() {
        return address instanceof Inet6Address;
    }

    /// The address.
    ///
    /// @return 4 or 16 bytes
    public byte[] bytes() {
        return address.getAddress();
    }

    /// The address with zeros behind the bits of the network.
    ///
    /// @return 4 or 16 bytes
    public byte[] network() {
        byte[] network = bytes();
        byte[] mask = mask();
        for (int i = 0; i < network.length; i++) {
            network[i] &= mask[i];
        }
        return network;
    }

    /// Ones for the bits of the network.
    ///
    /// @return 4 or 16 bytes
    public byte[] mask() {
        byte[] mask = new byte[bytes().length];
        for (int i = 0; i < mask.length; i++) {
            int ones = Math.clamp(length - Byte.SIZE * i, 0, Byte.SIZE);
            mask[i] = (byte) (0xff00 >> ones);
        }
        return mask;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + length;
    }
}
