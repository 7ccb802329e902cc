package org.vswitch.slirp.tcp;

import org.vswitch.slirp.host.IoVector;

/// The text that a batch's segments have for the host, per flow, where it lies: it is written at the end of the
/// batch, each flow's with one system call, and copied nowhere. Bounded.
final class UpwardBatch {
    private static final int CAPACITY = 256;

    private final long[] address = new long[CAPACITY];
    private final int[] length = new int[CAPACITY];
    private final int[] next = new int[CAPACITY];
    private int count;

    /// Whether no further piece fits until [#clear].
    ///
    /// @return true at the limit
    boolean isFull() {
        return count == CAPACITY;
    }

    /// Appends a piece to a flow's.
    ///
    /// @param flow whose text it is
    /// @param from address of the first byte
    /// @param bytes 1 or more
    void add(TcpFlow flow, long from, int bytes) {
        int piece = count++;
        address[piece] = from;
        length[piece] = bytes;
        next[piece] = -1;
        if (flow.lastPiece < 0) {
            flow.firstPiece = piece;
        } else {
            next[flow.lastPiece] = piece;
        }
        flow.lastPiece = piece;
    }

    /// Appends a flow's pieces to a list, as far as that has room.
    ///
    /// @param flow whose
    /// @param to not cleared
    void list(TcpFlow flow, IoVector to) {
        for (int piece = flow.firstPiece; piece >= 0; piece = next[piece]) {
            if (!to.add(address[piece], length[piece])) {
                return;
            }
        }
    }

    /// Removes bytes at the front of a flow's text.
    ///
    /// @param flow whose
    /// @param bytes at most what there is
    void drop(TcpFlow flow, int bytes) {
        int left = bytes;
        while (flow.firstPiece >= 0 && left >= length[flow.firstPiece]) {
            left -= length[flow.firstPiece];
            flow.firstPiece = next[flow.firstPiece];
        }
        if (flow.firstPiece < 0) {
            flow.lastPiece = -1;
        } else {
            address[flow.firstPiece] += left;
            length[flow.firstPiece] -= left;
        }
    }

    /// Moves a flow's text into its stash.
    ///
    /// @param flow whose
    /// @return bytes that found no memory, and are forgotten
    int stash(TcpFlow flow) {
        int lost = 0;
        for (int piece = flow.firstPiece; piece >= 0; piece = next[piece]) {
            int kept = lost > 0 ? 0 : flow.stash.append(address[piece], length[piece]);
            lost += length[piece] - kept;
        }
        flow.firstPiece = -1;
        flow.lastPiece = -1;
        return lost;
    }

    /// Forgets all pieces; no flow may have any.
    void clear() {
        count = 0;
    }
}
