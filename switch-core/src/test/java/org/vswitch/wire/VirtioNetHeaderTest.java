package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.linux.NativeMemory;

class VirtioNetHeaderTest {
    private static final long WORD = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM,
            VirtioNetHeader.GSO_TCPV6 | VirtioNetHeader.GSO_ECN, 0xfed2, 0xfed4), 0xfed6);
    private final long memory = NativeMemory.map(VirtioNetHeader.LENGTH);

    @AfterEach
    void unmap() {
        NativeMemory.unmap(memory, VirtioNetHeader.LENGTH);
    }

    @Test
    void shouldLieInMemoryAsVirtioSays() {
        VirtioNetHeader.write(memory, WORD, 0xfed8);
        byte[] header = new byte[VirtioNetHeader.LENGTH];
        NativeMemory.copyOut(memory, header, 0, header.length);
        assertArrayEquals(new byte[] {1, (byte) 0x84, (byte) 0xd2, (byte) 0xfe, (byte) 0xd4, (byte) 0xfe,
            (byte) 0xd6, (byte) 0xfe, (byte) 0xd8, (byte) 0xfe, 0, 0}, header);
        assertEquals(WORD, VirtioNetHeader.word(memory));
        assertEquals(0xfed8, VirtioNetHeader.csumOffset(memory));
    }

    @Test
    void shouldTakeAWordApart() {
        assertTrue(VirtioNetHeader.needsCsum(WORD));
        assertEquals(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.flags(WORD));
        assertEquals(VirtioNetHeader.GSO_TCPV6 | VirtioNetHeader.GSO_ECN, VirtioNetHeader.gsoType(WORD));
        assertEquals(0xfed2, VirtioNetHeader.headerLength(WORD));
        assertEquals(0xfed4, VirtioNetHeader.gsoSize(WORD));
        assertEquals(0xfed6, VirtioNetHeader.csumStart(WORD));
        assertFalse(VirtioNetHeader.needsCsum(VirtioNetHeader.word(VirtioNetHeader.DATA_VALID, 0, 0, 0)));
    }

    @Test
    void shouldMoveOffsetsWithATag() {
        long tagged = VirtioNetHeader.shifted(WORD, 4);
        assertEquals(0xfed6, VirtioNetHeader.headerLength(tagged));
        assertEquals(0xfeda, VirtioNetHeader.csumStart(tagged));
        assertEquals(0xfed4, VirtioNetHeader.gsoSize(tagged));
        assertEquals(WORD, VirtioNetHeader.shifted(tagged, -4));
        assertEquals(0, VirtioNetHeader.shifted(0, 4));
        long withoutHeaderLength = VirtioNetHeader.withCsumStart(VirtioNetHeader.word(1, 0, 0, 0), 34);
        assertEquals(0, VirtioNetHeader.headerLength(VirtioNetHeader.shifted(withoutHeaderLength, 4)));
        assertEquals(38, VirtioNetHeader.csumStart(VirtioNetHeader.shifted(withoutHeaderLength, 4)));
    }
}
