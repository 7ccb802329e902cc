package org.vswitch.slirp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.ip.SegmentOutput;

/// Takes what the router's TCP sends, as whole super-frames with their checksum completed.
final class SentSegments implements SegmentOutput, AutoCloseable {
    private static final int HEAD = 128;
    private static final int BATCH = 64;

    private final StackRig rig;
    private final Consumer consumer;
    private final long head = NativeMemory.map(HEAD);
    private int room;

    /// Who looks at the frames.
    @FunctionalInterface
    interface Consumer {
        void take(byte[] frame);
    }

    SentSegments(StackRig rig, Consumer consumer) {
        this.rig = rig;
        this.consumer = consumer;
    }

    /// One pass over what the router has for its guests.
    void gather() {
        room = BATCH;
        rig.stack.gather(this, rig.nowNs);
    }

    @Override
    public boolean hasRoom() {
        return room > 0;
    }

    @Override
    public long head() {
        return head;
    }

    @Override
    public void send(int headLength, long payload, int payloadLength, int segmentSize) {
        room--;
        byte[] frame = new byte[Math.max(60, headLength + payloadLength)];
        NativeMemory.copyOut(head, frame, 0, headLength);
        if (payloadLength > 0) {
            NativeMemory.copyOut(payload, frame, headLength, payloadLength);
        }
        int tcp = FrameCheck.u16(frame, 12) == 0x0800 ? 34 : 54;
        int partial = FrameCheck.u16(frame, tcp + 16);
        byte[] segment = Arrays.copyOfRange(frame, tcp, headLength + payloadLength);
        segment[16] = 0;
        segment[17] = 0;
        int sum = FrameCheck.sum(partial, segment, 0, segment.length);
        ByteBuffer.wrap(frame).putShort(tcp + 16, (short) ~sum);
        consumer.take(frame);
    }

    @Override
    public void close() {
        NativeMemory.unmap(head, HEAD);
    }
}
