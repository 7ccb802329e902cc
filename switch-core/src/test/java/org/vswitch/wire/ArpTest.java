package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;

class ArpTest {
    private static final String REQUEST = "00 01 08 00 06 04 00 01"
            + " 52 54 00 12 34 56 0a 00 02 0f 00 00 00 00 00 00 0a 00 02 02";
    private static final String REPLY = "00 01 08 00 06 04 00 02"
            + " 52 55 0a 00 02 02 0a 00 02 02 52 54 00 12 34 56 0a 00 02 0f";

    private final ExactMemory memory = new ExactMemory();
    private final ExactMemory output = new ExactMemory();

    @AfterEach
    void close() {
        memory.close();
        output.close();
    }

    @Test
    void shouldReadARequest() {
        long packet = memory.place(REQUEST);
        assertTrue(Arp.isValid(packet, 28));
        assertEquals(Arp.REQUEST, Arp.opcode(packet));
        assertEquals(0x5254_0012_3456L, Arp.senderHardware(packet));
        assertEquals(0x0a00_020f, Arp.senderProtocol(packet));
        assertEquals(0, Arp.targetHardware(packet));
        assertEquals(0x0a00_0202, Arp.targetProtocol(packet));
    }

    @Test
    void shouldAnswerARequest() {
        Arp.emitReply(output.room(28), memory.place(REQUEST), 0x5255_0a00_0202L);
        assertEquals(REPLY, output.text());
    }

    @Test
    void shouldAsk() {
        Arp.emitRequest(output.room(28), 0x5254_0012_3456L, 0x0a00_020f, 0x0a00_0202);
        assertEquals(REQUEST, output.text());
    }

    @Test
    void shouldAcceptThePaddingOfShortFrames() {
        assertTrue(Arp.isValid(memory.place(REQUEST + " 00".repeat(18)), 46));
    }

    @Test
    void shouldRefuseAPacketCutAnywhere() {
        byte[] packet = ExactMemory.bytes(REQUEST);
        for (int length = 0; length < packet.length; length++) {
            assertFalse(Arp.isValid(memory.place(packet, length), length), length + " bytes");
        }
    }

    @Test
    void shouldRefuseOtherHardwareProtocolsAndLengths() {
        byte[] packet = ExactMemory.bytes(REQUEST);
        for (int bit = 0; bit < 8 * 6; bit++) {
            packet[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(Arp.isValid(memory.place(packet), 28), "bit " + bit);
            packet[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    @Test
    void shouldReadAnyOpcode() {
        long packet = memory.place(REPLY);
        NativeMemory.putShort(packet + 6, 0xffff);
        assertTrue(Arp.isValid(packet, 28));
        assertEquals(0xffff, Arp.opcode(packet));
    }

    @Test
    void shouldStayWithinAnyPacketItTakesForValid() {
        byte[] valid = ExactMemory.bytes(REQUEST);
        Seeds.check(200, random -> {
            byte[] packet = new byte[random.nextInt(60)];
            random.nextBytes(packet);
            System.arraycopy(valid, 0, packet, 0, Math.min(packet.length, random.nextInt(28)));
            long address = memory.place(packet);
            if (Arp.isValid(address, packet.length)) {
                Arp.emitReply(output.room(28), address, random.nextLong());
                assertEquals(Arp.senderHardware(address), Arp.targetHardware(output.place(output.read(28))));
            }
        });
    }
}
