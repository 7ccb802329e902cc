package org.vswitch.slirp.ip;

import org.vswitch.wire.NetworkOrder;

/// IP addresses as two longs, the upper and the lower half of the 128 bits in network order; IPv4 as IPv4-mapped IPv6
/// address (RFC 4291, 2.5.5.2), so that tables and sockets need one form only.
public final class IpAddress {
    /// Bytes of an IPv4 address.
    public static final int V4_LENGTH = 4;
    /// Bytes of an IPv6 address.
    public static final int V6_LENGTH = 16;
    private static final long MAPPED = 0x0000_ffff_0000_0000L;
    private static final long LOWER_HALF = 0xffff_ffffL;

    private IpAddress() {
    }

    /// The lower half of an IPv4 address; the upper half is 0.
    ///
    /// @param address 32 bits, as in `0x0a000202` for 10.0.2.2
    /// @return `::ffff:address`, lower half
    public static long v4(int address) {
        return MAPPED | address & LOWER_HALF;
    }

    /// Whether an address is an IPv4 address.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @return true if it is IPv4-mapped
    public static boolean isV4(long high, long low) {
        return high == 0 && (low & ~LOWER_HALF) == MAPPED;
    }

    /// Reads the lower half of an IPv4 address.
    ///
    /// @param address of its first byte
    /// @return the mapped form, lower half
    public static long readV4(long address) {
        return v4(NetworkOrder.u32(address));
    }

    /// Reads the upper half of an IPv6 address.
    ///
    /// @param address of its first byte
    /// @return the first 8 bytes
    public static long readHigh(long address) {
        return NetworkOrder.u64(address);
    }

    /// Reads the lower half of an IPv6 address.
    ///
    /// @param address of its first byte
    /// @return the last 8 bytes
    public static long readLow(long address) {
        return NetworkOrder.u64(address + Long.BYTES);
    }
}
