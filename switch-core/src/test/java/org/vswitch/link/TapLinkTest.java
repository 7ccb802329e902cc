package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.vswitch.frame.FrameBatch;
import org.vswitch.frame.FrameSlab;
import org.vswitch.frame.Variants;
import org.vswitch.wire.VirtioNetHeader;

class TapLinkTest {
    private static final int HEADERS = 54;
    /// TCP_MIN_MSS of the kernel (net/tcp.h).
    private static final int LEAST_MSS = 88;
    private static final int MOST_DATAGRAMS = 128;
    /// What the data plane wants at once at most.
    private static final int MOST_BYTES = 2 * 1024 * 1024;

    @Test
    void shouldCountBytesOfUsualFrames() {
        assertEquals(60, FrameBatch.weight(0, 60));
        assertEquals(65_000, FrameBatch.weight(superFrame(VirtioNetHeader.GSO_TCPV4, 1448), 65_000));
        assertEquals(65_000, FrameBatch.weight(superFrame(VirtioNetHeader.GSO_TCPV6, 1024), 65_000));
    }

    @Test
    void shouldTakeNoMoreSegmentsThanAPassCanMake() {
        for (int size = 1; size <= 1500; size++) {
            boolean isTcp = size >= LEAST_MSS;
            int payload = isTcp ? FrameSlab.MAX_FRAME - HEADERS : MOST_DATAGRAMS * size;
            long word = superFrame(isTcp ? VirtioNetHeader.GSO_TCPV4 : VirtioNetHeader.GSO_UDP_L4, size);
            int segments = 0;
            for (int bytes = 0; bytes < MOST_BYTES; bytes += FrameBatch.weight(word, HEADERS + payload)) {
                segments += (payload + size - 1) / size;
            }
            assertTrue(segments <= Variants.MAX_SEGMENTS, size + ": " + segments);
        }
    }

    private static long superFrame(int type, int size) {
        return VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, type, HEADERS, size);
    }
}
