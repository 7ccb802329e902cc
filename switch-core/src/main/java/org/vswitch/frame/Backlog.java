package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// Frames that wait until an endpoint's link takes more: a first-in first-out queue, bounded in frames and bytes, of
/// copies in blocks of the data plane's pool, each with its offload header (invariant 4).
///
/// While it is not empty everything for the endpoint goes behind it; what does not fit is the caller's to count.
///
/// Theory of operation. The pool is smaller than all limits together, so a backlog may hold a sixteenth of what is
/// still free and no more (a dynamic threshold: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998).
/// An endpoint alone thus gets 256 frames of ordinary length, or 0.9 MiB of long ones; after 64 endpoints that do not
/// read, as many as one user may have, there is still room for a dozen frames of the next. Rejected: first come, first
/// served (32 silent endpoints would be all of the pool).
public final class Backlog {
    /// The most frames of one endpoint that wait.
    public static final int MAX_FRAMES = 256;
    private static final int POOL_SHARE = 16;

    private final BacklogPool pool;
    private final int maxBytes;
    private final int[] firstBlock = new int[MAX_FRAMES];
    private final int[] length = new int[MAX_FRAMES];
    private final long[] offloadWord = new long[MAX_FRAMES];
    private final int[] csumOffset = new int[MAX_FRAMES];
    private final boolean[] endsFrame = new boolean[MAX_FRAMES];
    private int head;
    private int count;
    private int bytes;
    private int blocks;

    /// An empty backlog.
    ///
    /// @param pool the data plane's
    /// @param maxBytes the most bytes that wait
    public Backlog(BacklogPool pool, int maxBytes) {
        this.pool = pool;
        this.maxBytes = maxBytes;
    }

    /// Whether nothing waits.
    ///
    /// @return true if empty
    public boolean isEmpty() {
        return count == 0;
    }

    /// How many rows wait: frames, or segments of one.
    ///
    /// @return up to [#MAX_FRAMES]
    public int count() {
        return count;
    }

    /// How many bytes wait.
    ///
    /// @return without offload headers
    public int bytes() {
        return bytes;
    }

    /// Copies a frame to the end of the queue, unless that is beyond a limit in rows, bytes or blocks.
    ///
    /// @param batch where it is
    /// @param row which
    /// @param last whether the frame ends here: false for all segments of a super-frame but the last
    /// @return false if it does not fit
    public boolean add(FrameBatch batch, int row, boolean last) {
        int size = batch.length(row);
        int needed = BacklogPool.blocks(size);
        if (count == MAX_FRAMES || bytes + size > maxBytes || (blocks + needed) * POOL_SHARE > pool.freeBlocks()) {
            return false;
        }
        int slot = (head + count) % MAX_FRAMES;
        firstBlock[slot] = store(batch, row);
        length[slot] = size;
        offloadWord[slot] = batch.offload(row);
        csumOffset[slot] = batch.csumOffset(row);
        endsFrame[slot] = last;
        count++;
        bytes += size;
        blocks += needed;
        return true;
    }

    /// Describes the oldest rows in a batch, for a link to send from the blocks.
    ///
    /// @param batch made by [FrameBatch#forSending]; cleared first
    /// @return how many rows were described
    public int describe(FrameBatch batch) {
        batch.clear();
        int rows = Math.min(count, FrameBatch.CAPACITY);
        for (int i = 0; i < rows; i++) {
            int slot = (head + i) % MAX_FRAMES;
            int block = firstBlock[slot];
            int left = length[slot];
            int piece = Math.min(left, BacklogPool.BLOCK_ROOM);
            batch.append(pool.address(block), piece, offloadWord[slot], csumOffset[slot]);
            for (left -= piece; left > 0; left -= piece) {
                block = pool.next(block);
                piece = Math.min(left, BacklogPool.BLOCK_ROOM);
                batch.addPiece(pool.address(block), piece);
            }
        }
        return rows;
    }

    /// Removes the oldest row of a backlog that is not empty.
    ///
    /// @return whether a frame ended with it
    public boolean remove() {
        assert count > 0;
        int block = firstBlock[head];
        while (block >= 0) {
            int following = pool.next(block);
            pool.giveBack(block);
            block = following;
        }
        bytes -= length[head];
        blocks -= BacklogPool.blocks(length[head]);
        boolean last = endsFrame[head];
        head = (head + 1) % MAX_FRAMES;
        count--;
        return last;
    }

    /// Bytes of the oldest row.
    ///
    /// @return its length
    public int oldestLength() {
        return length[head];
    }

    private int store(FrameBatch batch, int row) {
        int first = pool.take();
        VirtioNetHeader.write(FrameSlab.header(pool.address(first)), batch.offload(row), batch.csumOffset(row));
        int block = first;
        int used = 0;
        for (int piece = 0; piece < batch.pieces(row); piece++) {
            long from = batch.pieceAddress(row, piece);
            int left = batch.pieceLength(row, piece);
            while (left > 0) {
                if (used == BacklogPool.BLOCK_ROOM) {
                    int added = pool.take();
                    pool.link(block, added);
                    block = added;
                    used = 0;
                }
                int part = Math.min(left, BacklogPool.BLOCK_ROOM - used);
                NativeMemory.copy(from, pool.address(block) + used, part);
                from += part;
                used += part;
                left -= part;
            }
        }
        return first;
    }
}
