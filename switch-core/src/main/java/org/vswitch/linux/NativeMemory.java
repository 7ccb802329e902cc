package org.vswitch.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// The only loads and stores by address (docs/ARCHITECTURE.md, invariant 9).
///
/// Theory of operation. Everything goes through one segment that spans the address space; it is a constant and is
/// never closed, so the JIT reduces each access to a plain load or store. What that gives up, the *checked mode*
/// gives back: with `-Dorg.vswitch.memory=checked` (all tests and fuzzers) every access must lie within a registered
/// region (a slab, a ring, a guest's memory), otherwise it throws [IllegalStateException]. The mode is a constant too,
/// so that the launcher, which does not ask for it, pays nothing.
///
/// Values are in the machine's byte order; network byte order is `wire.NetworkOrder`'s. Unaligned addresses are
/// allowed. Callable from any thread; regions are registered where memory is mapped, before it is used.
public final class NativeMemory {
    private static final boolean CHECKED = "checked".equals(System.getProperty("org.vswitch.memory"));
    private static final MemorySegment ALL = everything();
    private static final VarHandle ALIGNED_SHORT = ValueLayout.JAVA_SHORT.varHandle();
    private static final VarHandle ALIGNED_LONG = ValueLayout.JAVA_LONG.varHandle();
    private static final RegionTable REGIONS = new RegionTable();
    /// Headers and padding are zeroed word by word: whether the JIT leaves out the slice that fill needs depends on the
    /// caller, and for so few bytes it gains nothing.
    private static final int SHORT = 256;

    private NativeMemory() {
    }

    /// Whether every access is verified against the registered regions.
    ///
    /// @return true in tests, false under the launcher
    public static boolean isChecked() {
        return CHECKED;
    }

    /// Loads one byte.
    ///
    /// @param address where
    /// @return 0 to 255
    public static int getByte(long address) {
        verify(address, 1);
        return ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
    }

    /// Loads 16 bits in the machine's byte order.
    ///
    /// @param address where
    /// @return 0 to 65,535
    public static int getShort(long address) {
        verify(address, Short.BYTES);
        return ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) & 0xffff;
    }

    /// Loads 32 bits in the machine's byte order.
    ///
    /// @param address where
    /// @return the value
    public static int getInt(long address) {
        verify(address, Integer.BYTES);
        return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
    }

    /// Loads 64 bits in the machine's byte order.
    ///
    /// @param address where
    /// @return the value
    public static long getLong(long address) {
        verify(address, Long.BYTES);
        return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, address);
    }

    /// Stores one byte.
    ///
    /// @param address where
    /// @param value its low 8 bits
    public static void putByte(long address, int value) {
        verify(address, 1);
        ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    /// Stores 16 bits in the machine's byte order.
    ///
    /// @param address where
    /// @param value its low 16 bits
    public static void putShort(long address, int value) {
        verify(address, Short.BYTES);
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, (short) value);
    }

    /// Stores 32 bits in the machine's byte order.
    ///
    /// @param address where
    /// @param value what
    public static void putInt(long address, int value) {
        verify(address, Integer.BYTES);
        ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
    }

    /// Stores 64 bits in the machine's byte order.
    ///
    /// @param address where
    /// @param value what
    public static void putLong(long address, long value) {
        verify(address, Long.BYTES);
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address, value);
    }

    /// Loads 16 bits that another thread or process stores; what it stored before is seen by what is loaded afterwards.
    ///
    /// @param address where, even
    /// @return 0 to 65,535
    public static int getShortAcquire(long address) {
        verify(address, Short.BYTES);
        return (short) ALIGNED_SHORT.getAcquire(ALL, address) & 0xffff;
    }

    /// Stores 16 bits for another thread or process; who sees them sees what was stored before.
    ///
    /// @param address where, even
    /// @param value its low 16 bits
    public static void putShortRelease(long address, int value) {
        verify(address, Short.BYTES);
        ALIGNED_SHORT.setRelease(ALL, address, (short) value);
    }

    /// Loads 64 bits that another thread or process stores; what it stored before is seen by what is loaded afterwards.
    ///
    /// @param address where, a multiple of 8
    /// @return the value
    public static long getLongAcquire(long address) {
        verify(address, Long.BYTES);
        return (long) ALIGNED_LONG.getAcquire(ALL, address);
    }

    /// Stores 64 bits for another thread or process; who sees them sees what was stored before.
    ///
    /// @param address where, a multiple of 8
    /// @param value what
    public static void putLongRelease(long address, long value) {
        verify(address, Long.BYTES);
        ALIGNED_LONG.setRelease(ALL, address, value);
    }

    /// Copies a few bytes between two places that do not overlap: for up to two hundred or so this is faster than
    /// [#copy], which leaves Java for as many. The last word may overlap the one in front of it. No loop for the rest:
    /// what the JIT makes of one, with loops of its own before and behind, costs more than it copies.
    ///
    /// @param from the first byte to read
    /// @param to the first byte to write
    /// @param length how many, 8 at least
    public static void copyWords(long from, long to, int length) {
        verify(from, length);
        verify(to, length);
        int at = 0;
        for (; at <= length - 64; at += 64) {
            copyFourWords(from + at, to + at);
            copyFourWords(from + at + 32, to + at + 32);
        }
        if ((length & 32) != 0) {
            copyFourWords(from + at, to + at);
            at += 32;
        }
        if ((length & 16) != 0) {
            copyWord(from + at, to + at);
            copyWord(from + at + 8, to + at + 8);
            at += 16;
        }
        if ((length & 8) != 0) {
            copyWord(from + at, to + at);
        }
        if ((length & 7) != 0) {
            copyWord(from + length - 8, to + length - 8);
        }
    }

    private static void copyFourWords(long from, long to) {
        copyWord(from, to);
        copyWord(from + 8, to + 8);
        copyWord(from + 16, to + 16);
        copyWord(from + 24, to + 24);
    }

    private static void copyWord(long from, long to) {
        ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, to, ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, from));
    }

    /// Copies bytes between two places that do not overlap.
    ///
    /// @param from the first byte to read
    /// @param to the first byte to write
    /// @param length how many
    public static void copy(long from, long to, long length) {
        verify(from, length);
        verify(to, length);
        MemorySegment.copy(ALL, from, ALL, to, length);
    }

    /// Copies bytes between two places that may overlap, as if through a third.
    ///
    /// @param from the first byte to read
    /// @param to the first byte to write
    /// @param length how many
    public static void move(long from, long to, long length) {
        copy(from, to, length); // MemorySegment.copy allows it
    }

    /// Fills with zero bytes.
    ///
    /// @param address the first byte
    /// @param length how many
    public static void zero(long address, long length) {
        verify(address, length);
        if (length > SHORT) {
            ALL.asSlice(address, length).fill((byte) 0);
            return;
        }
        long at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, address + at, 0L);
        }
        for (; at < length; at++) {
            ALL.set(ValueLayout.JAVA_BYTE, address + at, (byte) 0);
        }
    }

    /// Copies bytes into an array.
    ///
    /// @param from the first byte to read
    /// @param to the array to fill from `offset` on
    /// @param offset index of the first byte in `to`
    /// @param length how many
    public static void copyOut(long from, byte[] to, int offset, int length) {
        verify(from, length);
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, offset, length);
    }

    /// Copies bytes from an array.
    ///
    /// @param from the array
    /// @param offset index of the first byte in `from`
    /// @param to the first byte to write
    /// @param length how many
    public static void copyIn(byte[] from, int offset, long to, int length) {
        verify(to, length);
        MemorySegment.copy(from, offset, ALL, ValueLayout.JAVA_BYTE, to, length);
    }

    /// Maps zeroed private memory without reserving it, so that only touched pages count, and registers it.
    ///
    /// @param length bytes, rounded up to pages by the kernel
    /// @return the address of the first byte, aligned to a page
    public static long map(long length) {
        long address = LibC.mmap(length, Constants.MAP_PRIVATE | Constants.MAP_ANONYMOUS | Constants.MAP_NORESERVE, -1);
        if (address < 0 && address > -4096) {
            throw new OutOfMemoryError("mmap length=" + length + ": " + Errno.name((int) -address));
        }
        register(address, length);
        return address;
    }

    /// Unmaps what [#map] or a shared mapping returned.
    ///
    /// @param address as returned
    /// @param length as asked for
    public static void unmap(long address, long length) {
        unregister(address);
        LibC.munmap(address, length);
    }

    /// Declares a range of memory as accessible (without effect unless checked).
    ///
    /// @param address the first byte
    /// @param length how many bytes
    public static void register(long address, long length) {
        if (CHECKED) {
            REGIONS.add(address, length);
        }
    }

    /// Withdraws a range that was declared with [#register].
    ///
    /// @param address its first byte
    public static void unregister(long address) {
        if (CHECKED) {
            REGIONS.remove(address);
        }
    }

    private static void verify(long address, long length) {
        if (CHECKED && !REGIONS.contains(address, length)) {
            throw new IllegalStateException("access outside registered memory: address=0x"
                    + Long.toHexString(address) + " length=" + length);
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment everything() {
        return MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    }
}
