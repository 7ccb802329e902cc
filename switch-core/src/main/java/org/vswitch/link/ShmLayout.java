package org.vswitch.link;

import org.vswitch.frame.SharedRing;

/// What lies where in the memory of a [ShmLink]: a page of positions, then the records of two rings.
///
/// ```
///   0  tail, 128  head     of the ring from the listening side to the other
/// 256  tail, 384  head     of the ring back
/// 512  how the listening side sleeps
/// 640  how the other side sleeps
/// ```
///
/// @param address where it is mapped
/// @param ringBytes capacity of each ring
record ShmLayout(long address, int ringBytes) {
    /// Bytes of a ring, unless a test wants another number: as much as may wait in one direction of any link.
    static final int RING_BYTES = 1 << 20;
    /// The least that holds the longest record, and leaves a quarter when three are full.
    static final int LEAST_RING = 1 << 18;
    private static final int MOST_RING = 1 << 26;
    private static final int RECORDS = 4096;

    /// Whether a ring may have this capacity.
    static boolean isRing(int bytes) {
        return Integer.bitCount(bytes) == 1 && bytes >= LEAST_RING && bytes <= MOST_RING;
    }

    /// How much memory two rings take.
    static long length(int ringBytes) {
        return RECORDS + 2L * SharedRing.recordBytes(ringBytes);
    }

    /// The ring that a side writes.
    ///
    /// @param listening which side
    SharedRing writtenBy(boolean listening) {
        long positions = address + (listening ? 0 : 2L * SharedRing.LINE);
        long records = address + RECORDS + (listening ? 0 : SharedRing.recordBytes(ringBytes));
        return new SharedRing(positions, positions + SharedRing.LINE, records, ringBytes);
    }

    /// Where a side says that it sleeps.
    ///
    /// @param listening which side
    long sleepOf(boolean listening) {
        return address + (listening ? 4L : 5L) * SharedRing.LINE;
    }
}
