package org.vswitch.linux;

import java.nio.ByteOrder;

/// A `struct sockaddr_in` or `struct sockaddr_in6` in native memory with room for either, read and written as two longs
/// and a port: the halves of an IPv6 address in network order, IPv4 as IPv4-mapped (RFC 4291, 2.5.5.2). The offsets are
/// equal on x86-64 and AArch64. Scope and flow label are written as 0.
final class SockaddrIn {
    /// Room for the longer form.
    static final int CAPACITY = 28;

    // Both begin with { sa_family_t family; in_port_t port; }, the port in network order.
    static final int FAMILY = 0;
    static final int PORT = 2;
    // struct sockaddr_in { ...; struct in_addr addr; unsigned char zero[8]; }
    static final int V4_ADDRESS = 4;
    static final int V4_LENGTH = 16;
    // struct sockaddr_in6 { ...; u32 flowinfo; struct in6_addr addr; u32 scope_id; }
    static final int V6_ADDRESS = 8;
    static final int V6_LENGTH = 28;

    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long MAPPED = 0x0000_ffff_0000_0000L;
    private static final long LOWER_HALF = 0xffff_ffffL;

    private SockaddrIn() {
    }

    static boolean isV4(long high, long low) {
        return high == 0 && (low & ~LOWER_HALF) == MAPPED;
    }

    /// The lower half of the address that stands for any of a family; its upper half is 0.
    static long any(boolean v4) {
        return v4 ? MAPPED : 0;
    }

    /// Writes the form that the address asks for.
    ///
    /// @return its length
    static int put(long at, long high, long low, int port) {
        NativeMemory.zero(at, CAPACITY);
        NativeMemory.putShort(at + PORT, SWAP ? Short.reverseBytes((short) port) : port);
        if (isV4(high, low)) {
            NativeMemory.putShort(at + FAMILY, Constants.AF_INET);
            NativeMemory.putInt(at + V4_ADDRESS, SWAP ? Integer.reverseBytes((int) low) : (int) low);
            return V4_LENGTH;
        }
        NativeMemory.putShort(at + FAMILY, Constants.AF_INET6);
        NativeMemory.putLong(at + V6_ADDRESS, SWAP ? Long.reverseBytes(high) : high);
        NativeMemory.putLong(at + V6_ADDRESS + Long.BYTES, SWAP ? Long.reverseBytes(low) : low);
        return V6_LENGTH;
    }

    /// The upper half of an address; 0 if the structure holds none (AF_UNSPEC).
    static long high(long at) {
        if (NativeMemory.getShort(at + FAMILY) != Constants.AF_INET6) {
            return 0;
        }
        long value = NativeMemory.getLong(at + V6_ADDRESS);
        return SWAP ? Long.reverseBytes(value) : value;
    }

    /// The lower half of an address; 0 if the structure holds none (AF_UNSPEC).
    static long low(long at) {
        int family = NativeMemory.getShort(at + FAMILY);
        if (family == Constants.AF_INET) {
            int value = NativeMemory.getInt(at + V4_ADDRESS);
            return MAPPED | (SWAP ? Integer.reverseBytes(value) : value) & LOWER_HALF;
        }
        if (family != Constants.AF_INET6) {
            return 0;
        }
        long value = NativeMemory.getLong(at + V6_ADDRESS + Long.BYTES);
        return SWAP ? Long.reverseBytes(value) : value;
    }

    static int port(long at) {
        int value = NativeMemory.getShort(at + PORT);
        return SWAP ? Short.reverseBytes((short) value) & 0xffff : value;
    }
}
