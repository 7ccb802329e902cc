package org.vswitch.slirp.tcp;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.host.IoVector;

/// A queue of bytes that grows and shrinks by chunks and never moves a byte.
///
/// Towards the guest it is what is read into from the host's socket, what segments borrow their payload from, and
/// what is sent again if need be, until acknowledged. Towards the host it is the stash: what its socket did not take.
/// Of each chunk a multiple of the segment size is used, so that segments do not straddle chunks. The list of chunks is
/// a block of the pool, held while there are any: many connections have nothing to say for most of the time.
final class ChunkRing {
    /// The most bytes of payload in one (super-)segment: an IP packet less the largest headers.
    static final int MAX_PAYLOAD = 65_535 - 128;
    private static final int CHUNKS = 64;
    /// An address for each chunk.
    static final int LIST_BYTES = CHUNKS * Long.BYTES;

    private final ChunkPool pool;
    /// Where the addresses of the chunks are, in a circle; 0 without chunks.
    private long list;
    private int head;
    private int count;
    private int chunkBytes = MAX_PAYLOAD;
    /// Bytes of the first chunk that are gone.
    private int consumed;
    private int size;

    ChunkRing(ChunkPool pool) {
        this.pool = pool;
    }

    /// Sets how much of each chunk is used. The ring must be empty.
    ///
    /// @param segmentSize bytes, at most [#MAX_PAYLOAD]
    void segmentSize(int segmentSize) {
        assert size == 0;
        chunkBytes = MAX_PAYLOAD / segmentSize * segmentSize;
    }

    /// Bytes in the ring.
    ///
    /// @return 0 if it is empty
    int size() {
        return size;
    }

    /// Lists room behind the last byte, for a scattering read. [#commit] must follow.
    ///
    /// @param into filled anew
    /// @param wanted bytes
    /// @return bytes listed, fewer if the pool or the ring has no more
    int prepare(IoVector into, int wanted) {
        into.clear();
        int room = 0;
        while (room < wanted) {
            int position = consumed + size + room;
            int chunk = position / chunkBytes;
            if (chunk == count && !grow()) {
                break;
            }
            int offset = position % chunkBytes;
            int length = Math.min(chunkBytes - offset, wanted - room);
            if (!into.add(at(chunk) + offset, length)) {
                break;
            }
            room += length;
        }
        return room;
    }

    /// Appends bytes that were written into the room listed by [#prepare], and gives unused chunks back.
    ///
    /// @param length bytes, 0 or more
    void commit(int length) {
        size += length;
        int used = (consumed + size + chunkBytes - 1) / chunkBytes;
        while (count > used) {
            pool.give(at(count - 1));
            shorten();
        }
    }

    /// Appends a copy.
    ///
    /// @param from address of the first byte
    /// @param length bytes
    /// @return bytes appended, fewer if the pool or the ring has no more
    int append(long from, int length) {
        int done = 0;
        while (done < length) {
            int position = consumed + size;
            int chunk = position / chunkBytes;
            if (chunk == count && !grow()) {
                break;
            }
            int offset = position % chunkBytes;
            int piece = Math.min(chunkBytes - offset, length - done);
            NativeMemory.copy(from + done, at(chunk) + offset, piece);
            size += piece;
            done += piece;
        }
        return done;
    }

    /// Where a byte lies.
    ///
    /// @param offset from the first byte in the ring
    /// @return its address
    long address(int offset) {
        int position = consumed + offset;
        return at(position / chunkBytes) + position % chunkBytes;
    }

    /// How many bytes lie in one piece.
    ///
    /// @param offset of the first of them
    /// @return 1 or more if the offset is within the ring
    int contiguous(int offset) {
        return Math.min(chunkBytes - (consumed + offset) % chunkBytes, size - offset);
    }

    /// Appends the ring's bytes to a list for a gathering write, as far as the list has room.
    ///
    /// @param to not cleared
    void list(IoVector to) {
        int offset = 0;
        while (offset < size) {
            int length = contiguous(offset);
            if (!to.add(address(offset), length)) {
                return;
            }
            offset += length;
        }
    }

    /// Removes bytes at the front.
    ///
    /// @param length at most the size
    void drop(int length) {
        assert length <= size;
        size -= length;
        consumed += length;
        while (consumed >= chunkBytes) {
            giveFirst();
            consumed -= chunkBytes;
        }
        if (size == 0) {
            clear();
        }
    }

    /// Removes everything.
    void clear() {
        while (count > 0) {
            giveFirst();
        }
        size = 0;
        consumed = 0;
    }

    private long at(int chunk) {
        return NativeMemory.getLong(place(chunk));
    }

    private long place(int chunk) {
        return list + (head + chunk & CHUNKS - 1) * (long) Long.BYTES;
    }

    private boolean grow() {
        long chunk = count == CHUNKS ? 0 : pool.take();
        if (chunk != 0) {
            if (count == 0) {
                list = pool.ringLists.take();
            }
            NativeMemory.putLong(place(count), chunk);
            count++;
        }
        return chunk != 0;
    }

    private void giveFirst() {
        pool.give(at(0));
        head = head + 1 & CHUNKS - 1;
        shorten();
    }

    private void shorten() {
        count--;
        if (count == 0) {
            pool.ringLists.give(list);
            list = 0;
        }
    }
}
