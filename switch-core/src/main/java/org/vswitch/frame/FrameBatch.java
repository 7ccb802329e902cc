package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.Checksum;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.VirtioNetHeader;

/// At most 64 received frames and the forms derived from them, as columns and pieces (invariants 1 to 3).
///
/// Theory of operation. A frame is a row of columns (addresses, type, tag, length, offload) that were read once, and 1
/// to [#MAX_RECEIVED_PIECES] pieces of memory. Piece 0 begins with the *head*, up to 128 bytes that are ours and do not
/// change; decisions read only columns and head. The 12 bytes in front of piece 0 always hold the frame's offload
/// header. A datagram in one of our slots is the case of one piece. Further pieces may be memory that somebody else can
/// change; nothing in them is trusted, they are only sent.
///
/// Nothing is changed in place. Rows behind the received ones are derived forms (see [Variants]): a head of their own
/// and pieces borrowed from the original. A link is handed row numbers, and need not know which kind they are.
/// Rows live from receive() to release() within one pass of one data-plane thread.
public final class FrameBatch {
    /// The most frames one receive may bring.
    public static final int CAPACITY = 64;
    /// The most pieces of a row of any kind: the longest frame in a backlog's blocks has 34.
    public static final int MAX_PIECES = 36;
    /// The most pieces of a received frame. A derived form may have one more: its own head.
    public static final int MAX_RECEIVED_PIECES = 20;
    /// Bytes at the start of a frame that decisions may read.
    public static final int MAX_HEAD = 128;

    /// What a segment or datagram of a super-frame counts for at least, so that those of a batch are not more than can
    /// be derived in a pass ([Variants#MAX_SEGMENTS]).
    private static final int SEGMENT_BYTES = 1024;

    private final FrameSlab slab;
    private final FrameSlab heads;
    private final int piecesPerFrame;
    private final long[] destination;
    private final long[] source;
    private final int[] typeAndTci;
    private final int[] length;
    private final long[] offloadWord;
    private final int[] csumOffset;
    private final int[] firstPiece;
    private final int[] pieceCount;
    private final long[] pieceAddress;
    private final int[] pieceLength;
    private final long[] discarded = new long[Drop.COUNT];
    private int size;
    private int wanted = CAPACITY;
    private int wantedBytes = Integer.MAX_VALUE;
    private int rows;
    private int piecesUsed;
    private int discards;
    private int longest;
    private boolean offloads;

    private FrameBatch(FrameSlab slab, int piecesPerFrame, int derivedRows, int derivedPieces) {
        int rows = CAPACITY + derivedRows;
        int pieces = CAPACITY * piecesPerFrame + derivedPieces;
        this.slab = slab;
        heads = slab == null ? null : FrameSlab.forHeaders(CAPACITY, MAX_HEAD);
        this.piecesPerFrame = piecesPerFrame;
        destination = new long[rows];
        source = new long[rows];
        typeAndTci = new int[rows];
        length = new int[rows];
        offloadWord = new long[rows];
        csumOffset = new int[rows];
        firstPiece = new int[rows];
        pieceCount = new int[rows];
        pieceAddress = new long[pieces];
        pieceLength = new int[pieces];
    }

    /// A batch that links receive into, with a slot for each frame and room for derived forms.
    ///
    /// @return an empty batch
    public static FrameBatch forReceiving() {
        return new FrameBatch(FrameSlab.forFrames(CAPACITY), MAX_RECEIVED_PIECES, Variants.ROWS, Variants.PIECES);
    }

    /// A batch of frames that lie elsewhere, such as a backlog's.
    ///
    /// @return an empty batch without slots
    public static FrameBatch forSending() {
        return new FrameBatch(null, MAX_PIECES, 0, 0);
    }

    /// Gives the slots back, if there are any; no frame may be received or read afterwards.
    public void free() {
        if (slab != null) {
            slab.free();
            heads.free();
        }
    }

    /// Forgets all frames.
    public void clear() {
        size = 0;
        rows = 0;
        piecesUsed = 0;
        longest = 0;
        offloads = false;
        if (discards > 0) {
            java.util.Arrays.fill(discarded, 0);
            discards = 0;
        }
    }

    /// How many frames a link should look for: one, where more are not likely, or as many as fit. To look for a second
    /// datagram costs a link as much as a third of receiving the first.
    ///
    /// @return 1 to [#CAPACITY]
    public int wanted() {
        return wanted;
    }

    /// Sets how many frames a link should look for.
    ///
    /// @param frames 1 to [#CAPACITY]
    public void wanted(int frames) {
        wanted = frames;
    }

    /// After how many bytes a link should stop looking.
    ///
    /// @return 1 or more
    public int wantedBytes() {
        return wantedBytes;
    }

    /// Sets after how many bytes a link should stop looking; for links that bring super-frames.
    ///
    /// @param bytes 1 or more
    public void wantedBytes(int bytes) {
        wantedBytes = bytes;
    }

    /// What a frame counts for, as bytes after which a link stops looking.
    ///
    /// @param word its offload word, not yet checked
    /// @param length in bytes
    /// @return bytes, more than there are where it has many small segments
    public static int weight(long word, int length) {
        int size = VirtioNetHeader.gsoType(word) == VirtioNetHeader.GSO_NONE ? 0 : VirtioNetHeader.gsoSize(word);
        return size == 0 || size >= SEGMENT_BYTES ? length : (length / size + 1) * SEGMENT_BYTES;
    }

    /// Where the head of a frame may be copied to whose rest stays where it is. These places lie closer together than
    /// slots, so that the heads of a batch stay in the first cache.
    ///
    /// @param index 0 to 63
    /// @return the first byte; [#MAX_HEAD] bytes of room, the offload header in front
    public long headSlot(int index) {
        return heads.frame(index);
    }

    /// A slot's frame address: where a link may receive into.
    ///
    /// @param index 0 to 63
    /// @return the first byte; [FrameSlab#MAX_FRAME] bytes of room, the offload header in front
    public long slot(int index) {
        return slab.frame(index);
    }

    /// Appends a received frame that needs no offload; writes the empty offload header in front of it.
    ///
    /// @param address its first byte, in a slot
    /// @param bytes its length; frames too short or too long are counted as discarded instead
    public void addFrame(long address, int bytes) {
        if (isAcceptable(address, bytes)) {
            VirtioNetHeader.write(FrameSlab.header(address), 0, 0);
            append(address, bytes, 0, 0);
        }
    }

    /// Appends a received frame with the offload header that lies in front of it. The header is checked; the rows show
    /// its canonical form (hdr_len computed, unknown flags cleared), and so does the memory in front of the frame.
    ///
    /// @param address its first byte, in a slot
    /// @param bytes its length; frames too short, too long or with a bad header are counted as discarded instead
    public void addOffloadedFrame(long address, int bytes) {
        addOffloadedHead(address, bytes, bytes);
    }

    /// The same for a frame of which only the head is there; the caller then adds the rest with [#addPiece].
    ///
    /// @param address its first byte, in a slot or a place for heads
    /// @param head length of this first piece: all of the frame or 128 at least
    /// @param bytes length of the whole frame
    /// @return whether it was appended; otherwise it was counted as discarded, and nothing is to be added
    public boolean addOffloadedHead(long address, int head, int bytes) {
        if (!isAcceptable(address, bytes)) {
            return false;
        }
        long header = FrameSlab.header(address);
        long word = VirtioNetHeader.word(header);
        int offset = VirtioNetHeader.csumOffset(header);
        long checked = OffloadCheck.canonical(word, offset, address, bytes);
        if (checked == OffloadCheck.INVALID) {
            discard(Drop.BAD_OFFLOAD);
            return false;
        }
        int kept = checked == 0 ? 0 : offset;
        VirtioNetHeader.write(header, checked, kept);
        append(address, head, checked, kept);
        return true;
    }

    /// Appends a frame whose head lies at an address of ours with its checked offload header in front; further pieces
    /// may follow with [#addPiece].
    ///
    /// @param address first byte of the head
    /// @param bytes length of this first piece: all of the frame or 128 at least; 14 at least, 18 if tagged
    /// @param word canonical offload word
    /// @param offset csum_offset
    /// @return the row
    public int append(long address, int bytes, long word, int offset) {
        assert rows == size && size < CAPACITY : "size=" + size + " rows=" + rows;
        int row = appendDerived(address, bytes, word, offset);
        size = rows;
        longest = Math.max(longest, bytes);
        offloads |= word != 0;
        return row;
    }

    /// Appends a row behind the received frames: a derived form.
    ///
    /// @param address first byte of its own head
    /// @param bytes length of this first piece, at least 14; 18 if tagged
    /// @param word canonical offload word
    /// @param offset csum_offset
    /// @return the row
    int appendDerived(long address, int bytes, long word, int offset) {
        int row = rows++;
        destination[row] = Ethernet.destination(address);
        source[row] = Ethernet.source(address);
        int type = Ethernet.type(address);
        typeAndTci[row] = type << 16 | (type == Ethernet.TYPE_VLAN ? Ethernet.tci(address) : 0);
        length[row] = bytes;
        offloadWord[row] = word;
        csumOffset[row] = offset;
        firstPiece[row] = piecesUsed;
        pieceCount[row] = 1;
        pieceAddress[piecesUsed] = address;
        pieceLength[piecesUsed++] = bytes;
        return row;
    }

    /// Appends a piece to the row appended last.
    ///
    /// @param address its first byte
    /// @param bytes its length, 1 or more
    public void addPiece(long address, int bytes) {
        int row = rows - 1;
        assert bytes > 0 && (row >= size || pieceCount[row] < piecesPerFrame) : "length=" + bytes;
        pieceAddress[piecesUsed] = address;
        pieceLength[piecesUsed++] = bytes;
        pieceCount[row]++;
        length[row] += bytes;
        if (row < size) {
            longest = Math.max(longest, length[row]);
        }
    }

    /// Counts a frame that was received but is not in the batch.
    ///
    /// @param reason why
    public void discard(Drop reason) {
        discarded[reason.ordinal()]++;
        discards++;
    }

    /// Counts frames that were received but are not in the batch.
    ///
    /// @param reason why
    /// @param frames how many
    public void discard(Drop reason, int frames) {
        discarded[reason.ordinal()] += frames;
        discards += frames;
    }

    /// How many frames this receive discarded.
    ///
    /// @return since [#clear]
    public int discards() {
        return discards;
    }

    /// How many frames this receive discarded for a reason.
    ///
    /// @param reason why
    /// @return since [#clear]
    public long discarded(Drop reason) {
        return discarded[reason.ordinal()];
    }

    /// How many received frames there are: rows 0 to `size() - 1`.
    ///
    /// @return 0 to 64
    public int size() {
        return size;
    }

    /// How many rows there are, derived forms included.
    ///
    /// @return at least [#size]
    public int rows() {
        return rows;
    }

    /// Whether any received frame asks for a checksum or segmentation.
    ///
    /// @return false if all offload words are 0
    public boolean hasOffloads() {
        return offloads;
    }

    /// The received frames' lengths together.
    ///
    /// @return bytes
    public long bytes() {
        long sum = 0;
        for (int row = 0; row < size; row++) {
            sum += length[row];
        }
        return sum;
    }

    /// The length of the longest received frame.
    ///
    /// @return bytes; 0 if there is none
    public int longest() {
        return longest;
    }

    /// The receiver's address.
    ///
    /// @param row a frame
    /// @return a MAC address
    public long destination(int row) {
        return destination[row];
    }

    /// The sender's address.
    ///
    /// @param row a frame
    /// @return a MAC address
    public long source(int row) {
        return source[row];
    }

    /// Whether addresses, type and tag are those of the row in front of it.
    ///
    /// @param row a frame, not the first
    /// @return true if what the bridge looks at is the same
    public boolean hasHeaderOfPrevious(int row) {
        return destination[row] == destination[row - 1] && source[row] == source[row - 1]
                && typeAndTci[row] == typeAndTci[row - 1];
    }

    /// Whether the frame carries an 802.1Q tag.
    ///
    /// @param row a frame
    /// @return true if type 0x8100 stands behind the addresses
    public boolean isTagged(int row) {
        return typeAndTci[row] >>> 16 == Ethernet.TYPE_VLAN;
    }

    /// The type behind the addresses.
    ///
    /// @param row a frame
    /// @return 0x8100 if tagged
    public int type(int row) {
        return typeAndTci[row] >>> 16;
    }

    /// The tag control information.
    ///
    /// @param row a tagged frame
    /// @return priority, DEI and VID; 0 if there is no tag
    public int tci(int row) {
        return typeAndTci[row] & 0xffff;
    }

    /// The frame's length.
    ///
    /// @param row a frame
    /// @return bytes, without the offload header
    public int length(int row) {
        return length[row];
    }

    /// What is left to do to the frame.
    ///
    /// @param row a frame
    /// @return an offload word ([VirtioNetHeader]), 0 for nothing
    public long offload(int row) {
        return offloadWord[row];
    }

    /// How many frames a link gets for this one that takes no super-frames.
    ///
    /// @param row a frame
    /// @return at least 1
    public int segments(int row) {
        long word = offloadWord[row];
        return VirtioNetHeader.gsoType(word) == VirtioNetHeader.GSO_NONE ? 1 : Segments.count(word, length[row]);
    }

    /// Where the checksum goes.
    ///
    /// @param row a frame whose offload word needs a checksum
    /// @return bytes from csum_start
    public int csumOffset(int row) {
        return csumOffset[row];
    }

    /// The first byte of the head, the offload header in front.
    ///
    /// @param row a frame
    /// @return an address in our memory
    public long head(int row) {
        return pieceAddress[firstPiece[row]];
    }

    /// How much of the frame decisions may read.
    ///
    /// @param row a frame
    /// @return up to 128 bytes
    public int headLength(int row) {
        return Math.min(MAX_HEAD, pieceLength[firstPiece[row]]);
    }

    /// How many pieces the frame has.
    ///
    /// @param row a frame
    /// @return 1 to [#MAX_PIECES]
    public int pieces(int row) {
        return pieceCount[row];
    }

    /// Where a piece lies.
    ///
    /// @param row a frame
    /// @param piece 0 to one below [#pieces]
    /// @return its first byte
    public long pieceAddress(int row, int piece) {
        return pieceAddress[firstPiece[row] + piece];
    }

    /// How long a piece is.
    ///
    /// @param row a frame
    /// @param piece 0 to one below [#pieces]
    /// @return bytes
    public int pieceLength(int row, int piece) {
        return pieceLength[firstPiece[row] + piece];
    }

    /// Copies a whole frame, without the offload header.
    ///
    /// @param row a frame
    /// @param to room for [#length] bytes
    public void copyTo(int row, long to) {
        long next = to;
        for (int piece = 0; piece < pieceCount[row]; piece++) {
            NativeMemory.copy(pieceAddress(row, piece), next, pieceLength(row, piece));
            next += pieceLength(row, piece);
        }
    }

    /// Sums 16-bit words from a place in the frame to its end.
    ///
    /// @param row a frame
    /// @param from offset of the first byte
    /// @return as [Checksum#sum]
    int sum(int row, int from) {
        int sum = 0;
        int skip = from;
        int summed = 0;
        for (int piece = 0; piece < pieceCount[row]; piece++) {
            int bytes = pieceLength(row, piece) - skip;
            if (bytes > 0) {
                sum = Checksum.combine(sum, Checksum.sum(pieceAddress(row, piece) + skip, bytes), summed);
                summed += bytes;
            }
            skip = Math.max(0, -bytes);
        }
        return sum;
    }

    /// Counts a frame that cannot be one of ours. A tag that is cut off would be looked up beyond the frame's end.
    private boolean isAcceptable(long address, int bytes) {
        if (bytes < Ethernet.HEADER_LENGTH || bytes < Ethernet.HEADER_LENGTH + Ethernet.TAG_LENGTH
                && Ethernet.type(address) == Ethernet.TYPE_VLAN) {
            discard(Drop.TOO_SHORT);
            return false;
        }
        if (bytes > FrameSlab.MAX_FRAME) {
            discard(Drop.TOO_LONG);
            return false;
        }
        return true;
    }
}
