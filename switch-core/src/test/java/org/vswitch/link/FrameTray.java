package org.vswitch.link;

import java.util.ArrayList;
import java.util.List;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.NativeMemory;
import org.vswitch.wire.VirtioNetHeader;

/// Frames that a test sends through a link or received from one, as bytes.
final class FrameTray implements AutoCloseable {
    private final FrameSlab slab = FrameSlab.forFrames(FrameBatch.CAPACITY);
    private final FrameBatch batch = FrameBatch.forSending();
    private final FrameBatch received = FrameBatch.forReceiving();

    /// An Ethernet frame to everybody, of a type that nothing but these tests uses, with a content that tells it apart.
    static byte[] frame(int number, int length) {
        byte[] frame = new byte[length];
        java.util.Arrays.fill(frame, 0, 6, (byte) 0xff);
        frame[6] = 2;
        frame[11] = 1;
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xb5;
        for (int i = 14; i < length; i++) {
            frame[i] = (byte) (number * 31 + i * (1 + number % 7));
        }
        return frame;
    }

    /// Frames with consecutive numbers.
    static List<byte[]> frames(int from, int to, int length) {
        List<byte[]> frames = new ArrayList<>();
        for (int number = from; number < to; number++) {
            frames.add(frame(number, length));
        }
        return frames;
    }

    /// The batch to send from.
    FrameBatch batch() {
        return batch;
    }

    /// Adds a frame that lies in one piece.
    int add(byte[] frame) {
        return add(frame, 0, 0);
    }

    /// Adds a frame with an offload header.
    int add(byte[] frame, long word, int csumOffset) {
        long address = slab.frame(batch.size());
        VirtioNetHeader.write(FrameSlab.header(address), word, csumOffset);
        NativeMemory.copyIn(frame, 0, address, frame.length);
        return batch.append(address, frame.length, word, csumOffset);
    }

    /// Adds a frame that is cut at offsets.
    int addCut(byte[] frame, int... offsets) {
        long address = slab.frame(batch.size());
        VirtioNetHeader.write(FrameSlab.header(address), 0, 0);
        NativeMemory.copyIn(frame, 0, address, frame.length);
        int row = batch.append(address, offsets[0], 0, 0);
        for (int i = 0; i < offsets.length; i++) {
            int end = i + 1 < offsets.length ? offsets[i + 1] : frame.length;
            batch.addPiece(address + offsets[i], end - offsets[i]);
        }
        return row;
    }

    /// Offers frames to a link, all at once.
    int send(Link link, List<byte[]> frames) {
        batch.clear();
        frames.forEach(this::add);
        return send(link);
    }

    /// Offers what was added to a link.
    int send(Link link) {
        int[] rows = new int[batch.size()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i;
        }
        return link.transmit(batch, rows, 0, rows.length);
    }

    /// Receives once and releases.
    List<byte[]> receive(Link link) {
        received.clear();
        int count = link.receive(received);
        List<byte[]> frames = frames(received);
        if (count > 0) {
            link.release(received);
        }
        return frames;
    }

    /// What a batch holds.
    static List<byte[]> frames(FrameBatch batch) {
        List<byte[]> frames = new ArrayList<>();
        for (int row = 0; row < batch.size(); row++) {
            frames.add(bytes(batch, row));
        }
        return frames;
    }

    static byte[] bytes(FrameBatch batch, int row) {
        byte[] frame = new byte[batch.length(row)];
        int offset = 0;
        for (int piece = 0; piece < batch.pieces(row); piece++) {
            NativeMemory.copyOut(batch.pieceAddress(row, piece), frame, offset, batch.pieceLength(row, piece));
            offset += batch.pieceLength(row, piece);
        }
        return frame;
    }

    @Override
    public void close() {
        slab.free();
    }
}
