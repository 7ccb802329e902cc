package org.vswitch.link.vhost;

import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.VirtioNetHeader;

/// A ring that a guest sends through: its frames become rows of a batch.
///
/// Theory of operation. The head of a frame, 128 bytes at most, is copied to a place of ours with the offload header in
/// front, which is checked there; the rest is lent where it lies, in the guest's memory, until [#release]. So a frame
/// of up to 128 bytes has one piece, all ours. First the descriptors of all frames are loaded, so that the processor
/// fetches them at the same time, then the frames behind them. A chain of one descriptor, within one region, as drivers
/// send nearly all frames, goes a short way. One of more stretches than a row may have pieces is copied to a slot.
///
/// Used by the data-plane thread. Allocates nothing.
final class GuestSource {
    /// A byte this far behind the first one lies in the next line of the cache.
    private static final int LINE = 64 + 1;
    private static final int SHORTEST = VirtioNetHeader.LENGTH + Ethernet.HEADER_LENGTH;
    private static final int LONGEST = VirtioNetHeader.LENGTH + FrameSlab.MAX_FRAME;

    private final SplitRing ring;
    private final Chain chain;
    private final int[] heads = new int[FrameBatch.CAPACITY];
    private final int[] lengths = new int[FrameBatch.CAPACITY];
    private final long[] buffers = new long[FrameBatch.CAPACITY];
    private GuestMemory memory = GuestMemory.NONE;
    private int headerLength;
    private int kind;
    private int lent;
    /// The sum of what was touched, so that the loads are not optimised away.
    private long touched;

    /// A source that does not run.
    ///
    /// @param ring the guest's transmit ring
    /// @param chain shared by the rings of the device
    GuestSource(SplitRing ring, Chain chain) {
        this.ring = ring;
        this.chain = chain;
    }

    SplitRing ring() {
        return ring;
    }

    /// What the guest has agreed to.
    ///
    /// @param header bytes in front of a frame, 10 or 12
    /// @param indirect whether it may use tables of descriptors
    void features(int header, boolean indirect) {
        headerLength = header;
        kind = indirect ? SplitRing.INDIRECT : 0;
    }

    /// Replaces the guest's memory.
    void memory(GuestMemory replacement) {
        memory = replacement;
    }

    /// Appends frames to a batch.
    ///
    /// @param batch gets them
    /// @param most how many
    /// @param bytes after which it stops
    /// @return how many were taken, discarded ones included
    int receive(FrameBatch batch, int most, int bytes) {
        int count = Math.min(ring.waiting(), most);
        if (count <= 0) {
            return 0;
        }
        count = load(count);
        int taken = 0;
        if (ring.isEnabled()) {
            touch(count);
            int weight = 0;
            for (; taken < count && weight < bytes; taken++) {
                int more = take(batch, taken);
                if (more < 0) {
                    break;
                }
                weight += more;
            }
        } else {
            for (; taken < count; taken++) {
                batch.discard(Drop.LINK_DOWN);
            }
        }
        ring.consume(taken);
        lent = taken;
        return taken;
    }

    /// Gives the chains of the last [#receive] back to the guest.
    void release() {
        if (lent > 0) {
            int chains = lent;
            lent = 0;
            ring.publish(chains);
        }
    }

    /// Loads the first descriptor of each chain, writes the used entries and finds the frames of one buffer each.
    private int load(int count) {
        long descriptors = ring.descriptors();
        int size = ring.size();
        boolean usual = headerLength == VirtioNetHeader.LENGTH;
        for (int i = 0; i < count; i++) {
            int head = ring.head(i);
            if (head >= size) {
                ring.breakDown(RingFault.DESCRIPTOR_INDEX);
                return i;
            }
            heads[i] = head;
            long descriptor = descriptors + (long) head * SplitRing.DESCRIPTOR;
            long address = NativeMemory.getLong(descriptor);
            long rest = NativeMemory.getLong(descriptor + Long.BYTES);
            int length = (int) rest;
            long flags = rest >>> 32 & (SplitRing.NEXT | SplitRing.WRITE | SplitRing.INDIRECT);
            boolean simple = usual && flags == 0 && length >= SHORTEST && length <= LONGEST;
            lengths[i] = length;
            buffers[i] = simple ? memory.hostAddress(address, length) : 0;
            ring.use(i, head, 0);
        }
        return count;
    }

    /// Loads from the frames' first lines without using what is there.
    private void touch(int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long buffer = buffers[i];
            if (buffer != 0) {
                sum += NativeMemory.getByte(buffer) + NativeMemory.getByte(buffer + Math.min(lengths[i], LINE) - 1);
            }
        }
        touched = sum;
    }

    /// Takes one frame.
    ///
    /// @return what it counts for in bytes, or -1 if the ring has broken
    private int take(FrameBatch batch, int index) {
        long buffer = buffers[index];
        return buffer == 0 ? takeChain(batch, heads[index]) : takeBuffer(batch, buffer, lengths[index]);
    }

    private static int takeBuffer(FrameBatch batch, long buffer, int length) {
        long slot = batch.headSlot(batch.size());
        int split = Math.min(length, VirtioNetHeader.LENGTH + FrameBatch.MAX_HEAD);
        long header = FrameSlab.header(slot);
        VirtioNetHeader.copy(buffer, header);
        NativeMemory.copyWords(buffer + VirtioNetHeader.LENGTH, slot, split - VirtioNetHeader.LENGTH);
        long word = VirtioNetHeader.word(header);
        int frame = length - VirtioNetHeader.LENGTH;
        if (batch.addOffloadedHead(slot, split - VirtioNetHeader.LENGTH, frame) && split < length) {
            batch.addPiece(buffer + split, length - split);
        }
        return FrameBatch.weight(word, frame);
    }

    private int takeChain(FrameBatch batch, int head) {
        chain.clear();
        RingFault fault = chain.append(memory, ring, head, kind);
        if (fault == null && chain.total() < headerLength) {
            fault = RingFault.HEADER;
        }
        if (fault != null) {
            ring.breakDown(fault);
            return -1;
        }
        long length = chain.total() - headerLength;
        if (length > FrameSlab.MAX_FRAME) {
            batch.discard(Drop.TOO_LONG);
            return 1;
        }
        boolean scattered = chain.count() >= FrameBatch.MAX_RECEIVED_PIECES;
        long slot = scattered ? batch.slot(batch.size()) : batch.headSlot(batch.size());
        int split = (int) (scattered ? length : Math.min(length, FrameBatch.MAX_HEAD));
        long header = FrameSlab.header(slot);
        chain.copyOut(header, headerLength);
        chain.copyOut(slot, split);
        long word = VirtioNetHeader.word(header);
        if (batch.addOffloadedHead(slot, split, (int) length)) {
            for (; chain.isBeforeEnd(); chain.skip()) {
                batch.addPiece(chain.address(), chain.length());
            }
        }
        return FrameBatch.weight(word, (int) length);
    }
}
