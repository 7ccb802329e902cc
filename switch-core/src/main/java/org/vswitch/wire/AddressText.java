package org.vswitch.wire;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// An IP address that somebody wrote, IPv4 in the mapped form. Strict: four decimal numbers without leading zeros, or
/// RFC 4291's text form without a zone; no names, no shortened IPv4, nothing that tools read in different ways.
///
/// @param high upper half
/// @param low lower half
public record AddressText(long high, long low) {
    private static final String OCTET = "(0|[1-9]\\d{0,2})";
    private static final Pattern V4 = Pattern.compile(OCTET + "\\." + OCTET + "\\." + OCTET + "\\." + OCTET);
    private static final Pattern V6 = Pattern.compile("(?=.*:.*:)[\\p{XDigit}:.]{2,45}");
    /// What "::" may stand for: two groups of zero or more (RFC 5952, 4.2.2).
    private static final Pattern ZEROS = Pattern.compile("(?<![^:])0(:0)+(?![^:])");
    private static final int OCTETS = 4;
    private static final int GROUPS = 8;
    private static final int MAX_OCTET = 255;

    /// Reads an IPv4 address.
    ///
    /// @param text for example `10.0.2.2`
    /// @return the mapped form
    public static Optional<AddressText> v4(String text) {
        Matcher octets = V4.matcher(text);
        if (!octets.matches()) {
            return Optional.empty();
        }
        int address = 0;
        for (int i = 1; i <= OCTETS; i++) {
            int octet = Integer.parseInt(octets.group(i));
            if (octet > MAX_OCTET) {
                return Optional.empty();
            }
            address = address << Byte.SIZE | octet;
        }
        return Optional.of(new AddressText(0, IpAddress.v4(address)));
    }

    /// Reads an IPv6 address that is none of IPv4.
    ///
    /// @param text for example `fd00::2`
    /// @return both halves
    public static Optional<AddressText> v6(String text) {
        if (!V6.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            byte[] bytes = Inet6Address.ofLiteral(text).getAddress();
            if (bytes.length != IpAddress.V6_LENGTH) {
                return Optional.empty();
            }
            ByteBuffer halves = ByteBuffer.wrap(bytes);
            return Optional.of(new AddressText(halves.getLong(), halves.getLong()));
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }

    /// The text form, that of RFC 5952 for an IPv6 address.
    @Override
    public String toString() {
        if (IpAddress.isV4(high, low)) {
            int address = (int) low;
            return (address >>> 24) + "." + (address >>> 16 & MAX_OCTET) + "." + (address >>> 8 & MAX_OCTET) + "."
                    + (address & MAX_OCTET);
        }
        String longest = "";
        String groups = IntStream.range(0, GROUPS).mapToObj(this::group).collect(Collectors.joining(":"));
        Matcher zeros = ZEROS.matcher(groups);
        while (zeros.find()) {
            longest = zeros.group().length() > longest.length() ? zeros.group() : longest;
        }
        Matcher first = Pattern.compile("(^|:)" + longest + "(:|$)").matcher(groups);
        return longest.isEmpty() ? groups : first.replaceFirst("::");
    }

    private String group(int index) {
        long half = index < GROUPS / 2 ? high : low;
        return Long.toHexString(half >>> Long.SIZE - Short.SIZE * (index % (GROUPS / 2) + 1) & 0xffff);
    }
}
