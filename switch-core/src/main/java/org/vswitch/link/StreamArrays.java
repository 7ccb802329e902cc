package org.vswitch.link;

import org.vswitch.linux.NativeMemory;
import org.vswitch.linux.StreamTransfer;
import org.vswitch.wire.NetworkOrder;

/// What all stream links of a data-plane thread share: prepared writes, and the lengths that stand before the frames of
/// one write.
final class StreamArrays {
    private static final ThreadLocal<StreamArrays> OF_THREAD = ThreadLocal.withInitial(StreamArrays::new);
    private static final int FRAMES = StreamTransfer.PIECES / 2;

    private final StreamTransfer transfer = new StreamTransfer();
    private final long lengths = NativeMemory.map((long) FRAMES * StreamLink.PREFIX);
    private int frames;

    private StreamArrays() {
    }

    /// The arrays of the calling thread.
    static StreamArrays ofThisThread() {
        return OF_THREAD.get();
    }

    /// Reads and writes.
    StreamTransfer transfer() {
        return transfer;
    }

    /// Starts a new write.
    void begin() {
        transfer.begin();
        frames = 0;
    }

    /// Whether a further frame fits, with its length.
    boolean hasRoom(int pieces) {
        return transfer.hasRoom(pieces + 1);
    }

    /// Appends the length of a frame, whose pieces are to follow.
    void addLength(int length) {
        long address = lengths + (long) frames++ * StreamLink.PREFIX;
        NetworkOrder.u32(address, length);
        transfer.add(address, StreamLink.PREFIX);
    }
}
