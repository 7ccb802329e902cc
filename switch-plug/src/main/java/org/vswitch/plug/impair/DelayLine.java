package org.vswitch.plug.impair;

import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.wire.VirtioNetHeader;

/// The frames of one direction, held until they are due: copies with their offload headers, in memory with a limit.
///
/// Theory of operation. A frame that is not lost gets a slot and a place in a heap, by the time it is due and, of those
/// due at once, by arrival. As time goes on ([#advance]) due frames leave the heap for a ring, in which they wait to be
/// taken; so what is due keeps its order although whoever takes it may be late. Slots are as long as the longest frame
/// but only touched pages count, and the slot freed last is used first. A line holds [Impairment#queueFrames] frames
/// and [#MEAN_BYTES] for each of them; what does not fit is lost and takes no time on the line.
///
/// Used by one thread; allocates nothing once it is made.
final class DelayLine implements LineLedger, AutoCloseable {
    /// With the number of frames the limit in bytes: a full Ethernet frame with tag and some room.
    static final int MEAN_BYTES = 2048;

    private final Decisions decisions;
    private final FrameSlab slots;
    private final DueHeap held;
    private final long maxBytes;
    private final int[] length;
    private final long[] offloadWord;
    private final int[] csumOffset;
    private final int[] free;
    private final int[] ring;
    private final long[] lost = new long[Drop.COUNT];
    private int freeCount;
    private int ringHead;
    private int ringCount;
    private long bytes;
    private long offered;
    private long duplicated;
    private long delayed;
    private long passed;

    /// An empty line.
    DelayLine(Impairment impairment) {
        int frames = impairment.queueFrames();
        decisions = new Decisions(impairment);
        slots = FrameSlab.forFrames(frames);
        held = new DueHeap(frames);
        maxBytes = Math.max(FrameSlab.MAX_FRAME, (long) frames * MEAN_BYTES);
        length = new int[frames];
        offloadWord = new long[frames];
        csumOffset = new int[frames];
        ring = new int[frames];
        free = new int[frames];
        freeCount = frames;
        for (int i = 0; i < frames; i++) {
            free[i] = frames - 1 - i;
        }
    }

    /// Decides about a frame, and copies it if it is not lost.
    ///
    /// @param batch where it is; free to change afterwards
    /// @param row which
    /// @param nowNs never less than before
    /// @return null, or why it was lost; it is then counted here
    Drop offer(FrameBatch batch, int row, long nowNs) {
        offered++;
        if (decisions.loses()) {
            return lose(Drop.IMPAIRED);
        }
        boolean twice = decisions.duplicates();
        if (!hold(batch, row, nowNs)) {
            return lose(Drop.DELAY_FULL);
        }
        if (twice && hold(batch, row, nowNs)) {
            duplicated++;
        }
        return null;
    }

    /// Lets frames become ready that are due.
    ///
    /// @param nowNs the time
    void advance(long nowNs) {
        while (held.firstNs() <= nowNs) {
            ring[(ringHead + ringCount) % ring.length] = held.removeFirst();
            ringCount++;
        }
    }

    /// When the next frame becomes ready that is not yet.
    ///
    /// @return a time, or [Long#MAX_VALUE]
    long deadlineNs() {
        return held.firstNs();
    }

    /// How many frames can be taken.
    int readyCount() {
        return ringCount;
    }

    /// Describes the frames that have been ready longest; they stay until [#pass] or [#fail].
    ///
    /// @param batch empty
    /// @return how many, at most [FrameBatch#CAPACITY]
    int describe(FrameBatch batch) {
        int count = Math.min(ringCount, FrameBatch.CAPACITY);
        for (int i = 0; i < count; i++) {
            int slot = ring[(ringHead + i) % ring.length];
            batch.append(slots.frame(slot), length[slot], offloadWord[slot], csumOffset[slot]);
        }
        return count;
    }

    /// Removes frames that were taken.
    ///
    /// @param count of those described last, from the first on
    void pass(int count) {
        for (int i = 0; i < count; i++) {
            removeReady();
        }
        passed += count;
    }

    /// Removes the first of the frames described last, which nobody can take.
    ///
    /// @param reason why
    void fail(Drop reason) {
        removeReady();
        lose(reason);
    }

    /// Removes all frames: the link has ended.
    void cut() {
        advance(Long.MAX_VALUE - 1);
        while (ringCount > 0) {
            fail(Drop.LINK_DOWN);
        }
    }

    @Override
    public long offered() {
        return offered;
    }

    @Override
    public long duplicated() {
        return duplicated;
    }

    @Override
    public long delayed() {
        return delayed;
    }

    @Override
    public long passed() {
        return passed;
    }

    @Override
    public long lost(Drop reason) {
        return lost[reason.ordinal()];
    }

    @Override
    public int inFlight() {
        return held.count() + ringCount;
    }

    /// Bytes held now, a gauge.
    long bytes() {
        return bytes;
    }

    /// Unmaps the memory. The line is not to be used afterwards.
    @Override
    public void close() {
        slots.free();
    }

    private boolean hold(FrameBatch batch, int row, long nowNs) {
        int size = batch.length(row);
        if (freeCount == 0 || bytes + size > maxBytes) {
            return false;
        }
        int slot = free[--freeCount];
        long frame = slots.frame(slot);
        VirtioNetHeader.write(FrameSlab.header(frame), batch.offload(row), batch.csumOffset(row));
        batch.copyTo(row, frame);
        length[slot] = size;
        offloadWord[slot] = batch.offload(row);
        csumOffset[slot] = batch.csumOffset(row);
        bytes += size;
        long dueNs = decisions.dueNs(size, nowNs);
        delayed += dueNs > nowNs ? 1 : 0;
        held.add(dueNs, slot);
        return true;
    }

    private void removeReady() {
        int slot = ring[ringHead];
        ringHead = (ringHead + 1) % ring.length;
        ringCount--;
        bytes -= length[slot];
        free[freeCount++] = slot;
    }

    private Drop lose(Drop reason) {
        lost[reason.ordinal()]++;
        return reason;
    }
}
