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
/// way: first the descriptors of all frames are loaded, then the lines they name are claimed, then frames are copied.
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
    /// A byte this far behind the first one lies in the next line of the cache.
    private static final int LINE = 64 + 1;

    private final SplitRing ring;
    private final Chain chain;
    private final long scratch;
    private final int[] heads = new int[FrameBatch.CAPACITY];
    private final long[] rooms = new long[FrameBatch.CAPACITY];
    private int[] chainHeads = new int[0];
    private long[] chainEnds = new long[0];
    private GuestMemory memory = GuestMemory.NONE;
    private long acked;
    private int headerLength;
    private boolean mergeable;
    private final long[] buffers = new long[FrameBatch.CAPACITY];
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
        boolean usual = headerLength == VirtioNetHeader.LENGTH;
        for (int i = 0; i < count; i++) {
            int head = ring.head(filled + i);
            if (head >= size) {
                break; // what comes there finds out
            }
            heads[i] = head;
            long descriptor = descriptors + (long) head * SplitRing.DESCRIPTOR;
            long address = NativeMemory.getLong(descriptor);
            long rest = NativeMemory.getLong(descriptor + Long.BYTES);
            long room = rest & 0xffff_ffffL;
            long flags = rest >>> 32 & (SplitRing.NEXT | SplitRing.WRITE | SplitRing.INDIRECT);
            boolean simple = usual && flags == SplitRing.WRITE && room > VirtioNetHeader.LENGTH;
            rooms[i] = room;
            buffers[i] = simple ? memory.hostAddress(address, room) : 0;
            loadedTo++;
        }
        claim(loadedTo - filled);
    }

    /// Stores into the first lines of the buffers, which are not the guest's before [#publish]. A processor goes on
    /// behind a store while the line is still on its way, so this has many lines fetched at once, and to be written.
    private void claim(int count) {
        for (int i = 0; i < count; i++) {
            long buffer = buffers[i];
            if (buffer != 0) {
                NativeMemory.putByte(buffer, 0);
                NativeMemory.putByte(buffer + Math.min(rooms[i], LINE) - 1, 0);
            }
        }
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
        if (filled < loadedTo && buffers[index] != 0 && rooms[index] >= need) {
            copy(batch, row, buffers[index]);
            ring.use(filled, heads[index], need);
            return 1;
        }
        return putIntoChains(batch, row, need);
    }

    private void copy(FrameBatch batch, int row, long buffer) {
        long word = batch.offload(row);
        VirtioNetHeader.write(buffer, understood(word), batch.csumOffset(row), 1);
        long frame = buffer + VirtioNetHeader.LENGTH;
        int first = batch.pieceLength(row, 0);
        if (first <= FrameBatch.MAX_HEAD) {
            NativeMemory.copyWords(batch.head(row), frame, first);
        } else {
            NativeMemory.copy(batch.head(row), frame, first);
        }
        int pieces = batch.pieces(row);
        if (pieces > 1) {
            copyRest(batch, row, frame + first, pieces);
        }
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
        VirtioNetHeader.write(scratch, understood(batch.offload(row)), batch.csumOffset(row), chains);
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
