package org.vswitch.slirp.tcp;

/// All memory that holds bytes of TCP connections, in chunks of 64 KiB, and the lists of who has which. Bounded.
public final class ChunkPool implements AutoCloseable {
    /// Bytes of a chunk.
    static final int CHUNK_LENGTH = 65_536;
    /// An odd multiple of 64, so that the first bytes of chunks do not share cache sets.
    private static final int STRIDE = CHUNK_LENGTH + 64;
    /// What is left for rings when luxuries have been given out.
    private static final int RESERVE_DIVISOR = 4;

    /// A list for each [ChunkRing] and each [OutOfOrder] that has chunks: there cannot be more of them than chunks.
    final BlockPool ringLists;
    final BlockPool gapLists;
    private final BlockPool chunks;
    private final int capacity;

    /// Maps a pool.
    ///
    /// @param capacity in chunks of 64 KiB
    public ChunkPool(int capacity) {
        this.capacity = capacity;
        chunks = new BlockPool(capacity, STRIDE);
        ringLists = new BlockPool(capacity, ChunkRing.LIST_BYTES);
        gapLists = new BlockPool(capacity, OutOfOrder.LIST_BYTES);
    }

    /// How many chunks are left.
    ///
    /// @return 0 to the capacity
    public int free() {
        return chunks.free();
    }

    /// How many chunks are in use.
    ///
    /// @return 0 to the capacity
    public int inUse() {
        return capacity - chunks.free();
    }

    /// Takes the chunk that was used last, whose pages are there.
    ///
    /// @return its address, or 0 if none is left
    long take() {
        return chunks.take();
    }

    /// Takes a chunk for something that may as well be lost, and that must not starve the rest.
    ///
    /// @return its address, or 0 if few are left
    long takeSpare() {
        return chunks.free() <= capacity / RESERVE_DIVISOR ? 0 : chunks.take();
    }

    /// Gives a chunk back.
    ///
    /// @param chunk its address
    void give(long chunk) {
        chunks.give(chunk);
    }

    @Override
    public void close() {
        assert ringLists.free() == capacity && gapLists.free() == capacity : "a list was not given back";
        chunks.close();
        ringLists.close();
        gapLists.close();
    }
}
