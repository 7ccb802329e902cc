package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Seeds;

class NdpTest {
    private static final String TARGET = "fe 80 00 00 00 00 00 00 50 54 00 ff fe 12 34 56 ";
    private static final String SOLICITATION = "87 00 12 34 00 00 00 00 " + TARGET;
    private static final String ADVERTISEMENT = "88 00 00 00 e0 00 00 00 " + TARGET;
    private static final String SOURCE_OPTION = "01 01 52 54 00 12 34 56 ";
    private static final String TARGET_OPTION = "02 01 52 54 00 12 34 56 ";
    private static final String UNKNOWN_OPTION = "fd 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ";
    private static final String ROUTER_SOLICITATION = "85 00 00 00 00 00 00 00 ";
    private static final String ROUTER_ADVERTISEMENT = "86 00 00 00 40 c0 07 08 00 00 00 00 00 00 00 00 ";

    private final ExactMemory memory = new ExactMemory();

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldReadANeighborSolicitation() {
        long message = memory.place(SOLICITATION + SOURCE_OPTION);
        assertTrue(Ndp.isValid(message, 32));
        assertEquals(0xfe80_0000_0000_0000L, Ndp.targetHigh(message));
        assertEquals(0x5054_00ff_fe12_3456L, Ndp.targetLow(message));
        assertEquals(0x5254_0012_3456L, Ndp.linkLayerAddress(message, 32, Ndp.SOURCE_LINK_LAYER_ADDRESS));
        assertEquals(-1, Ndp.linkLayerAddress(message, 32, Ndp.TARGET_LINK_LAYER_ADDRESS));
    }

    @Test
    void shouldReadANeighborAdvertisement() {
        long message = memory.place(ADVERTISEMENT.replace("e0", "7f") + TARGET_OPTION);
        assertTrue(Ndp.isValid(message, 32));
        assertEquals(Ndp.SOLICITED | Ndp.OVERRIDE, Ndp.flags(message));
        assertEquals(0x5254_0012_3456L, Ndp.linkLayerAddress(message, 32, Ndp.TARGET_LINK_LAYER_ADDRESS));
    }

    @Test
    void shouldReadMessagesWithoutOptions() {
        for (String hex : new String[] {SOLICITATION, ADVERTISEMENT, ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT}) {
            int length = ExactMemory.bytes(hex).length;
            long message = memory.place(hex);
            assertTrue(Ndp.isValid(message, length), hex);
            assertEquals(-1, Ndp.linkLayerAddress(message, length, Ndp.SOURCE_LINK_LAYER_ADDRESS));
        }
    }

    @Test
    void shouldFindTheOptionBehindOthers() {
        long message = memory.place(ROUTER_SOLICITATION + UNKNOWN_OPTION + TARGET_OPTION + SOURCE_OPTION);
        assertTrue(Ndp.isValid(message, 40));
        assertEquals(0x5254_0012_3456L, Ndp.linkLayerAddress(message, 40, Ndp.SOURCE_LINK_LAYER_ADDRESS));
        assertEquals(0xfd, Ndp.optionType(message, 8));
        assertEquals(16, Ndp.optionLength(message, 8));
        assertEquals(2, Ndp.optionType(message, 24));
        assertEquals(8, Ndp.optionLength(message, 24));
    }

    @Test
    void shouldNotTakeALongerAddressForEthernets() {
        long message = memory.place(ROUTER_SOLICITATION + UNKNOWN_OPTION.replace("fd", "01"));
        assertTrue(Ndp.isValid(message, 24));
        assertEquals(-1, Ndp.linkLayerAddress(message, 24, Ndp.SOURCE_LINK_LAYER_ADDRESS));
    }

    @ParameterizedTest
    @ValueSource(strings = {SOLICITATION, ADVERTISEMENT, ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT})
    void shouldRefuseAMessageCutInsideAnyPart(String fixed) {
        byte[] message = ExactMemory.bytes(fixed + UNKNOWN_OPTION + SOURCE_OPTION);
        int beforeOptions = ExactMemory.bytes(fixed).length;
        for (int length = 8; length <= message.length; length++) {
            boolean whole = length == beforeOptions || length == beforeOptions + 16 || length == message.length;
            assertEquals(whole, Ndp.isValid(memory.place(message, length), length), length + " bytes");
        }
    }

    @Test
    void shouldRefuseAnOptionOfLengthZero() {
        assertFalse(Ndp.isValid(memory.place(SOLICITATION + SOURCE_OPTION.replaceFirst("01 01", "01 00")), 32));
        assertFalse(Ndp.isValid(memory.place(SOLICITATION + SOURCE_OPTION + "00 00 00 00 00 00 00 00"), 40));
    }

    @Test
    void shouldRefuseAnOptionThatLeavesTheMessage() {
        for (String length : new String[] {"02", "80", "ff"}) {
            String option = SOURCE_OPTION.replaceFirst("01 01", "01 " + length);
            assertFalse(Ndp.isValid(memory.place(SOLICITATION + option), 32), length);
        }
    }

    @Test
    void shouldRefuseAnotherCodeAGroupAndOtherTypes() {
        assertFalse(Ndp.isValid(memory.place(SOLICITATION.replaceFirst("87 00", "87 01")), 24));
        assertFalse(Ndp.isValid(memory.place(SOLICITATION.replaceFirst("fe 80", "ff 02")), 24));
        assertFalse(Ndp.isValid(memory.place(ADVERTISEMENT.replaceFirst("fe 80", "ff 02")), 24));
        assertFalse(Ndp.isValid(memory.place(SOLICITATION.replaceFirst("87 00", "89 00")), 24), "a redirect");
        assertFalse(Ndp.isValid(memory.place(SOLICITATION.replaceFirst("87 00", "80 00")), 24), "an echo request");
    }

    @Test
    void shouldWriteANeighborSolicitation() {
        long message = memory.room(32);
        Ndp.emitSolicitation(message, 0xfe80_0000_0000_0000L, 0x5054_00ff_fe12_3456L);
        Ndp.emitLinkLayerAddress(message + Ndp.NEIGHBOR_LENGTH, Ndp.SOURCE_LINK_LAYER_ADDRESS, 0x5254_0012_3456L);
        assertEquals((SOLICITATION.replace("12 34 00 00", "00 00 00 00") + SOURCE_OPTION).strip(), memory.text());
    }

    @Test
    void shouldWriteANeighborAdvertisement() {
        long message = memory.room(32);
        int flags = Ndp.ROUTER | Ndp.SOLICITED | Ndp.OVERRIDE;
        Ndp.emitAdvertisement(message, flags, 0xfe80_0000_0000_0000L, 0x5054_00ff_fe12_3456L);
        Ndp.emitLinkLayerAddress(message + Ndp.NEIGHBOR_LENGTH, Ndp.TARGET_LINK_LAYER_ADDRESS, 0x5254_0012_3456L);
        assertEquals((ADVERTISEMENT + TARGET_OPTION).strip(), memory.text());
    }

    @Test
    void shouldWriteARouterAdvertisement() {
        long message = memory.room(16 + 32 + 8 + 24 + 8);
        Ndp.emitRouterAdvertisement(message, 64, Ndp.MANAGED | Ndp.OTHER, 1_800);
        Ndp.emitPrefix(message + 16, 0xfd00_0000_0000_0001L, 86_400, 14_400);
        Ndp.emitMtu(message + 48, 65_520);
        Ndp.emitDnsServer(message + 56, 1_200, 0xfd00_0000_0000_0001L, 3);
        Ndp.emitLinkLayerAddress(message + 80, Ndp.SOURCE_LINK_LAYER_ADDRESS, 0x5254_0012_3456L);
        assertEquals((ROUTER_ADVERTISEMENT
                + "03 04 40 c0 00 01 51 80 00 00 38 40 00 00 00 00 fd 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 "
                + "05 01 00 00 00 00 ff f0 "
                + "19 03 00 00 00 00 04 b0 fd 00 00 00 00 00 00 01 00 00 00 00 00 00 00 03 "
                + SOURCE_OPTION).strip(), memory.text());
        assertTrue(Ndp.isValid(message, 88));
    }

    @Test
    void shouldStayWithinAnyMessageItTakesForValid() {
        String[] starts = {SOLICITATION, ADVERTISEMENT, ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT};
        int[] valid = {0};
        Seeds.check(4_000, random -> {
            byte[] start = ExactMemory.bytes(starts[random.nextInt(starts.length)]);
            byte[] bytes = new byte[start.length + 8 * random.nextInt(8)];
            random.nextBytes(bytes);
            System.arraycopy(start, 0, bytes, 0, start.length);
            for (int i = start.length; i < bytes.length; i += 8) {
                bytes[i] &= 3;
                bytes[i + 1] &= 3;
            }
            long message = memory.place(bytes);
            if (Ndp.isValid(message, bytes.length)) {
                valid[0]++;
                int last = Ndp.optionsOffset(Icmp.type(message));
                while (last < bytes.length) {
                    last += Ndp.optionLength(message, last);
                }
                assertEquals(bytes.length, last);
                Ndp.linkLayerAddress(message, bytes.length, random.nextInt(4));
            }
        });
        assertTrue(valid[0] > 0 || System.getProperty("test.seed") != null, "no message was valid");
    }
}
