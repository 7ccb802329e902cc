package org.vswitch.link.vhost;

import org.vswitch.linux.NativeMemory;

/// The memory of one chain of descriptors, or of several behind each other, as stretches that were found in the guest's
/// memory; and a place in it from where it is read or written on.
///
/// Theory of operation. Each descriptor is loaded once, as two words, and checked as loaded: what the guest writes
/// there later changes nothing. A table of indirect descriptors is copied out first, since it need not lie in one
/// region. No walk is longer than the ring, whatever the guest has written. Shared by all rings of a device; used by
/// one thread.
final class Chain {
    /// What straddles regions has more stretches than descriptors. A driver's buffer seldom does.
    private static final int STRADDLES = 4 * GuestMemory.MAX_REGIONS;

    private long[] addresses = new long[0];
    private int[] lengths = new int[0];
    private long table;
    private int tableSize;
    private int count;
    private long total;
    private int at;
    private int offset;

    /// Makes room for the chains of a ring.
    ///
    /// @param size its number of descriptors
    void fit(int size) {
        if (size > tableSize) {
            close();
            table = NativeMemory.map((long) size * SplitRing.DESCRIPTOR);
            tableSize = size;
            addresses = new long[size + STRADDLES];
            lengths = new int[size + STRADDLES];
        }
    }

    /// Gives the memory back.
    void close() {
        if (tableSize > 0) {
            NativeMemory.unmap(table, (long) tableSize * SplitRing.DESCRIPTOR);
            tableSize = 0;
        }
    }

    /// Forgets everything and goes to the start.
    void clear() {
        count = 0;
        total = 0;
        rewind();
    }

    /// Appends a chain.
    ///
    /// @param memory where its buffers are
    /// @param ring where its descriptors are; [#fit] was called for it
    /// @param head number of its first descriptor, below the ring's size
    /// @param kind [SplitRing#WRITE] for one to be written, 0 for one to be read; and beside it [SplitRing#INDIRECT] if
    ///     tables were agreed upon
    /// @return what is wrong with it, or null
    RingFault append(GuestMemory memory, SplitRing ring, int head, int kind) {
        long from = ring.descriptors();
        int size = ring.size();
        int index = head;
        boolean nested = false;
        for (int left = size; left > 0; left--) {
            long address = NativeMemory.getLong(from + (long) index * SplitRing.DESCRIPTOR);
            long rest = NativeMemory.getLong(from + (long) index * SplitRing.DESCRIPTOR + Long.BYTES);
            long length = rest & 0xffff_ffffL;
            int flags = (int) (rest >>> 32) & 0xffff;
            if ((flags & SplitRing.INDIRECT) != 0) {
                if (nested || (flags & SplitRing.NEXT) != 0 || (kind & SplitRing.INDIRECT) == 0 || length == 0
                        || length % SplitRing.DESCRIPTOR != 0 || length / SplitRing.DESCRIPTOR > ring.size()) {
                    return RingFault.INDIRECT;
                }
                if (!copyTable(memory, address, (int) length)) {
                    return RingFault.ADDRESS;
                }
                nested = true;
                from = table;
                size = (int) length / SplitRing.DESCRIPTOR;
                left = size + 1;
                index = 0;
                continue;
            }
            RingFault fault = append(memory, address, length, (flags ^ kind) & SplitRing.WRITE);
            if (fault != null || (flags & SplitRing.NEXT) == 0) {
                return fault;
            }
            index = (int) (rest >>> 48);
            if (index >= size) {
                return RingFault.DESCRIPTOR_INDEX;
            }
        }
        return RingFault.LOOP;
    }

    private RingFault append(GuestMemory memory, long address, long length, int misdirected) {
        if (misdirected != 0) {
            return RingFault.DIRECTION;
        }
        if (length == 0) {
            return RingFault.EMPTY;
        }
        long done = 0;
        while (done < length) {
            long host = memory.hostAddress(address + done);
            if (host == 0) {
                return RingFault.ADDRESS;
            }
            if (count == addresses.length) {
                return RingFault.SCATTERED;
            }
            int part = (int) Math.min(Math.min(length - done, memory.contiguous(address + done)), Integer.MAX_VALUE);
            addresses[count] = host;
            lengths[count++] = part;
            done += part;
        }
        total += length;
        return null;
    }

    private boolean copyTable(GuestMemory memory, long address, int length) {
        int done = 0;
        while (done < length) {
            long host = memory.hostAddress(address + done);
            if (host == 0) {
                return false;
            }
            int part = (int) Math.min(length - done, memory.contiguous(address + done));
            NativeMemory.copy(host, table + done, part);
            done += part;
        }
        return true;
    }

    /// How many stretches there are.
    int count() {
        return count;
    }

    /// How many bytes there are.
    long total() {
        return total;
    }

    /// Goes to the start.
    void rewind() {
        at = 0;
        offset = 0;
    }

    /// Whether the place is before the end.
    boolean isBeforeEnd() {
        return at < count;
    }

    /// Where the place is.
    long address() {
        return addresses[at] + offset;
    }

    /// How many bytes there are from the place to the end of its stretch, 1 or more.
    int length() {
        return lengths[at] - offset;
    }

    /// Goes to the next stretch.
    void skip() {
        at++;
        offset = 0;
    }

    /// Reads from the place on, and moves it.
    ///
    /// @param to where to
    /// @param bytes no more than there are
    void copyOut(long to, int bytes) {
        int done = 0;
        while (done < bytes) {
            int part = Math.min(bytes - done, length());
            NativeMemory.copy(address(), to + done, part);
            done += part;
            move(part);
        }
    }

    /// Writes from the place on, and moves it.
    ///
    /// @param from what
    /// @param bytes no more than there is room for
    void copyIn(long from, int bytes) {
        int done = 0;
        while (done < bytes) {
            int part = Math.min(bytes - done, length());
            NativeMemory.copy(from + done, address(), part);
            done += part;
            move(part);
        }
    }

    private void move(int bytes) {
        offset += bytes;
        if (offset == lengths[at]) {
            skip();
        }
    }
}
