package org.vswitch.slirp.tcp;

import org.vswitch.linux.NativeMemory;

/// Blocks of one size, mapped without reservation: what was never used does not count. The one given back last is taken
/// first, since its pages are there and may be in the cache. A free block holds the address of the next.
final class BlockPool implements AutoCloseable {
    private final long memory;
    private final int capacity;
    private final int stride;
    private long firstFree;
    private int freeCount;
    /// How many were ever taken: the others are not in the list.
    private int fresh;

    /// Maps a pool.
    ///
    /// @param capacity in blocks
    /// @param stride bytes from a block to the next, a multiple of 8
    BlockPool(int capacity, int stride) {
        assert stride % Long.BYTES == 0 : stride;
        this.capacity = capacity;
        this.stride = stride;
        freeCount = capacity;
        memory = NativeMemory.map((long) capacity * stride);
    }

    /// How many blocks are left.
    ///
    /// @return 0 to the capacity
    int free() {
        return freeCount;
    }

    /// Takes a block.
    ///
    /// @return its address, or 0 if none is left; what it contains is undefined
    long take() {
        if (freeCount == 0) {
            return 0;
        }
        freeCount--;
        long block = firstFree;
        if (block == 0) {
            return memory + (long) fresh++ * stride;
        }
        firstFree = NativeMemory.getLong(block);
        return block;
    }

    /// Gives a block back.
    ///
    /// @param block its address
    void give(long block) {
        assert freeCount < capacity : "a block was given back twice";
        NativeMemory.putLong(block, firstFree);
        firstFree = block;
        freeCount++;
    }

    @Override
    public void close() {
        NativeMemory.unmap(memory, (long) capacity * stride);
    }
}
