package org.vswitch.bridge;

import java.util.ArrayDeque;
import java.util.Queue;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// Frames that the switch itself made, until the batch in hand is done. Belongs to the data-plane thread; a frame every
/// few seconds, so that nothing is prepared for speed.
final class Originated {
    private static final int ROOM = 128;

    private final FrameSlab slot = FrameSlab.forHeaders(1, ROOM);
    private final FrameBatch batch = FrameBatch.forSending();
    private final Queue<Frame> waiting = new ArrayDeque<>();

    /// A frame and where it goes.
    private record Frame(byte[] bytes, int port) {
    }

    void add(byte[] frame, int port) {
        assert frame.length <= ROOM;
        waiting.add(new Frame(frame, port));
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /// Describes the oldest frame as row 0 of [#batch].
    ///
    /// @return its egress port
    int next() {
        Frame frame = waiting.remove();
        long address = slot.frame(0);
        NativeMemory.copyIn(frame.bytes, 0, address, frame.bytes.length);
        VirtioNetHeader.write(FrameSlab.header(address), 0, 0);
        batch.clear();
        batch.append(address, frame.bytes.length, 0, 0);
        return frame.port;
    }

    FrameBatch batch() {
        return batch;
    }
}
