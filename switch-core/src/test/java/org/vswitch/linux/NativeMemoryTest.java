package org.vswitch.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The checked mode, which all tests run in: nothing outside registered memory is touched.
class NativeMemoryTest {
    private static final int LENGTH = 4096;
    // a region with memory of ours around it that is not registered: other tests map and unmap elsewhere meanwhile
    private final long mapped = NativeMemory.map(3 * LENGTH);
    private final long start = mapped + LENGTH;

    @BeforeEach
    void registerTheMiddle() {
        NativeMemory.unregister(mapped);
        NativeMemory.register(start, LENGTH);
    }

    @AfterEach
    void unmap() {
        NativeMemory.unregister(start);
        NativeMemory.register(mapped, 3 * LENGTH);
        NativeMemory.unmap(mapped, 3 * LENGTH);
    }

    @Test
    void shouldRunChecked() {
        assertTrue(NativeMemory.isChecked());
    }

    @Test
    void shouldLoadWhatWasStored() {
        NativeMemory.putLong(start + 1, 0x0123_4567_89ab_cdefL);
        assertEquals(0x0123_4567_89ab_cdefL, NativeMemory.getLong(start + 1));
        NativeMemory.putInt(start + 3, -2);
        assertEquals(-2, NativeMemory.getInt(start + 3));
        NativeMemory.putShort(start + 5, 0x1_ffff);
        assertEquals(0xffff, NativeMemory.getShort(start + 5));
        NativeMemory.putByte(start, 0x1ff);
        assertEquals(0xff, NativeMemory.getByte(start));
    }

    @Test
    void shouldCopyAndClear() {
        NativeMemory.copyIn(new byte[] {9, 1, 2, 3}, 1, start, 3);
        NativeMemory.copy(start, start + 100, 3);
        byte[] out = new byte[5];
        NativeMemory.copyOut(start + 100, out, 2, 3);
        assertEquals(3, out[4]);
        NativeMemory.zero(start + 100, 2);
        assertEquals(0, NativeMemory.getShort(start + 100));
        assertEquals(3, NativeMemory.getByte(start + 102));
    }

    @Test
    void shouldMoveWithinItself() {
        byte[] bytes = new byte[40];
        for (int distance : new int[] {-7, -1, 0, 1, 7}) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
            NativeMemory.copyIn(bytes, 0, start, bytes.length);
            NativeMemory.move(start + 10, start + 10 + distance, 20);
            System.arraycopy(bytes, 10, bytes, 10 + distance, 20);
            byte[] moved = new byte[bytes.length];
            NativeMemory.copyOut(start, moved, 0, moved.length);
            assertArrayEquals(bytes, moved);
        }
    }

    @Test
    void shouldRefuseAccessBeyondARegion() {
        NativeMemory.getLong(start + LENGTH - 8);
        assertThrows(IllegalStateException.class, () -> NativeMemory.getLong(start + LENGTH - 7));
        assertThrows(IllegalStateException.class, () -> NativeMemory.putByte(start + LENGTH, 0));
        assertThrows(IllegalStateException.class, () -> NativeMemory.putByte(start - 1, 0));
        assertThrows(IllegalStateException.class, () -> NativeMemory.copy(start, start + LENGTH - 9, 10));
        assertThrows(IllegalStateException.class, () -> NativeMemory.copy(start + LENGTH - 9, start, 10));
        assertThrows(IllegalStateException.class, () -> NativeMemory.zero(start, LENGTH + 1));
        assertThrows(IllegalStateException.class, () -> NativeMemory.zero(start, -1));
        assertThrows(IllegalStateException.class, () -> NativeMemory.getByte(0));
    }

    @Test
    void shouldRefuseAccessToMemoryThatWasWithdrawn() {
        NativeMemory.unregister(start);
        assertThrows(IllegalStateException.class, () -> NativeMemory.getByte(start));
        NativeMemory.register(start, LENGTH);
    }

    @Test
    void shouldCloseSharedMemoryOnce() throws Exception {
        SharedMemory memory = SharedMemory.create("test", LENGTH);
        NativeMemory.putInt(memory.address() + LENGTH - 4, 77);
        memory.close();
        assertEquals(-1, memory.file().number());
        memory.close();
    }
}
