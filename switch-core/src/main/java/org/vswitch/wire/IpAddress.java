package org.vswitch.wire;

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

    /// Stores an IPv4 address.
    ///
    /// @param address of its first byte
    /// @param low lower half of the mapped form
    public static void writeV4(long address, long low) {
        NetworkOrder.u32(address, (int) low);
    }

    /// Stores an IPv6 address.
    ///
    /// @param address of its first byte
    /// @param high upper half
    /// @param low lower half
    public static void writeV6(long address, long high, long low) {
        NetworkOrder.u64(address, high);
        NetworkOrder.u64(address + Long.BYTES, low);
    }

    /// Whether an address stands for a group of stations (RFC 5771; RFC 4291, 2.7).
    ///
    /// @param high upper half
    /// @param low lower half
    /// @return true for 224.0.0.0/4 and ff00::/8
    public static boolean isMulticast(long high, long low) {
        return isV4(high, low) ? ((int) low >>> 28) == 14 : high >>> 56 == 255;
    }

    /// Whether an IPv6 address is valid on one link only (RFC 4291, 2.5.6).
    ///
    /// @param high upper half
    /// @return true for fe80::/10
    public static boolean isLinkLocal(long high) {
        return high >>> 54 == 0xfe80 >>> 6;
    }

    /// Whether an address says that there is none yet.
    ///
    /// @param high upper half
    /// @param low lower half
    /// @return true for 0.0.0.0 and ::
    public static boolean isUnspecified(long high, long low) {
        return high == 0 && (low == 0 || low == MAPPED);
    }
}
