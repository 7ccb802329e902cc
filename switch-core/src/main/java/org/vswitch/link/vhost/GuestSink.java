package org.vswitch.link.vhost;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.link.Link;
import org.vswitch.linux.Errno;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// A ring that a guest receives through: rows of a batch are copied into its buffers, from wherever they lie, which may
/// be another guest's memory.
///
/// Theory of operation. A frame fills one buffer, or with MRG_RXBUF as many as it takes. Nothing is published before
/// [#publish], so a frame that does not fit has taken nothing. What fits into one descriptor of one region goes a short
/// way, in two steps as with [GuestSource]: first descriptors are loaded, then frames copied.
///
/// A frame waits if the buffers there are do not hold it. But a guest that has given nearly all that it can give has no
/// more for it: the frame is refused then, and so is one that does not fit into a buffer where only one may be used
/// (virtio 1.2, 5.1.6.4).
///
/// Used by the data-plane thread. Allocates nothing.
final class GuestSink {
    /// A frame that no buffers of this guest can hold.
    private static final int TOO_LONG = Link.refused(Errno.EMSGSIZE.number());
    /// A frame that waited for another guest than the one that is there now.
    private static final int UNFIT = Link.refused(Errno.EOPNOTSUPP.number());
    private static final int FULL = 0;
    private static final int NUM_BUFFERS = 10;

    private final SplitRing ring;
    private final Chain chain;
    private final long scratch;
    private final int[] heads = new int[FrameBatch.CAPACITY];
    private final long[] addresses = new long[FrameBatch.CAPACITY];
    private final long[] rests = new long[FrameBatch.CAPACITY];
    private int[] chainHeads = new int[0];
    private long[] chainEnds = new long[0];
    private GuestMemory memory = GuestMemory.NONE;
    private long acked;
    private int headerLength;
    private boolean mergeable;
    private final long[] buffers = new long[FrameBatch.CAPACITY];
    private long touched;
    private int loadedFrom;
    private int loadedTo;
    private int filled;
    private boolean full;
    private int fullNeed;

    /// A sink that does not run.
    ///
    /// @param ring the guest's receive ring
    /// @param chain shared by the rings of the device
    /// @param scratch 16 bytes of native memory, shared likewise
    GuestSink(SplitRing ring, Chain chain, long scratch) {
        this.ring = ring;
        this.chain = chain;
        this.scratch = scratch;
    }

    SplitRing ring() {
        return ring;
    }

    /// What the guest has agreed to.
    ///
    /// @param bits of [VirtioFeatures]
    /// @param header bytes in front of a frame, 10 or 12
    void features(long bits, int header) {
        acked = bits;
        headerLength = header;
        mergeable = (bits & VirtioFeatures.MRG_RXBUF) != 0;
    }

    /// Replaces the guest's memory.
    void memory(GuestMemory replacement) {
        memory = replacement;
    }

    /// The ring has started.
    void start() {
        if (ring.size() > chainHeads.length) {
            chainHeads = new int[ring.size()];
            chainEnds = new long[ring.size()];
        }
        forget();
        full = false;
    }

    /// Whether frames wait for buffers.
    boolean isFull() {
        return full;
    }

    /// Copies frames into buffers, to be handed over by [#publish].
    ///
    /// @param batch where they are
    /// @param rows which, in order
    /// @param from index in `rows` of the first
    /// @param to index in `rows` behind the last
    /// @return as [Link#transmit]
    int transmit(FrameBatch batch, int[] rows, int from, int to) {
        if (full && !ring.hasMoved() && need(batch, rows[from]) >= fullNeed) {
            return FULL;
        }
        full = false;
        load(to - from);
        if (ring.isBroken()) {
            return Link.DOWN;
        }
        int result = FULL;
        int index = from;
        while (index < to) {
            result = put(batch, rows[index]);
            if (result <= 0) {
                break;
            }
            filled += result;
            index++;
        }
        return index > from ? index - from : result;
    }

    /// Leaves the guest the buffers that were filled, as if they were not.
    void forget() {
        filled = 0;
        loadedFrom = 0;
        loadedTo = 0;
    }

    /// Hands the filled buffers to the guest.
    void publish() {
        if (filled > 0) {
            int chains = filled;
            forget();
            ring.consume(chains);
            ring.publish(chains);
        }
    }

    private int need(FrameBatch batch, int row) {
        return headerLength + batch.length(row);
    }

    /// Loads the first descriptors of as many chains.
    private void load(int wanted) {
        int ready = ring.known() - filled;
        if (ready < wanted) {
            ready = ring.waiting() - filled;
        }
        loadedFrom = filled;
        loadedTo = filled;
        int count = Math.min(Math.min(ready, wanted), FrameBatch.CAPACITY);
        long descriptors = ring.descriptors();
        int size = ring.size();
        for (int i = 0; i < count; i++) {
            int head = ring.head(filled + i);
            if (head >= size) {
                break; // what comes there finds out
            }
            heads[i] = head;
            long descriptor = descriptors + (long) head * SplitRing.DESCRIPTOR;
            addresses[i] = NativeMemory.getLong(descriptor);
            rests[i] = NativeMemory.getLong(descriptor + Long.BYTES);
            loadedTo++;
        }
        touch(loadedTo - filled);
    }

    private void touch(int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            long rest = rests[i];
            long room = rest & 0xffff_ffffL;
            boolean simple = (rest >>> 32 & (SplitRing.NEXT | SplitRing.WRITE | SplitRing.INDIRECT)) == SplitRing.WRITE
                    && room > VirtioNetHeader.LENGTH && headerLength == VirtioNetHeader.LENGTH;
            long buffer = simple ? memory.hostAddress(addresses[i], room) : 0;
            buffers[i] = buffer;
            if (buffer != 0) {
                sum += NativeMemory.getByte(buffer) + NativeMemory.getByte(buffer + Math.min(room, 65) - 1);
            }
        }
        touched = sum;
    }

    /// Puts one frame into buffers.
    ///
    /// @return how many chains that took; or [#FULL]; or below [Link#GONE]
    private int put(FrameBatch batch, int row) {
        if (batch.offload(row) != 0 && !isFit(batch.offload(row))) {
            return UNFIT;
        }
        int need = need(batch, row);
        int index = filled - loadedFrom;
        if (filled < loadedTo && buffers[index] != 0 && (rests[index] & 0xffff_ffffL) >= need) {
            copy(batch, row, buffers[index]);
            ring.use(filled, heads[index], need);
            return 1;
        }
        return putIntoChains(batch, row, need);
    }

    private void copy(FrameBatch batch, int row, long buffer) {
        int first = VirtioNetHeader.LENGTH + batch.pieceLength(row, 0);
        long header = FrameSlab.header(batch.head(row));
        if (first <= VirtioNetHeader.LENGTH + FrameBatch.MAX_HEAD) {
            NativeMemory.copyWords(header, buffer, first);
        } else {
            NativeMemory.copy(header, buffer, first);
        }
        int pieces = batch.pieces(row);
        if (pieces > 1) {
            copyRest(batch, row, buffer + first, pieces);
        }
        if (batch.offload(row) != 0) {
            NativeMemory.putLong(buffer, understood(batch.offload(row)));
        }
        NativeMemory.putShort(buffer + NUM_BUFFERS, 1);
    }

    private static void copyRest(FrameBatch batch, int row, long to, int pieces) {
        long next = to;
        for (int piece = 1; piece < pieces; piece++) {
            int length = batch.pieceLength(row, piece);
            NativeMemory.copy(batch.pieceAddress(row, piece), next, length);
            next += length;
        }
    }

    private int putIntoChains(FrameBatch batch, int row, int need) {
        chain.clear();
        int chains = 0;
        do {
            if (filled + chains >= ring.known() && filled + chains >= ring.waiting()) {
                return ring.isBroken() ? Link.DOWN : wait(need, ring.known() - filled);
            }
            int head = ring.head(filled + chains);
            RingFault fault = head < ring.size()
                    ? chain.append(memory, ring, head, SplitRing.WRITE | tables()) : RingFault.DESCRIPTOR_INDEX;
            if (fault != null) {
                ring.breakDown(fault);
                return Link.DOWN;
            }
            chainHeads[chains] = head;
            chainEnds[chains++] = chain.total();
        } while (chain.total() < need && mergeable && chains < ring.size());
        if (chain.total() < need) {
            return TOO_LONG;
        }
        fill(batch, row, chains);
        long begin = 0;
        for (int i = 0; i < chains; i++) {
            ring.use(filled + i, chainHeads[i], (int) (Math.min(chainEnds[i], need) - begin));
            begin = chainEnds[i];
        }
        return chains;
    }

    private void fill(FrameBatch batch, int row, int chains) {
        VirtioNetHeader.write(scratch, understood(batch.offload(row)), batch.csumOffset(row));
        NativeMemory.putShort(scratch + NUM_BUFFERS, chains);
        chain.rewind();
        chain.copyIn(scratch, headerLength);
        for (int piece = 0; piece < batch.pieces(row); piece++) {
            chain.copyIn(batch.pieceAddress(row, piece), batch.pieceLength(row, piece));
        }
    }

    private int wait(int need, int available) {
        if (available >= ring.size() - ring.size() / 4) {
            return TOO_LONG;
        }
        full = true;
        fullNeed = need;
        return FULL;
    }

    private int tables() {
        return (acked & VirtioFeatures.INDIRECT_DESC) != 0 ? SplitRing.INDIRECT : 0;
    }

    private boolean isFit(long word) {
        long needed = VirtioFeatures.GUEST_CSUM | switch (VirtioNetHeader.gsoType(word) & ~VirtioNetHeader.GSO_ECN) {
            case VirtioNetHeader.GSO_NONE -> 0;
            case VirtioNetHeader.GSO_TCPV4 -> VirtioFeatures.GUEST_TSO4;
            case VirtioNetHeader.GSO_TCPV6 -> VirtioFeatures.GUEST_TSO6;
            default -> ~acked;
        };
        return (acked & needed) == needed;
    }

    /// The offload word without what this guest has not agreed to: the flag that tells of ECN, which only matters to
    /// whoever segments the frame after all.
    private long understood(long word) {
        return (acked & VirtioFeatures.GUEST_ECN) != 0 ? word : word & ~((long) VirtioNetHeader.GSO_ECN << 8);
    }
}
