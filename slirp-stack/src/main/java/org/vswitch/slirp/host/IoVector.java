package org.vswitch.slirp.host;

/// A list of pieces of native memory for one gathering write or scattering read (`struct iovec[]`). Bounded; filled anew
/// for each call.
public interface IoVector {
    /// The most pieces.
    int CAPACITY = 64;

    /// Forgets all pieces.
    void clear();

    /// Appends a piece.
    ///
    /// @param address of its first byte
    /// @param length in bytes
    /// @return false if the vector is full
    boolean add(long address, int length);

    /// How many pieces there are.
    ///
    /// @return 0 to [#CAPACITY]
    int count();

    /// Bytes of all pieces.
    ///
    /// @return a sum
    int length();
}
