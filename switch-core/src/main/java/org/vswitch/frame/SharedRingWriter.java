package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// The producer's side of a [SharedRing]: rows of a batch are copied into memory that another process reads.
///
/// Used by one thread. Allocates nothing.
public final class SharedRingWriter {
    private final SharedRing ring;
    private long position;
    private long seen;
    private String fault;

    /// A writer into an empty ring.
    ///
    /// @param ring whose tail is stored here and nowhere else
    public SharedRingWriter(SharedRing ring) {
        this.ring = ring;
    }

    /// Copies frames and their offload headers to the end, and publishes them together.
    ///
    /// @param batch where they are
    /// @param rows which, in order
    /// @param from index in `rows` of the first
    /// @param to index in `rows` behind the last
    /// @return how many found room
    public int transmit(FrameBatch batch, int[] rows, int from, int to) {
        long next = position;
        boolean looked = false;
        int index = from;
        while (index < to && fault == null) {
            int row = rows[index];
            int size = SharedRing.size(batch.length(row));
            if (next + size - seen > ring.capacity()) {
                if (looked) {
                    break;
                }
                looked = true;
                look();
            } else {
                put(batch, row, ring.record(next));
                next += size;
                index++;
            }
        }
        if (index > from) {
            position = next;
            NativeMemory.putLongRelease(ring.tail(), position);
        }
        return index - from;
    }

    /// The 12 bytes in front of a row's head are its offload header.
    private static void put(FrameBatch batch, int row, long record) {
        NativeMemory.putInt(record, batch.length(row));
        int first = batch.pieceLength(row, 0);
        long header = FrameSlab.header(batch.head(row));
        if (first <= FrameBatch.MAX_HEAD) {
            NativeMemory.copyWords(header, record + SharedRing.OFFLOAD, VirtioNetHeader.LENGTH + first);
        } else {
            NativeMemory.copy(header, record + SharedRing.OFFLOAD, VirtioNetHeader.LENGTH + first);
        }
        long next = record + SharedRing.RECORD_HEADER + first;
        for (int piece = 1; piece < batch.pieces(row); piece++) {
            int length = batch.pieceLength(row, piece);
            NativeMemory.copy(batch.pieceAddress(row, piece), next, length);
            next += length;
        }
    }

    /// Whether the consumer has read on since [#transmit] found no room, or says so.
    ///
    /// @return true if it is worth to offer again
    public boolean hasMoved() {
        return NativeMemory.getLongAcquire(ring.head()) != seen;
    }

    /// What the consumer did that makes no sense.
    ///
    /// @return null as long as the ring can be used
    public String fault() {
        return fault;
    }

    /// How much can wait.
    ///
    /// @return bytes
    public int capacity() {
        return ring.capacity();
    }

    /// How much waits for the consumer, in bytes. Callable from any thread.
    ///
    /// @return what is said in shared memory, which need not be true
    public int used() {
        return ring.used();
    }

    /// Loads the consumer's position.
    private void look() {
        long head = NativeMemory.getLongAcquire(ring.head());
        if (head < seen) {
            fault = "took back what it had read";
        } else if (head > position) {
            fault = "read more than there was";
        } else if (!SharedRing.isAligned(head)) {
            fault = "read a part of a record";
        } else {
            seen = head;
        }
    }
}
