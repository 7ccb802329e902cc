package org.vswitch.link;

import java.util.concurrent.atomic.AtomicLong;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.wire.VirtioNetHeader;

/// Frames on their way from one thread to another, or to the same one: a ring of slots with one producer and one
/// consumer.
///
/// The producer alone moves `produced`, the consumer alone `consumed`; slots between the two belong to the consumer.
final class FrameQueue {
    private final FrameSlab slots;
    private final int[] lengths;
    private final AtomicLong produced = new AtomicLong();
    private final AtomicLong consumed = new AtomicLong();
    private long next;

    /// An empty queue.
    FrameQueue(int frames) {
        slots = FrameSlab.forFrames(frames);
        lengths = new int[frames];
    }

    /// Copies a frame and its offload header into the next slot; false if none is free.
    boolean offer(FrameBatch batch, int row) {
        if (!hasRoom()) {
            return false;
        }
        int slot = slot(next);
        long frame = slots.frame(slot);
        VirtioNetHeader.write(FrameSlab.header(frame), batch.offload(row), batch.csumOffset(row));
        batch.copyTo(row, frame);
        lengths[slot] = batch.length(row);
        next++;
        return true;
    }

    /// Whether a frame can be offered; for the producer.
    boolean hasRoom() {
        return next - consumed.get() < lengths.length;
    }

    /// Shows the consumer what was offered.
    void publish() {
        produced.set(next);
    }

    /// Appends the oldest frames to a batch; they stay in their slots until [#release].
    int lend(FrameBatch batch, int most) {
        long first = consumed.get();
        int count = (int) Math.min(most, produced.get() - first);
        for (int i = 0; i < count; i++) {
            int slot = slot(first + i);
            batch.addOffloadedFrame(slots.frame(slot), lengths[slot]);
        }
        return count;
    }

    /// Gives the oldest slots back to the producer.
    void release(int count) {
        consumed.set(consumed.get() + count);
    }

    boolean isEmpty() {
        return count() == 0;
    }

    int count() {
        return (int) (produced.get() - consumed.get());
    }

    /// Unmaps the slots. Called once, when neither side uses the queue any more.
    void free() {
        slots.free();
    }

    private int slot(long sequence) {
        return (int) (sequence % lengths.length);
    }
}
