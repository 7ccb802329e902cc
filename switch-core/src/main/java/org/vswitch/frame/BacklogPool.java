package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;

/// The memory that all backlogs of one data plane share, in blocks with a free list (invariant 4).
///
/// Blocks are taken from the top of a stack, so that a busy backlog uses the same few again and again and the rest of
/// the 16 MiB is never touched.
public final class BacklogPool {
    /// Bytes of frame in one block.
    static final int BLOCK_ROOM = 2048 - FrameSlab.HEADROOM;
    private static final int STRIDE = 2048 + 64;

    private final long base;
    private final long length;
    private final int[] next;
    private final int[] free;
    private int freeCount;

    /// Maps a pool.
    ///
    /// @param bytes its size, 16 MiB for a data plane
    public BacklogPool(int bytes) {
        int count = bytes / STRIDE;
        length = (long) count * STRIDE;
        base = NativeMemory.map(length);
        next = new int[count];
        free = new int[count];
        for (int i = 0; i < count; i++) {
            free[i] = count - 1 - i;
        }
        freeCount = count;
    }

    /// How many blocks are free.
    ///
    /// @return 0 or more
    public int freeBlocks() {
        return freeCount;
    }

    /// Gives the memory back; nothing may be asked of it afterwards.
    public void free() {
        NativeMemory.unmap(base, length);
    }

    /// How many blocks a row takes.
    static int blocks(int bytes) {
        return (bytes + BLOCK_ROOM - 1) / BLOCK_ROOM;
    }

    int take() {
        int block = free[--freeCount];
        next[block] = -1;
        return block;
    }

    void giveBack(int block) {
        free[freeCount++] = block;
    }

    long address(int block) {
        return base + (long) block * STRIDE + FrameSlab.HEADROOM;
    }

    int next(int block) {
        return next[block];
    }

    void link(int block, int successor) {
        next[block] = successor;
    }
}
