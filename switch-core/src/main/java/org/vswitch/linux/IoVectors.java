package org.vswitch.linux;

/// A prepared array of `struct iovec` for gather writes. Used by one thread.
public final class IoVectors implements AutoCloseable {
    private static final int VECTOR = 16;
    private final long address;
    private final int capacity;

    /// Lays out an array.
    ///
    /// @param capacity the most pieces
    public IoVectors(int capacity) {
        this.capacity = capacity;
        this.address = NativeMemory.map((long) capacity * VECTOR);
    }

    /// Sets a piece.
    ///
    /// @param index 0 to one below the capacity
    /// @param base the first byte
    /// @param length how many bytes
    public void set(int index, long base, int length) {
        assert index < capacity;
        NativeMemory.putLong(address + (long) index * VECTOR, base);
        NativeMemory.putLong(address + (long) index * VECTOR + 8, length);
    }

    long address() {
        return address;
    }

    /// Unmaps the array. Called once.
    @Override
    public void close() {
        NativeMemory.unmap(address, (long) capacity * VECTOR);
    }
}
