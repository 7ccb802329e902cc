package org.vswitch.link;

/// What is left undone in frames, for whoever is last on their way.
public enum Offload {
    /// Nothing: frames are complete.
    NONE,
    /// Checksums.
    CHECKSUM,
    /// Checksums, and TCP is not segmented.
    TSO,
    /// Everything that the kernel knows: where it does, trains of UDP datagrams are not cut either.
    ALL;

    /// Whether as much as that is left undone.
    ///
    /// @param other what is asked about
    /// @return true for itself and everything less
    public boolean includes(Offload other) {
        return compareTo(other) >= 0;
    }
}
