package org.vswitch.slirp.host;

import org.vswitch.linux.NativeMemory;

/// A list of pieces of native memory for one gathering write or scattering read (`struct iovec[]`). Bounded; filled
/// anew for each call. Lives as long as the process: a stack has one or two.
public final class IoVector {
    /// The most pieces.
    public static final int CAPACITY = 64;

    // struct iovec { void *base; size_t len; }
    private static final int VECTOR = 16;
    private static final int VECTOR_LENGTH = 8;

    private final long address;
    private int count;
    private int length;

    /// Maps an empty vector.
    public IoVector() {
        address = NativeMemory.map(CAPACITY * VECTOR);
    }

    /// Forgets all pieces.
    public void clear() {
        count = 0;
        length = 0;
    }

    /// Appends a piece.
    ///
    /// @param pieceAddress of its first byte
    /// @param pieceLength in bytes
    /// @return false if the vector is full
    public boolean add(long pieceAddress, int pieceLength) {
        assert pieceLength >= 0;
        if (count == CAPACITY) {
            return false;
        }
        long vector = address + (long) count * VECTOR;
        NativeMemory.putLong(vector, pieceAddress);
        NativeMemory.putLong(vector + VECTOR_LENGTH, pieceLength);
        count++;
        length += pieceLength;
        return true;
    }

    /// How many pieces there are.
    ///
    /// @return 0 to [#CAPACITY]
    public int count() {
        return count;
    }

    /// Bytes of all pieces.
    ///
    /// @return a sum
    public int length() {
        return length;
    }

    /// Where a piece lies.
    ///
    /// @param index 0 to one below [#count]
    /// @return the address of its first byte
    public long pieceAddress(int index) {
        assert index < count;
        return NativeMemory.getLong(address + (long) index * VECTOR);
    }

    /// How long a piece is.
    ///
    /// @param index 0 to one below [#count]
    /// @return bytes
    public int pieceLength(int index) {
        assert index < count;
        return (int) NativeMemory.getLong(address + (long) index * VECTOR + VECTOR_LENGTH);
    }

    /// The array, for the kernel.
    long address() {
        return address;
    }
}
