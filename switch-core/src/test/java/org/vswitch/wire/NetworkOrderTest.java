package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;

class NetworkOrderTest {
    private static final int ROOM = 64;
    private final long memory = NativeMemory.map(ROOM);

    @AfterEach
    void unmap() {
        NativeMemory.unmap(memory, ROOM);
    }

    @Test
    void shouldLoadAndStoreAsJavasBigEndianBuffersDo() {
        Seeds.check(100, random -> {
            long value = random.nextLong();
            byte[] expected = ByteBuffer.allocate(29).put((byte) value).putShort((short) value).putInt((int) value)
                    .putShort((short) (value >>> 32)).putInt((int) value).putLong(value).array();
            NetworkOrder.u8(memory, (int) value);
            NetworkOrder.u16(memory + 1, (int) value);
            NetworkOrder.u32(memory + 3, (int) value);
            NetworkOrder.u48(memory + 7, value);
            NetworkOrder.u64(memory + 13, value);
            byte[] stored = new byte[29];
            NativeMemory.copyOut(memory, stored, 0, 21);
            assertArrayEquals(expected, stored);
            assertEquals((int) value & 0xff, NetworkOrder.u8(memory));
            assertEquals((int) value & 0xffff, NetworkOrder.u16(memory + 1));
            assertEquals((int) value, NetworkOrder.u32(memory + 3));
            assertEquals(value & 0xffff_ffff_ffffL, NetworkOrder.u48(memory + 7));
            assertEquals(value, NetworkOrder.u64(memory + 13));
        });
    }
}
