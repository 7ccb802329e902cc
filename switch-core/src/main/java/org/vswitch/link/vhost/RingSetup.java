package org.vswitch.link.vhost;

import org.vswitch.linux.Fd;

/// Where a ring lies and how both sides signal, as the front-end said it.
///
/// Addresses are the front-end's own (user addresses); the device finds them in the memory it was given, and finds them
/// again when that is replaced.
///
/// @param size number of descriptors, a power of two, 1 to [#MAX_SIZE]
/// @param descriptors user address of the descriptor table
/// @param available user address of the available ring
/// @param used user address of the used ring
/// @param kick eventfd that the guest writes to, or null where the ring is to be polled
/// @param call eventfd that interrupts the guest, or null
/// @param error eventfd that says that the ring is broken, or null
record RingSetup(int size, long descriptors, long available, long used, Fd kick, Fd call, Fd error) {
    /// The most descriptors of a ring (virtio 1.2, 2.7).
    static final int MAX_SIZE = 32_768;

    /// Whether a number of descriptors is one that a ring may have.
    ///
    /// @param size any number
    /// @return true for a power of two within the limit
    static boolean isSize(long size) {
        return size > 0 && size <= MAX_SIZE && Long.bitCount(size) == 1;
    }

    /// Closes the descriptors.
    void close() {
        close(kick);
        close(call);
        close(error);
    }

    private static void close(Fd fd) {
        if (fd != null) {
            fd.close();
        }
    }
}
