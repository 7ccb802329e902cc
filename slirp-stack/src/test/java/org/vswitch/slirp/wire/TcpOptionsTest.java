package org.vswitch.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Seeds;

class TcpOptionsTest {
    /// As Linux sends them with a SYN.
    private static final String SYN = "02 04 05 b4 04 02 08 0a 00 00 30 39 ff ff ff fe 01 03 03 07";

    private final ExactMemory memory = new ExactMemory();
    private final TcpOptions options = new TcpOptions();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldReadTheOptionsOfASyn() {
        parse(SYN);
        assertEquals(1_460, options.mss());
        assertTrue(options.isSackPermitted());
        assertTrue(options.hasTimestamps());
        assertEquals(12_345, options.timestampValue());
        assertEquals(-2, options.timestampEcho());
        assertTrue(options.hasWindowScale());
        assertEquals(7, options.windowScale());
        assertEquals(0, options.sackCount());
    }

    @Test
    void shouldForgetTheSegmentBefore() {
        parse(SYN + "01 01 05 0a 00 00 00 01 00 00 00 02");
        parse("");
        assertEquals(0, options.mss());
        assertFalse(options.isSackPermitted());
        assertFalse(options.hasTimestamps());
        assertEquals(0, options.timestampValue());
        assertEquals(0, options.timestampEcho());
        assertFalse(options.hasWindowScale());
        assertEquals(0, options.windowScale());
        assertEquals(0, options.sackCount());
    }

    @Test
    void shouldReadSackBlocks() {
        parse("01 01 08 0a 00 00 00 01 00 00 00 02 01 01 05 1a"
                + "ff ff ff f0 00 00 00 10 00 00 00 20 00 00 00 30 00 00 00 50 00 00 00 40");
        assertEquals(3, options.sackCount());
        assertEquals(0xffff_fff0, options.sackLeft(0));
        assertEquals(0x10, options.sackRight(0));
        assertEquals(0x20, options.sackLeft(1));
        assertEquals(0x30, options.sackRight(1));
        assertEquals(0x50, options.sackLeft(2), "as it came");
        assertEquals(0x40, options.sackRight(2));
        assertTrue(options.hasTimestamps());
    }

    @Test
    void shouldReadFourSackBlocksAndNoMore() {
        parse("05 22" + "00 00 00 01 00 00 00 02".repeat(4));
        assertEquals(4, options.sackCount());
        parse("05 2a" + "00 00 00 01 00 00 00 02".repeat(5));
        assertEquals(4, options.sackCount());
    }

    @ParameterizedTest
    @CsvSource({"02 04 00 00, 536", "02 04 00 01, 1", "02 04 ff ff, 65535", "02 04 05 b4 02 04 02 00, 512"})
    void shouldReadAnyMss(String hex, int mss) {
        parse(hex);
        assertEquals(mss, options.mss());
    }

    @ParameterizedTest
    @CsvSource({"03 03 00, 0", "03 03 0e, 14", "03 03 0f, 14", "03 03 ff, 14"})
    void shouldClampTheWindowScale(String hex, int shift) {
        parse(hex);
        assertTrue(options.hasWindowScale());
        assertEquals(shift, options.windowScale());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01 01 01", "fe 04 f9 89", "fd 02", "02 03 01", "02 05 00 00 00", "03 02",
        "03 04 01 01", "08 09 00 00 00 00 00 00 00", "05 09 00 00 00 00 00 00 00",
        "05 0b 00 00 00 01 00 00 00 02 00", "04 03 00"})
    void shouldPassOverWhatItDoesNotKnow(String hex) {
        parse(hex + "02 04 05 b4");
        assertEquals(1_460, options.mss());
        assertEquals(4, options.length(), "nothing else");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00 02 04 05 b4", "fe 00 02 04 05 b4", "fe 01 02 04 05 b4", "fe 07 02 04 05 b4",
        "fe ff 02 04 05 b4", "03 00 07 02 04 05 b4", "03 01 07 02 04 05 b4", "05 00 02 04 05 b4", "fe", "02",
        "02 04 05"})
    void shouldStopAtTheEndAndAtLengthsThatCannotBe(String hex) {
        parse("04 02" + hex);
        assertTrue(options.isSackPermitted());
        assertEquals(4, options.length(), "nothing else");
    }

    @Test
    void shouldReadWhatIsWholeOfOptionsCutAnywhere() {
        byte[] bytes = ExactMemory.bytes(SYN);
        for (int length = 0; length <= bytes.length; length++) {
            options.parse(memory.place(bytes, length), length);
            assertEquals(length >= 4 ? 1_460 : 0, options.mss(), length + " bytes");
            assertEquals(length >= 6, options.isSackPermitted(), length + " bytes");
            assertEquals(length >= 16, options.hasTimestamps(), length + " bytes");
            assertEquals(length >= 20, options.hasWindowScale(), length + " bytes");
        }
    }

    @Test
    void shouldWriteTheOptionsOfASynAck() {
        options.mss(65_495).windowScale(14).sackPermitted().timestamps(1, -2);
        assertEquals("02 04 ff d7 01 03 03 0e 01 01 04 02 01 01 08 0a 00 00 00 01 ff ff ff fe", emitted());
    }

    @Test
    void shouldWriteAWindowScaleOfZero() {
        assertEquals("01 03 03 00", emittedBy(options.windowScale(0)));
    }

    @Test
    void shouldWriteNothing() {
        assertEquals(0, options.length());
        assertEquals("", emitted());
    }

    @Test
    void shouldWriteTheOptionsOfAnAckThatMissesSomething() {
        options.timestamps(3, 4);
        assertEquals(TcpOptions.TIMESTAMPS_LENGTH, options.length());
        assertTrue(options.addSack(0xffff_fff0, 0x10));
        assertTrue(options.addSack(0x20, 0x30));
        assertEquals("01 01 08 0a 00 00 00 03 00 00 00 04 01 01 05 12"
                + " ff ff ff f0 00 00 00 10 00 00 00 20 00 00 00 30", emitted());
    }

    @Test
    void shouldTakeAsManySackBlocksAsFit() {
        for (int i = 0; i < 4; i++) {
            assertTrue(options.addSack(i, i + 1));
        }
        assertFalse(options.addSack(9, 10));
        assertEquals(36, options.length());
        options.clear().timestamps(1, 2);
        for (int i = 0; i < 3; i++) {
            assertTrue(options.addSack(i, i + 1));
        }
        assertFalse(options.addSack(9, 10));
        assertEquals(40, options.length());
        assertEquals(3, options.sackCount());
    }

    @Test
    void shouldReadWhatItWrites() {
        Seeds.check(500, random -> {
            fill(options.clear(), random);
            int length = options.length();
            String written = emitted();
            options.parse(memory.place(written), length);
            assertEquals(length, options.length());
            assertEquals(written, emitted());
        });
    }

    @Test
    void shouldStayWithinAnyOptions() {
        byte[] kinds = {0, 1, 2, 3, 4, 5, 8, 10, 18, 26, 34};
        Seeds.check(2_000, random -> {
            byte[] bytes = new byte[4 * random.nextInt(11)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = random.nextInt(8) == 0 ? (byte) random.nextInt() : kinds[random.nextInt(kinds.length)];
            }
            options.parse(memory.place(bytes), bytes.length);
            assertTrue(options.sackCount() <= TcpOptions.MAX_SACK_BLOCKS);
            assertTrue(options.windowScale() <= TcpOptions.MAX_WINDOW_SCALE);
            assertTrue(options.mss() >= 0 && options.mss() <= 65_535);
        });
    }

    private static void fill(TcpOptions options, Random random) {
        if (random.nextBoolean()) {
            options.mss(1 + random.nextInt(65_535));
        }
        if (random.nextBoolean()) {
            options.windowScale(random.nextInt(15));
        }
        if (random.nextBoolean()) {
            options.sackPermitted();
        }
        if (random.nextBoolean()) {
            options.timestamps(random.nextInt(), random.nextInt());
        }
        for (int blocks = random.nextInt(5); blocks > 0; blocks--) {
            options.addSack(random.nextInt(), random.nextInt());
        }
    }

    private void parse(String hex) {
        options.parse(memory.place(hex), ExactMemory.bytes(hex).length);
    }

    private String emittedBy(TcpOptions source) {
        int length = source.length();
        assertEquals(length, source.emit(memory.room(length)));
        return memory.text();
    }

    private String emitted() {
        return emittedBy(options);
    }
}
