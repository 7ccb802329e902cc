package org.vswitch.wire;

import java.nio.ByteOrder;
import org.vswitch.linux.NativeMemory;

/// Big-endian loads and stores: the only place that knows the machine's byte order.
public final class NetworkOrder {
    private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private NetworkOrder() {
    }

    /// Loads 8 bits.
    ///
    /// @param address where
    /// @return 0 to 255
    public static int u8(long address) {
        return NativeMemory.getByte(address);
    }

    /// Loads 16 bits.
    ///
    /// @param address where
    /// @return 0 to 65,535
    public static int u16(long address) {
        return fromMachine16(NativeMemory.getShort(address));
    }

    /// Loads 32 bits.
    ///
    /// @param address where
    /// @return all 32 bits, as a signed int
    public static int u32(long address) {
        int value = NativeMemory.getInt(address);
        return SWAP ? Integer.reverseBytes(value) : value;
    }

    /// Loads 48 bits: a MAC address.
    ///
    /// @param address where
    /// @return 0 to 2^48 - 1
    public static long u48(long address) {
        return (long) u16(address) << 32 | u32(address + 2) & 0xffff_ffffL;
    }

    /// Loads 64 bits.
    ///
    /// @param address where
    /// @return all 64 bits, as a signed long
    public static long u64(long address) {
        long value = NativeMemory.getLong(address);
        return SWAP ? Long.reverseBytes(value) : value;
    }

    /// Stores 8 bits.
    ///
    /// @param address where
    /// @param value its low 8 bits
    public static void u8(long address, int value) {
        NativeMemory.putByte(address, value);
    }

    /// Stores 16 bits.
    ///
    /// @param address where
    /// @param value its low 16 bits
    public static void u16(long address, int value) {
        NativeMemory.putShort(address, fromMachine16(value & 0xffff));
    }

    /// Stores 32 bits.
    ///
    /// @param address where
    /// @param value what
    public static void u32(long address, int value) {
        NativeMemory.putInt(address, SWAP ? Integer.reverseBytes(value) : value);
    }

    /// Stores 48 bits: a MAC address.
    ///
    /// @param address where
    /// @param value its low 48 bits
    public static void u48(long address, long value) {
        u16(address, (int) (value >>> 32));
        u32(address + 2, (int) value);
    }

    /// Stores 64 bits.
    ///
    /// @param address where
    /// @param value what
    public static void u64(long address, long value) {
        NativeMemory.putLong(address, SWAP ? Long.reverseBytes(value) : value);
    }

    /// Exchanges the octets of a 16-bit value.
    ///
    /// @param value 0 to 65,535
    /// @return 0 to 65,535
    static int swapped16(int value) {
        return Short.reverseBytes((short) value) & 0xffff;
    }

    /// Turns 16 bits that were computed in the machine's byte order into the value they have on the wire.
    ///
    /// @param value 0 to 65,535
    /// @return 0 to 65,535
    static int fromMachine16(int value) {
        return SWAP ? swapped16(value) : value;
    }

    /// The 16-bit value of which only the octet that comes first on the wire is known.
    ///
    /// @param octet 0 to 255
    /// @return the value with 0 for the second octet
    static int upperOctet(int octet) {
        return octet << 8;
    }
}
