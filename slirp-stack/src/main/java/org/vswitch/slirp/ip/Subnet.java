package org.vswitch.slirp.ip;

import org.vswitch.wire.IpAddress;

/// The addresses that share a prefix.
///
/// @param high upper half of one of them
/// @param low lower half of one of them
/// @param prefixLength bits they have in common, of the 128 of the mapped form: 96 more than IPv4 users say
public record Subnet(long high, long low, int prefixLength) {
    /// From this prefix length on, IPv4 subnets have no broadcast address (RFC 3021, 2.1).
    private static final int POINT_TO_POINT = 127;

    /// An IPv4 subnet.
    ///
    /// @param address one of its addresses, such as the router's, as in `0x0a000202`
    /// @param prefixLength 0 to 32
    /// @return the subnet in the mapped form
    public static Subnet v4(int address, int prefixLength) {
        return new Subnet(0, IpAddress.v4(address), Long.SIZE + Integer.SIZE + prefixLength);
    }

    /// Whether an address has the prefix.
    ///
    /// @param otherHigh upper half
    /// @param otherLow lower half
    /// @return true if it belongs to the subnet
    public boolean contains(long otherHigh, long otherLow) {
        return ((otherHigh ^ high) & ones(prefixLength)) == 0
                && ((otherLow ^ low) & ones(prefixLength - Long.SIZE)) == 0;
    }

    /// Whether there is an address that belongs to both.
    ///
    /// @param other a subnet
    /// @return true if one lies within the other
    public boolean overlaps(Subnet other) {
        return prefixLength <= other.prefixLength ? contains(other.high, other.low) : other.contains(high, low);
    }

    /// Whether an IPv4 address of the subnet means all of its stations: all host bits one, or, as once was usual and
    /// must not be used for anything else, zero (RFC 1122, 3.2.1.3 and 3.3.6).
    ///
    /// @param otherLow lower half of an address that the subnet contains
    /// @return true for the two broadcast addresses
    public boolean isBroadcast(long otherLow) {
        long hosts = ~ones(prefixLength - Long.SIZE);
        return prefixLength < POINT_TO_POINT && ((otherLow & hosts) == hosts || (otherLow & hosts) == 0);
    }

    private static long ones(int bits) {
        if (bits <= 0) {
            return 0;
        }
        return bits >= Long.SIZE ? -1 : -1L << Long.SIZE - bits;
    }
}
