package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// The consumer's side of a [SharedRing]: frames of a process that is not trusted become rows of a batch.
///
/// The head of a frame, up to 128 bytes, is copied to a place of ours with its offload header, which is checked there;
/// the rest is lent where it lies, until [#release]. What the producer changes meanwhile is its own payload.
///
/// Used by one thread. Allocates nothing.
public final class SharedRingReader {
    private final SharedRing ring;
    private long position;
    private long lentTo;
    private long seen;
    private boolean last;
    private String fault;

    /// A reader of an empty ring.
    ///
    /// @param ring whose head is stored here and nowhere else
    public SharedRingReader(SharedRing ring) {
        this.ring = ring;
    }

    /// Appends the oldest frames to an empty batch.
    ///
    /// @param batch gets up to as many as it wants
    /// @return how many were taken, discarded ones included; a ring that breaks counts as one, [Drop#BAD_RING]
    public int receive(FrameBatch batch) {
        lentTo = position;
        if (fault == null && !look()) {
            batch.discard(Drop.BAD_RING);
            return 1;
        }
        if (fault != null) {
            return 0;
        }
        int wanted = batch.wanted();
        int bytes = batch.wantedBytes();
        int count = 0;
        long next = position;
        while (count < wanted && next < seen && bytes > 0) {
            long record = ring.record(next);
            int length = NativeMemory.getInt(record);
            if (length <= 0 || length > FrameSlab.MAX_FRAME || SharedRing.size(length) > seen - next) {
                fault = "said that a frame has " + Integer.toUnsignedString(length) + " bytes";
                batch.discard(Drop.BAD_RING);
                count++;
                break;
            }
            bytes -= take(batch, record, length);
            next += SharedRing.size(length);
            count++;
        }
        lentTo = next;
        return count;
    }

    /// Copies the head of a frame, and lends the rest.
    ///
    /// @return what it counts for in bytes
    private static int take(FrameBatch batch, long record, int length) {
        long slot = batch.headSlot(batch.size());
        long header = FrameSlab.header(slot);
        int head = Math.min(length, FrameBatch.MAX_HEAD);
        VirtioNetHeader.copy(record + SharedRing.OFFLOAD, header);
        // the shortest record has room for eight bytes
        NativeMemory.copyWords(record + SharedRing.RECORD_HEADER, slot, Math.max(Long.BYTES, head));
        long word = VirtioNetHeader.word(header);
        if (batch.addOffloadedHead(slot, head, length) && head < length) {
            batch.addPiece(record + SharedRing.RECORD_HEADER + head, length - head);
        }
        return FrameBatch.weight(word, length);
    }

    /// Gives everything lent back to the producer.
    public void release() {
        position = lentTo;
        NativeMemory.putLongRelease(ring.head(), position);
    }

    /// Whether [#receive] would find nothing.
    ///
    /// @return false also if there is only nonsense to be found out
    public boolean isEmpty() {
        return last ? seen == position : NativeMemory.getLongAcquire(ring.tail()) == position;
    }

    /// Whether so much of the ring is free, as far as is known, that a producer who waits for room is worth waking.
    ///
    /// @return true from a quarter on
    public boolean hasRoom() {
        return seen - position <= ring.capacity() / 4 * 3;
    }

    /// Looks a last time: the producer has gone, and what it may still write counts no more.
    public void end() {
        if (!last) {
            look();
            last = true;
        }
    }

    /// What the producer did that makes no sense.
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

    /// How much waits, in bytes. Callable from any thread.
    ///
    /// @return what is said in shared memory, which need not be true
    public int used() {
        return ring.used();
    }

    /// Loads the producer's position.
    ///
    /// @return false if the ring is broken
    private boolean look() {
        if (last) {
            return true;
        }
        long tail = NativeMemory.getLongAcquire(ring.tail());
        if (tail < seen) {
            fault = "took back what it had written";
        } else if (tail - position > ring.capacity()) {
            fault = "wrote more than the ring holds";
        } else if (!SharedRing.isAligned(tail)) {
            fault = "wrote a part of a record";
        } else {
            seen = tail;
        }
        return fault == null;
    }
}
