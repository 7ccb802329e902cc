package org.vswitch.frame;

import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// Frames on their way from one thread to another: a bounded ring of records with one producer and one consumer.
///
/// Theory of operation. The layout and the producer's half are Agrona's: a record is claimed, the frame copied into it,
/// the length committed; positions lie behind the records, each on cache lines of its own, so that nothing here depends
/// on an address, and a ring could lie in memory that processes share.
///
///      0        4        8      12                 24
///     | length | type 1 | tag   | virtio_net_hdr   | frame ...
///
/// The consumer's half is written here, since Agrona's gives a record back when its handler returns, and frames are
/// borrowed until the pass has sent them (invariant 3): [#lend] looks ahead, [#release] moves the head over what was
/// lent. The tag is what a far side needs to know that is not to decide again; one lending has one tag.
///
/// Whoever sleeps must be woken; the ring does not know how. After it offered, the producer asks whether the consumer
/// sleeps, behind a full fence: a commit is a release store, and the question could overtake it. A consumer says that
/// it sleeps, and then looks once more ([#isEmpty], a volatile load). So one of the two sees the other. Likewise for a
/// producer that waits for room ([#hasMoved]) and a consumer that has released.
///
/// A frame is copied once. Allocates nothing. Rejected: slots of one size (the consumer walked through 17 MiB of memory
/// for 1 MiB of frames), and Agrona's reader with a copy.
public final class FrameRing {
    /// How much longer a record is than its frame, without what aligns it.
    private static final int OVERHEAD = RecordDescriptor.HEADER_LENGTH + FrameSlab.HEADROOM;
    private static final int FRAME = 1;
    /// The least that takes the longest frame: Agrona lets a record have an eighth.
    private static final int MIN_CAPACITY = 1 << 20;

    private final int capacity;
    private final long base;
    private final UnsafeBuffer records;
    private final OneToOneRingBuffer ring;
    /// The producer's: where the consumer was when a frame found no room.
    private long fullAt = -1;
    /// The consumer's: what it has released, and what it has lent.
    private long head;
    private long lentTo;
    private int lentTag;

    /// An empty ring.
    ///
    /// @param capacityBytes a power of two, 1 MiB at least; only what is touched counts
    public FrameRing(int capacityBytes) {
        assert capacityBytes >= MIN_CAPACITY : "capacity=" + capacityBytes;
        capacity = capacityBytes;
        base = NativeMemory.map(size(capacityBytes));
        records = new UnsafeBuffer(base, size(capacityBytes));
        ring = new OneToOneRingBuffer(records);
    }

    /// Copies a frame and its offload header to the end, with tag 0. For the producer.
    ///
    /// @param batch where it is
    /// @param row which
    /// @return false if there is no room for it
    public boolean offer(FrameBatch batch, int row) {
        return offer(batch, row, 0);
    }

    /// Copies a frame, its offload header and a tag to the end. For the producer.
    ///
    /// @param batch where it is
    /// @param row which
    /// @param tag any number, which the consumer learns from [#tag]
    /// @return false if there is no room for it
    public boolean offer(FrameBatch batch, int row, int tag) {
        int length = FrameSlab.HEADROOM + batch.length(row);
        int record = ring.tryClaim(FRAME, length);
        if (record < 0) {
            fullAt = ring.consumerPosition();
            record = ring.tryClaim(FRAME, length); // so that no move between the first look and the note is missed
            if (record < 0) {
                return false;
            }
        }
        records.putInt(record, tag);
        long frame = base + record + FrameSlab.HEADROOM;
        VirtioNetHeader.write(FrameSlab.header(frame), batch.offload(row), batch.csumOffset(row));
        batch.copyTo(row, frame);
        ring.commit(record);
        return true;
    }

    /// Whether the consumer has released anything since a frame found no room. For the producer.
    ///
    /// @return true if it is worth to offer again
    public boolean hasMoved() {
        return ring.consumerPosition() != fullAt;
    }

    /// How far the producer has come. For the producer.
    ///
    /// @return a position that [#released] reaches once everything offered so far was released
    public long offered() {
        return ring.producerPosition();
    }

    /// Appends the oldest frames to an empty batch, as far as they have the same tag; they stay where they are until
    /// [#release]. For the consumer.
    ///
    /// @param batch gets up to [FrameBatch#CAPACITY] of them
    /// @return how many were taken from the ring, discarded ones included
    public int lend(FrameBatch batch) {
        int count = 0;
        long position = head;
        while (count < FrameBatch.CAPACITY) {
            int record = index(position);
            int length = records.getIntVolatile(RecordDescriptor.lengthOffset(record));
            if (length <= 0) { // nothing yet, or claimed and not committed
                break;
            }
            if (records.getInt(RecordDescriptor.typeOffset(record)) != RingBuffer.PADDING_MSG_TYPE_ID) {
                int tag = records.getInt(RecordDescriptor.encodedMsgOffset(record));
                if (count > 0 && tag != lentTag) {
                    break;
                }
                lentTag = tag;
                batch.addOffloadedFrame(base + record + OVERHEAD, length - OVERHEAD);
                count++;
            }
            position += BitUtil.align(length, RecordDescriptor.ALIGNMENT);
        }
        lentTo = position;
        if (count == 0 && position != head) { // an end of the ring that was too short for a frame, and no frame yet
            release();
        }
        return count;
    }

    /// What the frames lent last were tagged with. For the consumer.
    ///
    /// @return as offered
    public int tag() {
        return lentTag;
    }

    /// How far the consumer has come. For the consumer.
    ///
    /// @return a position, as [#offered] has it
    public long released() {
        return head;
    }

    /// Gives everything lent back to the producer. For the consumer.
    public void release() {
        head = lentTo;
        records.putLongRelease(capacity + RingBufferDescriptor.HEAD_POSITION_OFFSET, head);
    }

    /// Whether nothing waits behind what was released. For the consumer.
    ///
    /// @return true if [#lend] would find nothing
    public boolean isEmpty() {
        return records.getIntVolatile(RecordDescriptor.lengthOffset(index(head))) <= 0;
    }

    /// How much waits. Callable from any thread.
    ///
    /// @return bytes of records, up to [#capacity]
    public int used() {
        return ring.size();
    }

    /// How much can wait.
    ///
    /// @return bytes of records
    public int capacity() {
        return capacity;
    }

    /// Unmaps the memory. Called once, when neither side uses the ring any more.
    public void free() {
        NativeMemory.unmap(base, size(capacity));
    }

    private int index(long position) {
        return (int) position & capacity - 1;
    }

    private static int size(int capacityBytes) {
        return capacityBytes + RingBufferDescriptor.TRAILER_LENGTH;
    }
}
