package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.linux.NativeMemory;

/// Heads of both families, byte for byte.
class SegmentHeadTest {
    private final long memory = NativeMemory.map(4_096);
    private final SegmentHead head = new SegmentHead();

    @AfterEach
    void close() {
        NativeMemory.unmap(memory, 4_096);
    }

    @Test
    void shouldWriteAWholeIpv6Segment() {
        FlowPath path = new FlowPath();
        path.guestMac = Frames.A;
        path.routerMac = Frames.B;
        path.guestHigh = 0xfd00_0000_0000_0000L;
        path.guestLow = 0x15;
        path.remoteHigh = 0x2001_0db8_0000_0000L;
        path.remoteLow = 0x1;
        path.guestPort = 40_000;
        path.remotePort = 443;
        head.seq = 0x1122_3344;
        head.ack = 0x5566_7788;
        head.flags = 0x12;
        head.wnd = 1_000;
        head.options.mss(1_440);
        assertEquals(14 + 40 + 24, head.length(path));
        head.writeWhole(memory, path);
        byte[] frame = new byte[78];
        NativeMemory.copyOut(memory, frame, 0, 78);
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        assertEquals(Frames.A, buffer.getLong(0) >>> 16);
        assertEquals(Frames.B, buffer.getLong(6) >>> 16);
        assertEquals(0x86dd, buffer.getShort(12) & 0xffff);
        assertEquals(0x6000_0000_0018_0640L, buffer.getLong(14));
        assertEquals(path.remoteHigh, buffer.getLong(22));
        assertEquals(path.remoteLow, buffer.getLong(30));
        assertEquals(path.guestHigh, buffer.getLong(38));
        assertEquals(path.guestLow, buffer.getLong(46));
        assertEquals(443 << 16 | 40_000, buffer.getInt(54));
        assertEquals(0x1122_3344, buffer.getInt(58));
        assertEquals(0x5566_7788, buffer.getInt(62));
        assertEquals(0x6012_03e8, buffer.getInt(66));
        assertEquals(0x0204_05a0, buffer.getInt(74));
        int sum = Frames.sum(frame, 22, 54) + 6 + 24 + Frames.sum(frame, 54, 78);
        assertEquals(0xffff, (sum & 0xffff) + (sum >>> 16));
        assertTrue(SegmentHead.MAX_LENGTH <= 128);
    }
}
