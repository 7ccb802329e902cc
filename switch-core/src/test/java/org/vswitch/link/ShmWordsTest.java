package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The two messages of the handshake over shared memory, byte by byte: the other side may be of another build.
class ShmWordsTest {
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void shouldSayHello() throws IOException {
        ShmHello hello = new ShmHello(0x0f, 67_568, 258, "vm \u00e9");
        String bytes = HEX.formatHex(hello.emit());
        assertEquals("31485356" + "01000000" + "0f000000" + "f0070100" + "02010000" + "00000000" + "766d20c3a9"
                + "00".repeat(123), bytes);
        assertEquals(hello, ShmHello.parse(HEX.parseHex(bytes)));
    }

    @Test
    void shouldOfferMemory() throws IOException {
        ShmOffer offer = new ShmOffer(0x07, 1518, 1 << 20);
        String bytes = HEX.formatHex(offer.emit());
        assertEquals("314f5356" + "01000000" + "07000000" + "ee050000" + "00001000" + "00000000", bytes);
        assertEquals(offer, ShmOffer.parse(HEX.parseHex(bytes)));
    }

    @Test
    void shouldCutADescriptionAndReplaceWhatNoConsoleShouldShow() throws IOException {
        byte[] bytes = new ShmHello(0, 1518, 0, "a\u001b[2J" + "x".repeat(200)).emit();
        assertEquals(ShmHello.LENGTH, bytes.length);
        assertEquals("a?[2J" + "x".repeat(123), ShmHello.parse(bytes).description());
    }
}
