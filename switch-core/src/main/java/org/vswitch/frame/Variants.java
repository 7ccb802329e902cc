package org.vswitch.frame;

import java.util.Arrays;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Checksum;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.NetworkOrder;
import org.vswitch.wire.Udp;
import org.vswitch.wire.VirtioNetHeader;

/// Derived forms of the frames of a batch: tagged, untagged, checksummed, segmented (invariant 2).
///
/// Theory of operation. A form is made when the first egress port needs it and shared by all others, so at most once
/// per frame and form. It is a row of the same batch: an own head, with the offload header in front, and pieces
/// borrowed from the original. What is left to do moves with it: a tag shifts csum_start and hdr_len by 4. Heads come
/// from a slab that is used from its start again each pass.
///
/// Room is there by construction. A received frame has one tag form at most (untagged if it came tagged, else tagged),
/// and each of these two one complete form: a checksummed row or segments. Segments alone have a budget for the pass;
/// where it is used up the form is [#NONE], and the frame counted as lost for that port.
public final class Variants {
    /// The most segments made in one pass.
    public static final int MAX_SEGMENTS = 4096;
    /// There is no such form.
    public static final int NONE = -1;

    /// The most rows of derived forms in a pass.
    static final int ROWS = MAX_SEGMENTS + 3 * FrameBatch.CAPACITY;
    /// The most pieces of derived forms in a pass: an own head each; what a frame has lies behind it, and each boundary
    /// between segments may cut a piece in two.
    static final int PIECES = 2 * MAX_SEGMENTS + 3 * FrameBatch.CAPACITY * (FrameBatch.MAX_RECEIVED_PIECES + 1);

    private static final int HEAD_ROOM = FrameBatch.MAX_HEAD + Ethernet.TAG_LENGTH;

    private final FrameBatch batch;
    private final FrameSlab heads = FrameSlab.forHeaders(ROWS, HEAD_ROOM);
    private final Segments segments = new Segments();
    private final int[] tagForm = new int[FrameBatch.CAPACITY];
    /// By row of a received frame or tag form: its checksummed form, or the first of its segments.
    private final int[] completeForm = new int[FrameBatch.CAPACITY + ROWS];
    private int headsUsed;
    private int segmentsUsed;
    private int nextPiece;
    private int nextOffset;

    /// Forms of the frames of one batch.
    ///
    /// @param batch a batch made by [FrameBatch#forReceiving]
    public Variants(FrameBatch batch) {
        this.batch = batch;
    }

    /// Gives the heads back; no form may be asked for afterwards.
    public void free() {
        heads.free();
    }

    /// Forgets all forms; to be called after each receive, before the first form is asked for.
    public void begin() {
        headsUsed = 0;
        segmentsUsed = 0;
        Arrays.fill(tagForm, 0, batch.size(), NONE);
        Arrays.fill(completeForm, 0, batch.size(), NONE);
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
        if (tagForm[row] == NONE) {
            int split = batch.headLength(row);
            long head = newHead();
            long original = batch.head(row);
            NativeMemory.copy(original, head, Ethernet.TAG_OFFSET);
            NetworkOrder.u16(head + Ethernet.TAG_OFFSET, Ethernet.TYPE_VLAN);
            NetworkOrder.u16(head + Ethernet.TAG_OFFSET + 2, vid);
            NativeMemory.copy(original + Ethernet.TAG_OFFSET, head + Ethernet.TAG_OFFSET + Ethernet.TAG_LENGTH,
                    split - Ethernet.TAG_OFFSET);
            tagForm[row] = deriveTagForm(row, head, split, Ethernet.TAG_LENGTH);
        }
        return tagForm[row];
    }

    /// The frame without its 802.1Q tag. A frame that has none stays as it is.
    ///
    /// @param row a received frame
    /// @return the row of the form
    public int untagged(int row) {
        if (!batch.isTagged(row)) {
            return row;
        }
        if (tagForm[row] == NONE) {
            int split = batch.headLength(row);
            long head = newHead();
            long original = batch.head(row);
            NativeMemory.copy(original, head, Ethernet.TAG_OFFSET);
            NativeMemory.copy(original + Ethernet.TAG_OFFSET + Ethernet.TAG_LENGTH, head + Ethernet.TAG_OFFSET,
                    split - Ethernet.TAG_OFFSET - Ethernet.TAG_LENGTH);
            tagForm[row] = deriveTagForm(row, head, split, -Ethernet.TAG_LENGTH);
        }
        return tagForm[row];
    }

    /// The frame with its checksum completed, for a link that cannot leave that to the receiver.
    ///
    /// @param row a received frame or a tag form that needs a checksum and is no super-frame
    /// @return the row of the form
    public int checksummed(int row) {
        if (completeForm[row] == NONE) {
            int split = ownHead(row);
            long head = newHead();
            NativeMemory.copy(batch.head(row), head, split);
            int derived = appendComplete(head, split);
            seek(row, split);
            borrow(row, batch.length(row) - split);
            complete(derived, VirtioNetHeader.csumStart(batch.offload(row)), batch.csumOffset(row));
            completeForm[row] = derived;
        }
        return completeForm[row];
    }

    /// The segments of a super-frame, complete with checksums: [#segmentCount] consecutive rows.
    ///
    /// @param row a received frame or a tag form that is a super-frame
    /// @return the row of the first segment, or [#NONE] where the pass has no room for all of them
    public int segmented(int row) {
        int count = segmentCount(row);
        if (completeForm[row] == NONE && segmentsUsed + count <= MAX_SEGMENTS) {
            segmentsUsed += count;
            completeForm[row] = batch.rows();
            segments.wrap(batch, row);
            seek(row, segments.headerLength());
            for (int index = 0; index < count; index++) {
                long head = newHead();
                segments.emitHead(head, index);
                int derived = appendComplete(head, segments.headerLength());
                borrow(row, segments.payloadLength(index));
                complete(derived, segments.transport(), batch.csumOffset(row));
            }
        }
        return completeForm[row];
    }

    /// How many segments a super-frame has.
    ///
    /// @param row as given to [#segmented]
    /// @return at least 1
    public int segmentCount(int row) {
        return Segments.count(batch.offload(row), batch.length(row));
    }

    private long newHead() {
        return heads.frame(headsUsed++);
    }

    /// The bytes in front of the row that are ours: a received frame's head, or a tag form's own head, which may be
    /// longer by a tag.
    private int ownHead(int row) {
        return row < batch.size() ? batch.headLength(row) : batch.pieceLength(row, 0);
    }

    /// Appends a row: a new head that replaces the first `split` bytes, then what is left of the original.
    private int deriveTagForm(int row, long head, int split, int growth) {
        long word = VirtioNetHeader.shifted(batch.offload(row), growth);
        VirtioNetHeader.write(FrameSlab.header(head), word, batch.csumOffset(row));
        int derived = batch.appendDerived(head, split + growth, word, batch.csumOffset(row));
        seek(row, split);
        borrow(row, batch.length(row) - split);
        completeForm[derived] = NONE;
        return derived;
    }

    /// Appends a row to which nothing is left to do once its checksum is there.
    private int appendComplete(long head, int length) {
        VirtioNetHeader.write(FrameSlab.header(head), 0, 0);
        return batch.appendDerived(head, length, 0, 0);
    }

    /// Replaces the pseudo header's sum in the checksum field by the checksum.
    private void complete(int row, int csumStart, int csumOffset) {
        int checksum = Checksum.complement(batch.sum(row, csumStart));
        NetworkOrder.u16(batch.head(row) + csumStart + csumOffset,
                csumOffset == Udp.CHECKSUM_OFFSET ? Udp.transmitted(checksum) : checksum);
    }

    /// Goes to a place in a frame from which [#borrow] goes on.
    private void seek(int row, int offset) {
        nextPiece = 0;
        nextOffset = offset;
        while (nextPiece < batch.pieces(row) && nextOffset >= batch.pieceLength(row, nextPiece)) {
            nextOffset -= batch.pieceLength(row, nextPiece++);
        }
    }

    /// Lends the next bytes of a frame to the row appended last.
    private void borrow(int row, int length) {
        int left = length;
        while (left > 0) {
            int there = batch.pieceLength(row, nextPiece) - nextOffset;
            int part = Math.min(left, there);
            if (part > 0) {
                batch.addPiece(batch.pieceAddress(row, nextPiece) + nextOffset, part);
            }
            left -= part;
            nextOffset += part;
            if (part == there) {
                nextPiece++;
                nextOffset = 0;
            }
        }
    }
}
