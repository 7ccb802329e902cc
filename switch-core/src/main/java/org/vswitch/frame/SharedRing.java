package org.vswitch.frame;

import org.vswitch.linux.NativeMemory;

/// Where a ring of frames between two processes lies: memory that both have mapped, and that the other one may write
/// whatever it likes into at any time.
///
/// ```
/// tail 8, alone on 128 bytes   how far the producer has written
/// head 8, alone on 128 bytes   how far the consumer has read
/// records                      capacity bytes, and room behind them for one more record
///
/// 0        4                  16
/// | length | virtio_net_hdr   | frame ...      | to a multiple of 16
/// ```
///
/// Theory of operation. Positions are bytes since the beginning, and never go back. Each is stored by one side, once a
/// batch, with release order, and loaded by the other with acquire order, once a batch: what moves between two caches
/// for a batch is two lines and the records. A record that reaches the end of the ring goes on behind it, where there
/// is room for the longest, so that none is ever in two pieces, and there is no padding to be believed.
///
/// Neither side believes the other. It keeps its own position for itself, and what it stores there is only said, never
/// read back. A position loaded must not go back, nor be where it cannot be: ahead of the producer, or more than the
/// capacity away. A length is loaded once and must lie within what is published. Then every address is one in the ring,
/// and each side's loop ends, whatever the other does. A ring that makes no sense is not used any more.
///
/// This layout rather than that of [FrameRing]: Agrona's producer reads what it wrote itself, and one position a batch
/// beats one length a record.
///
/// @param tail where the producer's position is stored
/// @param head where the consumer's position is stored
/// @param records where the records begin
/// @param capacity how many bytes of records there may be at a time, a power of two
public record SharedRing(long tail, long head, long records, int capacity) {
    /// Bytes of a position and of what is kept clear around it: processors fetch cache lines in pairs.
    public static final int LINE = 128;
    /// Bytes in front of a frame.
    static final int RECORD_HEADER = 16;
    /// The offload header's place in a record, directly in front of the frame.
    static final int OFFLOAD = Integer.BYTES;
    private static final int ALIGNMENT = 16;
    private static final int PAGE = 4096;

    /// How much memory the records of a ring take.
    ///
    /// @param capacity as above
    /// @return bytes, in whole pages
    public static int recordBytes(int capacity) {
        return capacity + size(FrameSlab.MAX_FRAME) + PAGE - 1 & -PAGE;
    }

    /// Bytes that wait, as either side says; for people.
    ///
    /// @return 0 to the capacity
    int used() {
        return Math.clamp(NativeMemory.getLongAcquire(tail) - NativeMemory.getLongAcquire(head), 0, capacity);
    }

    /// Bytes of a record.
    ///
    /// @param length of its frame
    static int size(int length) {
        return RECORD_HEADER + length + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /// Whether something can be a position at all.
    static boolean isAligned(long position) {
        return position % ALIGNMENT == 0;
    }

    /// Where the record at a position lies.
    long record(long position) {
        return records + (position & capacity - 1);
    }
}
