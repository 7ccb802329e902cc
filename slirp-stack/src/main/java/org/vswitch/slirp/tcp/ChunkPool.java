package org.vswitch.slirp.tcp;

import org.vswitch.linux.NativeMemory;

/// All memory that holds bytes of TCP connections, in chunks of 64 KiB. Bounded, and mapped without reservation: what
/// was never used does not count.
public final class ChunkPool implements AutoCloseable {
    /// Bytes of a chunk.
    static final int CHUNK_LENGTH = 65_536;
    /// An odd multiple of 64, so that the first bytes of chunks do not share cache sets.
    private static final int STRIDE = CHUNK_LENGTH + 64;
    /// What is left for rings when luxuries have been given out.
    private static final int RESERVE_DIVISOR = 4;

    private final long memory;
    private final int capacity;
    private final long[] free;
    private int freeCount;

    /// Maps a pool.
    ///
    /// @param capacity in chunks of 64 KiB
    public ChunkPool(int capacity) {
        this.capacity = capacity;
        memory = NativeMemory.map((long) capacity * STRIDE);
        free = new long[capacity];
        for (int i = capacity - 1; i >= 0; i--) {
            give(memory + (long) i * STRIDE);
        }
    }

    /// How many chunks are left.
    ///
    /// @return 0 to the capacity
    public int free() {
        return freeCount;
    }

    /// How many chunks are in use.
    ///
    /// @return 0 to the capacity
    public int inUse() {
        return capacity - freeCount;
    }

    /// Takes the chunk that was used last, whose pages are there.
    ///
    /// @return its address, or 0 if none is left
    long take() {
        return freeCount == 0 ? 0 : free[--freeCount];
    }

    /// Takes a chunk for something that may as well be lost, and that must not starve the rest.
    ///
    /// @return its address, or 0 if few are left
    long takeSpare() {
        return freeCount <= capacity / RESERVE_DIVISOR ? 0 : take();
    }

    /// Gives a chunk back.
    ///
    /// @param chunk its address
    void give(long chunk) {
        assert freeCount < capacity : "a chunk was given back twice";
        free[freeCount++] = chunk;
    }

    @Override
    public void close() {
        NativeMemory.unmap(memory, (long) capacity * STRIDE);
    }
}
