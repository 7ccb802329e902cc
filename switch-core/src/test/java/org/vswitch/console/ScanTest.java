package org.vswitch.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScanTest {
    @Test
    void shouldReadDecimalNumbersAsAtoiDoes() {
        assertEquals(7, Scan.decimal("7"));
        assertEquals(7, Scan.decimal("  \t007x9"));
        assertEquals(-7, Scan.decimal("-7"));
        assertEquals(9, Scan.decimal("+9"));
        assertEquals(0, Scan.decimal("0x10"));
        assertEquals(0, Scan.decimal(""));
        assertEquals(0, Scan.decimal("- 3"));
        assertEquals(12, Scan.decimal("4294967308"));
        assertEquals(1215752191, Scan.decimal("99999999999"));
        assertEquals(-1, Scan.decimal("99999999999999999999"));
    }

    @Test
    void shouldTellBasesByPrefixAsScanfDoes() {
        assertArrayEquals(new int[] {16, 8, 10}, Scan.integers("0x10 010 10", 3).orElseThrow());
        assertArrayEquals(new int[] {0, 8}, Scan.integers("08 0", 2).orElseThrow());
        assertArrayEquals(new int[] {0, 0}, Scan.integers("0x 0", 2).orElseThrow());
        assertArrayEquals(new int[] {3, -5}, Scan.integers("3-5", 2).orElseThrow());
        assertArrayEquals(new int[] {3}, Scan.integers("3z", 1).orElseThrow());
        assertTrue(Scan.integers("3z 0", 2).isEmpty());
        assertTrue(Scan.integers("3", 2).isEmpty());
        assertTrue(Scan.integers("", 1).isEmpty());
        assertTrue(Scan.integers("3,5", 2).isEmpty());
    }

    @Test
    void shouldReadAddressesAsScanfDoes() {
        assertEquals(0x0200_0000_0001L, Scan.address("2:0:0:0:0:1").orElseThrow().address());
        assertEquals(0x0200_0000_0001L, Scan.address("102.0.0.0.0.0x1").orElseThrow().address());
        assertEquals(5, Scan.address("2:0:0:0:0:1 5").orElseThrow().vid());
        assertEquals(0, Scan.address("2:0:0:0:0:1x5").orElseThrow().vid());
        assertTrue(Scan.address("2:0.0:0:0:1").isEmpty());
        assertTrue(Scan.address("2:0:0:0:0").isEmpty());
        assertTrue(Scan.address("").isEmpty());
    }

    @Test
    void shouldNameTheBucketThatDebianNames() {
        assertEquals(43, AddressList.bucket(0x0200_0000_0001L, 0, 128));
        assertEquals(60, AddressList.bucket(0x0200_0000_0002L, 0, 128));
        assertEquals(105, AddressList.bucket(0x0200_0000_0003L, 0, 128));
    }
}
