package org.vswitch.slirp.tcp;

import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.wire.SeqNumber;

/// What came beyond a gap: at most 96 stretches of at most a chunk each, sorted, without overlaps. What came first
/// wins; what does not fit is forgotten, for the guest sends it again. Also says what selective acknowledgements
/// report (RFC 2018): adjacent stretches as one block.
final class OutOfOrder {
    private static final int CAPACITY = 96;
    /// A stretch in the list: the number of its first byte, its length, and the address of its chunk.
    private static final int LENGTH = 4;
    private static final int CHUNK = 8;
    private static final int BYTES = 16;
    static final int LIST_BYTES = CAPACITY * BYTES;

    private final ChunkPool pool;
    /// A block of the pool while there is anything; 0 otherwise.
    private long list;
    private int count;
    /// A number within the stretch that changed last; its block is reported first (RFC 2018, 4).
    private int latest;

    OutOfOrder(ChunkPool pool) {
        this.pool = pool;
    }

    /// Whether there is nothing.
    ///
    /// @return true without gaps
    boolean isEmpty() {
        return count == 0;
    }

    /// Keeps a copy of a segment's text.
    ///
    /// @param sequence of its first byte, beyond RCV.NXT
    /// @param address of its first byte
    /// @param bytes 1 or more
    void add(int sequence, long address, int bytes) {
        int from = sequence;
        int next = 0;
        while (next < count && SeqNumber.atMost(start(next), from)) {
            from = SeqNumber.max(from, end(next));
            next++;
        }
        int to = sequence + bytes;
        if (next < count && SeqNumber.lessThan(start(next), to)) {
            to = start(next);
        }
        latest = sequence;
        if (SeqNumber.lessThan(from, to)) {
            keep(next, from, address + (from - sequence), to - from);
        }
    }

    /// How much text in turn adds to what is here already: what came first counts.
    ///
    /// @param rcvNxt the number wanted next
    /// @return bytes up to the first stretch; 0 if that has come in turn, but there was no memory to take it
    int room(int rcvNxt) {
        return Math.max(0, SeqNumber.difference(start(0), rcvNxt));
    }

    /// Drops what is not ahead of RCV.NXT, and tells how much of the first stretch is in order now.
    ///
    /// @param rcvNxt the number wanted next
    /// @return bytes that begin with that number at [#firstAddress]; 0 if the next one is still missing
    int firstInOrder(int rcvNxt) {
        while (count > 0 && SeqNumber.atMost(end(0), rcvNxt)) {
            removeFirst();
        }
        return count == 0 || SeqNumber.lessThan(rcvNxt, start(0)) ? 0 : end(0) - rcvNxt;
    }

    /// Where the byte RCV.NXT lies, after [#firstInOrder] found it.
    ///
    /// @param rcvNxt the number wanted next
    /// @return its address
    long firstAddress(int rcvNxt) {
        return chunk(0) + (rcvNxt - start(0));
    }

    /// Reports blocks, the latest first.
    ///
    /// @param edges filled with left and right edges in turn; room for all blocks
    /// @param blocks the most to report
    /// @return how many
    int blocks(int[] edges, int blocks) {
        int found = 0;
        int i = 0;
        while (i < count) {
            int left = start(i);
            int right = end(i);
            for (i++; i < count && start(i) == right; i++) {
                right = end(i);
            }
            boolean first = SeqNumber.atMost(left, latest) && SeqNumber.lessThan(latest, right);
            int at = first ? 0 : found;
            if (at < blocks) {
                found = Math.min(found, blocks - 1);
                System.arraycopy(edges, 2 * at, edges, 2 * at + 2, 2 * (found - at));
                edges[2 * at] = left;
                edges[2 * at + 1] = right;
                found++;
            }
        }
        return found;
    }

    /// Forgets everything.
    void clear() {
        while (count > 0) {
            pool.give(chunk(count - 1));
            shorten();
        }
    }

    private int start(int i) {
        return NativeMemory.getInt(list + i * (long) BYTES);
    }

    private int length(int i) {
        return NativeMemory.getInt(list + i * (long) BYTES + LENGTH);
    }

    private long chunk(int i) {
        return NativeMemory.getLong(list + i * (long) BYTES + CHUNK);
    }

    private int end(int i) {
        return start(i) + length(i);
    }

    /// Appends to the stretch in front if that is adjacent; what its chunk has no room for opens another.
    private void keep(int index, int sequence, long address, int bytes) {
        int before = index - 1;
        int appended = 0;
        if (index > 0 && end(before) == sequence) {
            int full = length(before);
            appended = Math.min(bytes, ChunkPool.CHUNK_LENGTH - full);
            NativeMemory.copy(address, chunk(before) + full, appended);
            NativeMemory.putInt(list + before * (long) BYTES + LENGTH, full + appended);
        }
        if (appended < bytes) {
            open(index, sequence + appended, address + appended, bytes - appended);
        }
    }

    private void open(int index, int sequence, long address, int bytes) {
        assert bytes <= ChunkPool.CHUNK_LENGTH : "bytes=" + bytes;
        long memory = count == CAPACITY ? 0 : pool.takeSpare();
        if (memory == 0) {
            return;
        }
        if (count == 0) {
            list = pool.gapLists.take();
        }
        long entry = list + index * (long) BYTES;
        NativeMemory.move(entry, entry + BYTES, (count - index) * (long) BYTES);
        NativeMemory.copy(address, memory, bytes);
        NativeMemory.putInt(entry, sequence);
        NativeMemory.putInt(entry + LENGTH, bytes);
        NativeMemory.putLong(entry + CHUNK, memory);
        count++;
    }

    private void removeFirst() {
        pool.give(chunk(0));
        NativeMemory.move(list + BYTES, list, (count - 1) * (long) BYTES);
        shorten();
    }

    private void shorten() {
        count--;
        if (count == 0) {
            pool.gapLists.give(list);
            list = 0;
        }
    }
}
