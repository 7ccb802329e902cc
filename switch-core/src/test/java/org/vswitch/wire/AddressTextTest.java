package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Addresses as people read and write them.
class AddressTextTest {
    /// RFC 5952, 4: no leading zeros; the longest run of two or more zero groups is "::", of equal ones the first.
    @ParameterizedTest
    @CsvSource({"fd00:0:0:0:0:0:0:2, fd00::2", "0:0:0:0:0:0:0:0, ::", "0:0:0:0:0:0:0:1, ::1", "1:0:0:0:0:0:0:0, 1::",
        "2001:0DB8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1", "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1", "10:0:0:100:0:0:0:20, 10:0:0:100::20",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8", "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8", "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "64:ff9b::198.51.100.1, 64:ff9b::c633:6401"})
    void shouldWriteIpv6AsRfc5952HasIt(String any, String usual) {
        assertEquals(usual, AddressText.v6(any).orElseThrow().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "10.0.2.15", "255.254.128.1"})
    void shouldWriteIpv4(String text) {
        assertEquals(text, AddressText.v4(text).orElseThrow().toString());
    }
}
