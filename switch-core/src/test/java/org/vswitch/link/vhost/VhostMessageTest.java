package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages byte by byte, as they are on the wire.
class VhostMessageTest {
    private static final String FEATURES = "01000000 01000000 00000000";

    @Test
    void shouldAnswerWithTheFeatures() throws VhostRefusal {
        VhostMessage question = parse(FEATURES);
        assertEquals("GET_FEATURES", question.name());
        assertFalse(question.needsReply());
        assertEquals(hex("01000000 05000000 08000000 83BB6070 01000000"), hex(question.reply(0x1_7060_BB83L)));
        assertEquals(hex("0F000000 05000000 08000000 1D800000 00000000"),
                hex(parse("0F000000 01000000 00000000").reply(VhostOffer.PROTOCOL)));
    }

    @Test
    void shouldReadARingAndItsSize() throws VhostRefusal {
        VhostMessage message = parse("08000000 01000000 08000000 01000000 00010000");
        assertEquals("SET_VRING_NUM", message.name());
        assertEquals(new VhostMessage.RingState(1, 256), message.ringState());
        assertEquals(new VhostMessage.RingState(0xffff_ffffL, 0x8000_0000L),
                parse("08000000 01000000 08000000 FFFFFFFF 00000080").ringState());
    }

    @Test
    void shouldAnswerWhereARingStands() throws VhostRefusal {
        VhostMessage message = parse("0B000000 01000000 08000000 00000000 00000000");
        assertEquals(new VhostMessage.RingState(0, 0), message.ringState());
        assertEquals(hex("0B000000 05000000 08000000 00000000 34120000"), hex(message.reply(0, 0x1234)));
    }

    @Test
    void shouldReadARingWithAndWithoutDescriptor() throws VhostRefusal {
        assertEquals(new VhostMessage.RingFile(3, false),
                parse("0C000000 01000000 08000000 03010000 00000000").ringFile());
        assertEquals(new VhostMessage.RingFile(255, true),
                parse("0D000000 01000000 08000000 FF000000 00000000").ringFile());
    }

    @ParameterizedTest
    @ValueSource(strings = {"00020000 00000000", "00000000 01000000", "00000000 00000080", "00FF0000 00000000"})
    void shouldNotCutTheNumberOfARing(String payload) throws VhostRefusal {
        VhostMessage message = parse("0C000000 01000000 08000000 " + payload);
        assertThrows(VhostRefusal.class, message::ringFile);
    }

    /// The used ring stands before the available ring, whatever older texts say.
    @Test
    void shouldReadThePlaceOfARing() throws VhostRefusal {
        VhostMessage message = parse("09000000 01000000 28000000 02000000 01000000 0010000000000080"
                + "0020000000000080 0030000000000000 0040000000000000");
        assertEquals(new VhostMessage.RingAddress(2, 0x8000_0000_0000_1000L, 0x8000_0000_0000_2000L, 0x3000),
                message.ringAddress());
    }

    @Test
    void shouldReadATableOfMemory() throws VhostRefusal {
        VhostMessage message = parse("05000000 09000000 48000000 02000000 00000000"
                + "0000000000000000 00000A0000000000 000000F07F000000 0000000000000000"
                + "0000100000000000 0000F00700000000 000010F07F000000 0000100000000000");
        assertTrue(message.needsReply());
        assertEquals(List.of(new GuestMemory.Region(0, 0xA0000, 0x7F_F000_0000L, 0),
                new GuestMemory.Region(0x100000, 0x7F00000, 0x7F_F010_0000L, 0x100000)), message.regions());
        assertEquals(hex("05000000 05000000 08000000 00000000 00000000"), hex(message.reply(0)));
    }

    @ParameterizedTest
    @CsvSource({"09000000 00000000, regions=9 (at most 8)", "FFFFFFFF 00000000, regions=4294967295 (at most 8)",
        "01000000 00000000, regions=1 in 8 bytes", "00000000, regions=0 in 4 bytes"})
    void shouldRefuseATableOfAnotherLength(String payload, String why) {
        VhostMessage message = new VhostMessage(5, 1, bytes(payload));
        assertEquals(why, assertThrows(VhostRefusal.class, message::regions).getMessage());
    }

    @Test
    void shouldReadARegion() throws VhostRefusal {
        VhostMessage message = parse("25000000 09000000 28000000 0000000000000000"
                + "0000004000000000 0000001000000000 000000F07F000000 0010000000000000");
        assertEquals(new GuestMemory.Region(0x4000_0000L, 0x1000_0000L, 0x7F_F000_0000L, 0x1000), message.region());
    }

    @Test
    void shouldReadAMacAddressInTheOrderOfMemory() throws VhostRefusal {
        assertEquals(0x5254_0012_3456L,
                parse("13000000 01000000 08000000 5254001234560000").macAddress());
    }

    @Test
    void shouldNameWhatItDoesNotKnow() throws VhostRefusal {
        assertEquals("request=99", parse("63000000 01000000 00000000").name());
        assertEquals("request=4294967295", parse("FFFFFFFF 01000000 00000000").name());
        assertEquals("GET_CONFIG", parse("18000000 01000000 00000000").name());
    }

    @ParameterizedTest
    @CsvSource({"00000000, no request: flags=0x0", "02000000, no request: flags=0x2",
        "05000000, no request: flags=0x5"})
    void shouldRefuseOtherVersionsAndReplies(String flags, String why) {
        byte[] header = bytes("01000000" + flags + "00000000");
        assertEquals(why, assertThrows(VhostRefusal.class, () -> VhostMessage.payloadLength(header)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"01020000, 513", "000000F0, 4026531840"})
    void shouldRefuseWhatIsTooLong(String length, String shown) {
        byte[] header = bytes("01000000 01000000" + length);
        assertEquals("payload of " + shown + " bytes, at most 512",
                assertThrows(VhostRefusal.class, () -> VhostMessage.payloadLength(header)).getMessage());
    }

    private static VhostMessage parse(String hex) throws VhostRefusal {
        byte[] all = bytes(hex);
        byte[] header = Arrays.copyOf(all, VhostMessage.HEADER_LENGTH);
        byte[] payload = Arrays.copyOfRange(all, VhostMessage.HEADER_LENGTH, all.length);
        assertEquals(payload.length, VhostMessage.payloadLength(header));
        return VhostMessage.of(header, payload);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex(hex));
    }

    private static String hex(String spaced) {
        return spaced.replace(" ", "").toLowerCase();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
