package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Seeds;

class MacAddressTest {
    @Test
    void shouldParseWhatItWrites() {
        Seeds.check(100, random -> {
            long address = random.nextLong() & MacAddress.BROADCAST;
            assertEquals(address, MacAddress.parse(MacAddress.toText(address)));
        });
        assertEquals("52:54:00:12:34:0f", MacAddress.toText(0x5254_0012_340fL));
    }

    @Test
    void shouldParseShortGroupsAndDots() {
        assertEquals(0x5254_0012_340fL, MacAddress.parse("52.54.0.12.34.F"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "52:54:00:12:34", "52:54:00:12:34:56:78", "52:54:00:12:34:", "52:54:00:12:34:5g",
        "52:54:00:12:34:056", "52-54-00-12-34-56", "52:54:00:12:34:-5"})
    void shouldRefuseWhatIsNoAddress(String text) {
        assertEquals(-1, MacAddress.parse(text));
    }

    @Test
    void shouldTellGroupsFromStations() {
        assertTrue(MacAddress.isGroup(MacAddress.BROADCAST));
        assertTrue(MacAddress.isGroup(0x0180_c200_0000L));
        assertFalse(MacAddress.isGroup(0x5254_0012_3456L));
    }
}
