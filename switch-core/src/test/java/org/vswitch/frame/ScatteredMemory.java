package org.vswitch.frame;

import java.util.Random;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// Memory as a guest's: frames lie in it in several pieces, each with other bytes around it.
final class ScatteredMemory implements AutoCloseable {
    private static final int ROOM = 16 << 20;
    private final long memory = NativeMemory.map(ROOM);
    private final Random random;
    private int used;

    ScatteredMemory(Random random) {
        this.random = random;
    }

    /// Appends a frame: its head in a slot, the rest here in up to 19 pieces of any length. With the first frame of a
    /// batch the memory of those before is used again.
    void append(FrameBatch batch, byte[] frame, long canonicalWord, int csumOffset) {
        if (batch.size() == 0) {
            used = 0;
        }
        long slot = batch.slot(batch.size());
        int first = Math.min(frame.length, FrameBatch.MAX_HEAD + (random.nextBoolean() ? 0 : random.nextInt(300)));
        NativeMemory.copyIn(frame, 0, slot, first);
        VirtioNetHeader.write(FrameSlab.header(slot), canonicalWord, csumOffset);
        batch.append(slot, first, canonicalWord, csumOffset);
        int done = first;
        for (int piece = 2; done < frame.length; piece++) {
            int left = frame.length - done;
            boolean isLast = piece == FrameBatch.MAX_RECEIVED_PIECES;
            int length = isLast ? left : 1 + random.nextInt(Math.min(left, random.nextBoolean() ? 9 : 8_000));
            used += random.nextInt(17);
            NativeMemory.copyIn(frame, done, memory + used, length);
            batch.addPiece(memory + used, length);
            used += length;
            done += length;
        }
    }

    @Override
    public void close() {
        NativeMemory.unmap(memory, ROOM);
    }
}
