package org.vswitch.slirp;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.ip.Outbox;
import org.vswitch.wire.VirtioNetHeader;

/// The frames that the stack has made and the switch has not taken yet.
///
/// Theory of operation. A ring of bytes in which each frame lies contiguously, its offload header in front, with a list
/// of where they are. Frames are lent to a batch in order, and their room is free again when the batch is released.
/// When there is no room the stack is told so; it counts what is lost, or tries again later.
final class OutboxRing implements Outbox, AutoCloseable {
    /// The most frames that wait.
    static final int FRAMES = 1024;
    private static final int MASK = FRAMES - 1;
    private static final int BYTES = 1 << 20;
    private static final int LINE = 64;

    private final long memory = NativeMemory.map(BYTES);
    private final int[] starts = new int[FRAMES];
    private final int[] lengths = new int[FRAMES];
    private final boolean[] offloaded = new boolean[FRAMES];
    private int head;
    private int count;
    private int lent;
    /// Where the next frame may begin.
    private int end;
    private int begunStart;
    private int begunLength;

    @Override
    public long begin(int length) {
        int needed = (FrameSlab.HEADROOM + length + LINE - 1) / LINE * LINE;
        int start = count == FRAMES ? -1 : place(needed);
        if (start < 0) {
            return 0;
        }
        begunStart = start;
        begunLength = length;
        return memory + start + FrameSlab.HEADROOM;
    }

    @Override
    public void commit() {
        commit(0, 0);
    }

    @Override
    public void commit(long offloadWord, int checksumOffset) {
        int index = head + count & MASK;
        long frame = memory + begunStart + FrameSlab.HEADROOM;
        VirtioNetHeader.write(FrameSlab.header(frame), offloadWord, checksumOffset);
        starts[index] = begunStart;
        lengths[index] = begunLength;
        offloaded[index] = offloadWord != 0;
        end = begunStart + (FrameSlab.HEADROOM + begunLength + LINE - 1) / LINE * LINE;
        count++;
    }

    @Override
    public boolean isHalfFull() {
        return count >= FRAMES / 2 || count > 0 && (end - starts[head] - 1 & BYTES - 1) >= BYTES / 2;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /// Appends frames to a batch, in order, as many as fit; to be followed by [#release].
    void lend(FrameBatch batch) {
        lent = Math.min(count, FrameBatch.CAPACITY - batch.size());
        for (int i = 0; i < lent; i++) {
            int index = head + i & MASK;
            long frame = memory + starts[index] + FrameSlab.HEADROOM;
            if (offloaded[index]) {
                batch.addOffloadedFrame(frame, lengths[index]);
            } else {
                batch.addFrame(frame, lengths[index]);
            }
        }
    }

    /// Forgets the frames lent last.
    void release() {
        head = head + lent & MASK;
        count -= lent;
        lent = 0;
    }

    @Override
    public void close() {
        NativeMemory.unmap(memory, BYTES);
    }

    /// The start of contiguous room, or -1. Used is what lies from the oldest frame on to the end of the newest.
    private int place(int needed) {
        if (count == 0) {
            return needed <= BYTES ? 0 : -1;
        }
        int oldest = starts[head];
        if (end > oldest) {
            if (end + needed <= BYTES) {
                return end;
            }
            return needed <= oldest ? 0 : -1;
        }
        return end + needed <= oldest ? end : -1;
    }
}
