package org.vswitch.guard;

import java.io.IOException;
import java.util.Optional;
import org.vswitch.wire.AddressText;
import org.vswitch.wire.IpAddress;

/// IP addresses of one family that begin alike: a single one, or all of a network (RFC 4632, 3.1; RFC 4291, 2.3).
///
/// @param first the lowest; all bits behind the prefix are 0
/// @param length bits of the prefix, as its family counts: 0 to 32, or to 128
public record AddressRange(AddressText first, int length) {
    private static final int V4_BITS = 32;
    private static final int V6_BITS = 128;

    /// Reads an address, or an address and the length of the prefix.
    ///
    /// @param text for example `10.0.0.1` or `fd00:5::/64`
    /// @return what it says
    /// @throws IOException with one line that names the text
    static AddressRange parse(String text) throws IOException {
        int slash = text.indexOf('/');
        String written = slash < 0 ? text : text.substring(0, slash);
        Optional<AddressText> address = AddressText.v4(written).or(() -> AddressText.v6(written));
        if (address.isEmpty()) {
            throw new IOException("guard: ip=" + text + ": no IP address");
        }
        int most = bits(address.get());
        String length = slash < 0 ? Integer.toString(most) : text.substring(slash + 1);
        if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > most) {
            throw new IOException("guard: ip=" + text + ": the prefix has 0 to " + most + " bits");
        }
        AddressRange range = new AddressRange(address.get(), Integer.parseInt(length));
        if ((address.get().high() & ~range.highMask() | address.get().low() & ~range.lowMask()) != 0) {
            throw new IOException("guard: ip=" + text + ": bits are set behind the prefix");
        }
        return range;
    }

    /// A single address.
    ///
    /// @param address of either family
    static AddressRange of(AddressText address) {
        return new AddressRange(address, bits(address));
    }

    /// Whether it is of IPv4.
    ///
    /// @return false for IPv6, however short its prefix
    boolean isV4() {
        return IpAddress.isV4(first.high(), first.low());
    }

    /// The bits of the upper half that all addresses have in common.
    ///
    /// @return ones from the left
    long highMask() {
        return mask(mappedLength());
    }

    /// The bits of the lower half that all addresses have in common.
    ///
    /// @return ones from the left
    long lowMask() {
        return mask(mappedLength() - Long.SIZE);
    }

    /// As [#parse] reads it.
    @Override
    public String toString() {
        return length == bits(first) ? first.toString() : first + "/" + length;
    }

    private int mappedLength() {
        return V6_BITS - bits(first) + length;
    }

    private static int bits(AddressText address) {
        return IpAddress.isV4(address.high(), address.low()) ? V4_BITS : V6_BITS;
    }

    /// The bits of a half that belong to a prefix.
    ///
    /// @param ones how many of them; fewer than 0 are none, more than 64 all
    /// @return ones from the left
    static long mask(int ones) {
        return ones <= 0 ? 0 : -1L << Math.max(0, Long.SIZE - ones);
    }
}
