package org.vswitch.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Seeds;

class SeqNumberTest {
    private static final BigInteger ALL = BigInteger.ONE.shiftLeft(32);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fff0, 0xffff_ffff})
    void shouldOrderNumbersAcrossEveryBoundary(int base) {
        for (int steps : new int[] {1, 2, 16, 0x1_0000, 0x4000_0000, 0x7fff_ffff}) {
            int later = SeqNumber.plus(base, steps);
            assertTrue(SeqNumber.lessThan(base, later));
            assertFalse(SeqNumber.lessThan(later, base));
            assertTrue(SeqNumber.atMost(base, later));
            assertFalse(SeqNumber.atMost(later, base));
            assertEquals(steps, SeqNumber.difference(later, base));
            assertEquals(-steps, SeqNumber.difference(base, later));
            assertEquals(later, SeqNumber.max(base, later));
            assertEquals(later, SeqNumber.max(later, base));
            assertEquals(base, SeqNumber.min(base, later));
            assertEquals(base, SeqNumber.min(later, base));
            assertEquals(base, SeqNumber.plus(later, -steps));
        }
        assertFalse(SeqNumber.lessThan(base, base));
        assertTrue(SeqNumber.atMost(base, base));
    }

    @Test
    void shouldTakeTheNumberBehindTheLargestForTheNext() {
        assertEquals(0, SeqNumber.plus(0xffff_ffff, 1));
        assertTrue(SeqNumber.lessThan(0xffff_ffff, 0));
        assertEquals(1, SeqNumber.difference(0, 0xffff_ffff));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 0x7fff_fff0, 0xffff_fff0, 0xffff_ffff})
    void shouldKnowTheEndsOfAWindow(int first) {
        assertFalse(SeqNumber.isWithin(first - 1, first, 32));
        assertTrue(SeqNumber.isWithin(first, first, 32));
        assertTrue(SeqNumber.isWithin(first + 31, first, 32));
        assertFalse(SeqNumber.isWithin(first + 32, first, 32));
        assertFalse(SeqNumber.isWithin(first + 0x8000_0000, first, 32));
    }

    @Test
    void shouldFindNothingInAnEmptyWindow() {
        assertFalse(SeqNumber.isWithin(7, 7, 0));
        assertFalse(SeqNumber.isWithin(8, 7, 0));
    }

    @Test
    void shouldHoldWindowsOfAGibibyte() {
        assertTrue(SeqNumber.isWithin(0x3fff_fffe, 0xffff_ffff, 1 << 30));
        assertFalse(SeqNumber.isWithin(0x3fff_ffff, 0xffff_ffff, 1 << 30));
    }

    @Test
    void shouldAgreeWithArithmeticOnWholeNumbers() {
        Seeds.check(20, random -> {
            for (int i = 0; i < 1_000; i++) {
                int first = random.nextInt();
                int number = random.nextInt();
                int window = random.nextInt() >>> random.nextInt(32);
                BigInteger ahead = whole(number).subtract(whole(first)).mod(ALL);
                assertEquals(ahead.compareTo(whole(window)) < 0, SeqNumber.isWithin(number, first, window));
                boolean before = ahead.signum() != 0 && ahead.compareTo(ALL.shiftRight(1)) < 0;
                assertEquals(before, SeqNumber.lessThan(first, number) && first - number != 0x8000_0000);
            }
        });
    }

    private static BigInteger whole(int number) {
        return BigInteger.valueOf(Integer.toUnsignedLong(number));
    }
}
