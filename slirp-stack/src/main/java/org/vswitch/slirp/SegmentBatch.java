package org.vswitch.slirp;

import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.ip.SegmentOutput;
import org.vswitch.wire.Ethernet;
import org.vswitch.wire.Ipv4;
import org.vswitch.wire.Ipv6;
import org.vswitch.wire.Tcp;
import org.vswitch.wire.VirtioNetHeader;

/// TCP's segments as rows of a batch: the head is written here, the payload stays where it is. Decisions may read the
/// first 128 bytes of a frame, so the head takes as much of the payload along; a frame that ends there is padded to the
/// least that Ethernet has.
final class SegmentBatch implements SegmentOutput {
    private static final int LEAST_FRAME = 60;

    private final FrameSlab heads = FrameSlab.forHeaders(FrameBatch.CAPACITY, FrameBatch.MAX_HEAD);
    private FrameBatch batch;

    /// Segments go there from now on.
    void into(FrameBatch target) {
        batch = target;
    }

    @Override
    public boolean hasRoom() {
        return batch.size() < FrameBatch.CAPACITY;
    }

    @Override
    public long head() {
        return heads.frame(batch.size());
    }

    @Override
    public void send(int headLength, long payload, int payloadLength, int segmentSize) {
        long head = head();
        int taken = Math.min(payloadLength, FrameBatch.MAX_HEAD - headLength);
        if (taken > 0) {
            NativeMemory.copy(payload, head + headLength, taken);
        }
        int length = headLength + taken;
        if (length < LEAST_FRAME) {
            NativeMemory.zero(head + length, LEAST_FRAME - length);
            length = LEAST_FRAME;
        }
        long word = offload(head, headLength, payloadLength > segmentSize ? segmentSize : 0);
        VirtioNetHeader.write(FrameSlab.header(head), word, Tcp.CHECKSUM_OFFSET);
        batch.append(head, length, word, Tcp.CHECKSUM_OFFSET);
        if (payloadLength > taken) {
            batch.addPiece(payload + taken, payloadLength - taken);
        }
    }

    void close() {
        heads.free();
    }

    private static long offload(long head, int headLength, int segmentSize) {
        boolean v4 = Ethernet.type(head) == Ethernet.TYPE_IPV4;
        int tcp = Ethernet.HEADER_LENGTH + (v4 ? Ipv4.LENGTH : Ipv6.LENGTH);
        int type = segmentSize == 0 ? VirtioNetHeader.GSO_NONE
                : v4 ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_TCPV6;
        int headers = segmentSize == 0 ? 0 : headLength;
        return VirtioNetHeader.withCsumStart(
                VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, type, headers, segmentSize), tcp);
    }
}
