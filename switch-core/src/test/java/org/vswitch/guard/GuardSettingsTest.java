package org.vswitch.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardSettingsTest {
    @ParameterizedTest
    @CsvSource({
        "off, off",
        "trusted, trusted",
        "clean-traffic, macs=1+ip+arp+dhcp+ra+bpdu+types",
        "clean-traffic+mac=2:0:0:0:0:a, mac=02:00:00:00:00:0a+ip+arp+dhcp+ra+bpdu+types",
        "types+isolated, types+isolated",
        "ip=fe80::1 isolated  ip=10.0.0.1, isolated+ip=fe80::1+ip=10.0.0.1",
        "ip=10.0.0.0/24 ip=fd00:0:0::/48+ip=0.0.0.0/0, ip=10.0.0.0/24+ip=fd00::/48+ip=0.0.0.0/0",
        "ip=10.0.0.1/32+ip=::/0, ip=10.0.0.1+ip=::/0",
        "ip=fd00:0:0:0:8000::/65+ip=fd00::1/128, ip=fd00::8000:0:0:0/65+ip=fd00::1",
        "broadcast=1k+unknown=7+rate=2G, broadcast=1000+unknown=7+rate=2000000000"})
    void shouldSayWhatItRead(String text, String full) throws IOException {
        GuardSettings settings = GuardSettings.parse(text);
        assertEquals(full, settings.toString());
        assertEquals(settings, GuardSettings.parse(full));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "clean", "off+ip", "trusted+ra", "mac=", "mac=1:2:3", "mac=01:00:00:00:00:01", "macs=0",
        "macs=65", "ip=", "ip=10.0.0", "ip=10.0.0.1/24", "ip=10.0.0.0/33", "ip=10.0.0.0/", "ip=10.0.0.0/-1", "ip=/8",
        "ip=fd00::/7", "ip=fd00::/129", "ip=fd00:0:0:0:4000::/65", "broadcast=0", "broadcast=x", "rate=2000g",
        "rate=-1", "rate="})
    void shouldNameWhatMakesNoSense(String text) {
        String message = assertThrows(IOException.class, () -> GuardSettings.parse(text)).getMessage();
        String word = text.isEmpty() || text.indexOf('+') < 0 ? text : text.substring(0, text.indexOf('+'));
        assertTrue(message.startsWith("guard: ") && message.contains(word), message);
    }

    @Test
    void shouldGuardOnlyWhereFramesAreLookedAt() throws IOException {
        assertTrue(GuardSettings.parse("rate=9").isGuarding());
        assertTrue(GuardSettings.parse("ra").isGuarding());
        assertTrue(GuardSettings.parse("types").isGuarding());
        assertFalse(GuardSettings.parse("isolated").isGuarding());
        assertFalse(GuardSettings.TRUSTED.isGuarding());
    }
}
