package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.VirtioNetHeader;

/// Derived forms of the frames of a batch: tagged, untagged, checksummed, segmented (invariant 2).
///
/// Theory of operation. A form is made when the first egress port needs it and shared by all others, so at most once
/// per frame and form. It is a row of the same batch: an own head, with the offload header in front, and pieces
/// borrowed from the original. What is left to do moves with it: a tag shifts csum_start and hdr_len by 4. Heads come
/// from a slab that is used from its start again each pass. A form that cannot be made (no header slot, row or piece
/// left in this pass) is reported as [#NONE], and the frame counted as lost for that port.
public final class Variants {
    /// The most segments made in one pass.
    public static final int MAX_SEGMENTS = 4096;
    /// There is no such form.
    public static final int NONE = -1;

    /// Tag forms: each received frame may be needed untagged and with one tag; each form also checksummed.
    static final int ROWS = MAX_SEGMENTS + 6 * FrameBatch.CAPACITY;
    /// Pieces of all derived forms of a pass.
    static final int PIECES = 4 * ROWS;

    private static final int HEAD_ROOM = FrameBatch.MAX_HEAD + 2 * Ethernet.TAG_LENGTH;

    private final FrameBatch batch;
    private final FrameSlab heads = FrameSlab.forHeaders(ROWS, HEAD_ROOM);
    private final int[] tagged = new int[FrameBatch.CAPACITY];
    private final int[] untagged = new int[FrameBatch.CAPACITY];
    private int headsUsed;

    /// Forms of the frames of one batch.
    ///
    /// @param batch a batch made by [FrameBatch#forReceiving]
    public Variants(FrameBatch batch) {
        this.batch = batch;
    }

    /// Forgets all forms; to be called after each receive, before the first form is asked for.
    public void begin() {
        headsUsed = 0;
        java.util.Arrays.fill(tagged, 0, batch.size(), NONE);
        java.util.Arrays.fill(untagged, 0, batch.size(), NONE);
    }

    /// The frame with an 802.1Q tag, priority 0. A frame that has a tag already keeps it.
    ///
    /// @param row a received frame
    /// @param vid the VLAN it belongs to; always the same one for a frame
    /// @return the row of the form
    public int tagged(int row, int vid) {
        if (batch.isTagged(row)) {
            return row;
        }
        if (tagged[row] == NONE) {
            int split = Math.min(batch.headLength(row), FrameBatch.MAX_HEAD);
            long head = newHead();
            long original = batch.head(row);
            NativeMemory.copy(original, head, Ethernet.TAG_OFFSET);
            NetworkOrder.u16(head + Ethernet.TAG_OFFSET, Ethernet.TYPE_VLAN);
            NetworkOrder.u16(head + Ethernet.TAG_OFFSET + 2, vid);
            NativeMemory.copy(original + Ethernet.TAG_OFFSET, head + Ethernet.HEADER_LENGTH + 2,
                    split - Ethernet.TAG_OFFSET);
            tagged[row] = derive(row, head, split, Ethernet.TAG_LENGTH);
        }
        return tagged[row];
    }

    /// The frame without its 802.1Q tag. A frame that has none stays as it is.
    ///
    /// @param row a received frame, at least 18 bytes long if tagged
    /// @return the row of the form
    public int untagged(int row) {
        if (!batch.isTagged(row)) {
            return row;
        }
        if (untagged[row] == NONE) {
            int split = batch.headLength(row);
            long head = newHead();
            long original = batch.head(row);
            NativeMemory.copy(original, head, Ethernet.TAG_OFFSET);
            NativeMemory.copy(original + Ethernet.TAG_OFFSET + Ethernet.TAG_LENGTH, head + Ethernet.TAG_OFFSET,
                    split - Ethernet.TAG_OFFSET - Ethernet.TAG_LENGTH);
            untagged[row] = derive(row, head, split, -Ethernet.TAG_LENGTH);
        }
        return untagged[row];
    }

    /// The frame with its checksum completed, for a link that cannot leave that to the receiver.
    ///
    /// @param row a received frame or a tag form that needs a checksum and is no super-frame
    /// @return the row of the form, or [#NONE]
    public int checksummed(int row) {
        return NONE;
    }

    /// The segments of a super-frame, complete with checksums: [#segmentCount] consecutive rows.
    ///
    /// @param row a received frame or a tag form that is a super-frame
    /// @return the row of the first segment, or [#NONE] where the pass has no room for all of them
    public int segmented(int row) {
        return NONE;
    }

    /// How many segments a super-frame has.
    ///
    /// @param row as given to [#segmented]
    /// @return at least 1
    public int segmentCount(int row) {
        int payload = batch.length(row) - VirtioNetHeader.headerLength(batch.offload(row));
        int size = VirtioNetHeader.gsoSize(batch.offload(row));
        return Math.max(1, (payload + size - 1) / size);
    }

    private long newHead() {
        return heads.frame(headsUsed++);
    }

    /// Appends a row: a new head that replaces the first `split` bytes, then what is left of the original.
    private int derive(int row, long head, int split, int growth) {
        long word = VirtioNetHeader.shifted(batch.offload(row), growth);
        VirtioNetHeader.write(FrameSlab.header(head), word, batch.csumOffset(row));
        int derived = batch.appendDerived(head, split + growth, word, batch.csumOffset(row));
        borrow(row, split);
        return derived;
    }

    private void borrow(int row, int from) {
        int skip = from;
        for (int piece = 0; piece < batch.pieces(row); piece++) {
            int bytes = batch.pieceLength(row, piece);
            if (skip < bytes) {
                batch.addPiece(batch.pieceAddress(row, piece) + skip, bytes - skip);
            }
            skip = Math.max(0, skip - bytes);
        }
    }
}
