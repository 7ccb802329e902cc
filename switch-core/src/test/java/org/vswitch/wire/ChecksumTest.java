package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;

class ChecksumTest {
    private static final int ROOM = 1 << 17;
    private static long memory;

    @BeforeAll
    static void map() {
        memory = NativeMemory.map(ROOM);
    }

    @AfterAll
    static void unmap() {
        NativeMemory.unmap(memory, ROOM);
    }

    @Test
    void shouldSumTheExampleOfRfc1071() {
        byte[] example = {0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
        NativeMemory.copyIn(example, 0, memory, example.length);
        assertEquals(0xddf2, Checksum.sum(memory, example.length));
        assertEquals(0x220d, Checksum.complement(Checksum.sum(memory, example.length)));
    }

    @Test
    void shouldEqualTheSumWordByWordWhateverLengthAndAlignment() {
        Seeds.check(300, random -> {
            byte[] bytes = bytes(random, random.nextInt(10) == 0 ? 70_000 : 200);
            // ends where the memory ends, so that the checked mode sees a byte read too far
            long address = memory + ROOM - bytes.length;
            NativeMemory.copyIn(bytes, 0, address, bytes.length);
            assertEquals(Frames.sum(bytes, 0, bytes.length), Checksum.sum(address, bytes.length));
        });
    }

    @Test
    void shouldLoseNoCarry() {
        byte[] ones = new byte[65_535];
        Arrays.fill(ones, (byte) 0xff);
        NativeMemory.copyIn(ones, 0, memory, ones.length);
        assertEquals(0xffff, Checksum.sum(memory, 65_534));
        assertEquals(0xff00, Checksum.sum(memory, 65_535));
    }

    @Test
    void shouldCombinePiecesThatBeginAnywhere() {
        Seeds.check(300, random -> {
            byte[] bytes = bytes(random, 3_000);
            int sum = 0;
            for (int done = 0; done < bytes.length; ) {
                int length = Math.min(bytes.length - done, random.nextInt(random.nextBoolean() ? 8 : 1_000));
                long address = memory + random.nextInt(64);
                NativeMemory.copyIn(bytes, done, address, length);
                sum = Checksum.combine(sum, Checksum.sum(address, length), done);
                done += length;
            }
            assertEquals(Frames.sum(bytes, 0, bytes.length), sum);
        });
    }

    @Test
    void shouldFoldToZeroOnlyFromZero() {
        assertEquals(0, Checksum.fold(0));
        assertEquals(0xffff, Checksum.fold(0xffffL));
        assertEquals(0xffff, Checksum.fold(0xffff_ffffL));
        assertEquals(0xffff, Checksum.fold(Long.MAX_VALUE - 0x7fff));
        assertEquals(1, Checksum.fold(0x1_0000_0000_0000L));
    }

    private static byte[] bytes(Random random, int bound) {
        byte[] bytes = new byte[random.nextInt(bound)];
        random.nextBytes(bytes);
        if (random.nextInt(4) == 0) {
            Arrays.fill(bytes, (byte) random.nextInt(-1, 1));
        }
        return bytes;
    }
}
