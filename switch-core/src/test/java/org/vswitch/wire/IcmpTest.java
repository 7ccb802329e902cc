package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;

class IcmpTest {
    private static final int UDP = 17;
    /// From 10.0.2.15 port 40,000 to 192.0.2.1 port 53.
    private static final String QUOTED_IPV4 = "45 00 00 1c 00 01 40 00 01 11 00 00 0a 00 02 0f c0 00 02 01"
            + " 9c 40 00 35 00 08 00 00";
    private static final String QUOTED_IPV6 = "60 00 00 00 00 08 11 01"
            + " fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02"
            + " 9c 40 00 35 00 08 00 00";

    private final ExactMemory memory = new ExactMemory();
    private final ExactMemory output = new ExactMemory();

    @AfterEach
    void close() {
        memory.close();
        output.close();
    }

    @Nested
    class InVersion4 {
        private static final String ECHO = "08 00 e5 c1 12 34 00 07 01 02 ff";
        private static final String TOO_LONG = "03 04 00 00 00 00 05 14 " + QUOTED_IPV4;

        @Test
        void shouldReadAnEcho() {
            long message = memory.place(ECHO);
            assertTrue(Icmp.isValid(message, 11));
            assertEquals(Icmpv4.ECHO, Icmp.type(message));
            assertEquals(0, Icmp.code(message));
            assertEquals(0x1234, Icmp.identifier(message));
            assertEquals(7, Icmp.sequenceNumber(message));
            assertTrue(Icmpv4.isChecksumRight(message, 11));
        }

        @Test
        void shouldSeeEveryDamagedBit() {
            byte[] echo = ExactMemory.bytes(ECHO);
            for (int bit = 0; bit < 8 * echo.length; bit++) {
                echo[bit / 8] ^= (byte) (1 << bit % 8);
                assertFalse(Icmpv4.isChecksumRight(memory.place(echo), echo.length), "bit " + bit);
                echo[bit / 8] ^= (byte) (1 << bit % 8);
            }
            assertFalse(Icmpv4.isChecksumRight(memory.place(new byte[8]), 8), "nothing but zero");
        }

        @Test
        void shouldAnswerAnEcho() {
            Icmpv4.emitEchoReply(output.room(11), memory.place(ECHO), 11);
            assertEquals("00 00 ed c1 12 34 00 07 01 02 ff", output.text());
        }

        @Test
        void shouldBeginAnErrorMessage() {
            long message = output.room(36);
            Icmpv4.emitError(message, Icmpv4.DESTINATION_UNREACHABLE, Icmpv4.FRAGMENTATION_NEEDED, 1_300);
            NativeMemory.copyIn(ExactMemory.bytes(QUOTED_IPV4), 0, message + Icmp.LENGTH, 28);
            assertEquals(TOO_LONG, output.text());
            assertEquals(1_300, Icmpv4.nextHopMtu(message));
            Icmpv4.updateChecksum(message, 36);
            assertTrue(Icmpv4.isChecksumRight(message, 36));
        }

        @Test
        void shouldQuoteAsMuchAsFitsIn576Bytes() {
            assertEquals(548, Icmpv4.MAX_QUOTE);
        }

        @Test
        void shouldFindTheQuotedTransport() {
            assertEquals(28, Icmpv4.quotedTransport(memory.place(TOO_LONG), 36, UDP));
            assertEquals(-1, Icmpv4.quotedTransport(memory.place(TOO_LONG), 36, 6), "of another protocol");
            String withOptions = TOO_LONG.replace(" 45 ", " 46 ") + " 00 00 00 00";
            assertEquals(32, Icmpv4.quotedTransport(memory.place(withOptions), 40, UDP));
            String later = TOO_LONG.replace(" 40 00 01 11", " 00 01 01 11");
            assertEquals(-1, Icmpv4.quotedTransport(memory.place(later), 36, UDP), "of a later fragment");
            String first = TOO_LONG.replace(" 40 00 01 11", " 20 00 01 11");
            assertEquals(28, Icmpv4.quotedTransport(memory.place(first), 36, UDP), "of a first fragment");
            String echo = TOO_LONG.replaceFirst("03", "08");
            assertEquals(-1, Icmpv4.quotedTransport(memory.place(echo), 36, UDP), "in no error");
        }

        @Test
        void shouldRefuseAMessageCutAnywhere() {
            byte[] message = ExactMemory.bytes(TOO_LONG);
            for (int length = 0; length < message.length; length++) {
                long address = memory.place(message, length);
                assertEquals(length >= 8, Icmp.isValid(address, length), length + " bytes");
                if (length >= 8) {
                    assertEquals(-1, Icmpv4.quotedTransport(address, length, UDP), length + " bytes");
                }
            }
        }

        @Test
        void shouldTellErrorsFromQueries() {
            for (int type : new int[] {3, 4, 5, 11, 12}) {
                assertTrue(Icmpv4.isError(type), "type " + type);
            }
            for (int type : new int[] {0, 8, 9, 10, 13, 14, 17, 18, 42, 255}) {
                assertFalse(Icmpv4.isError(type), "type " + type);
            }
        }

        @Test
        void shouldStayWithinAnyMessage() {
            byte[] valid = ExactMemory.bytes(TOO_LONG);
            Seeds.check(500, random -> {
                byte[] bytes = new byte[8 + random.nextInt(64)];
                random.nextBytes(bytes);
                System.arraycopy(valid, 0, bytes, 0, Math.min(bytes.length, random.nextInt(valid.length)));
                long message = memory.place(bytes);
                int transport = Icmpv4.quotedTransport(message, bytes.length, random.nextBoolean() ? UDP : 6);
                assertTrue(transport == -1 || transport >= 28 && transport + 8 <= bytes.length);
                Icmpv4.updateChecksum(message, bytes.length);
                assertTrue(Icmpv4.isChecksumRight(message, bytes.length));
            });
        }
    }

    @Nested
    class InVersion6 {
        /// From fd00::1 to fd00::2, an echo request with three bytes.
        private static final String PACKET = "60 00 00 00 00 0b 3a 40"
                + " fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 02"
                + " 80 00 73 77 12 34 00 07 01 02 ff";
        private static final String TOO_BIG = "02 00 00 00 00 00 05 78 " + QUOTED_IPV6;

        @Test
        void shouldReadAnEchoRequest() {
            long header = memory.place(PACKET);
            long message = header + 40;
            assertTrue(Icmp.isValid(message, 11));
            assertEquals(Icmpv6.ECHO_REQUEST, Icmp.type(message));
            assertEquals(0, Icmp.code(message));
            assertEquals(0x1234, Icmp.identifier(message));
            assertEquals(7, Icmp.sequenceNumber(message));
            assertTrue(Icmpv6.isChecksumRight(header, message, 11));
        }

        @Test
        void shouldSeeEveryDamagedBitOfAddressesAndMessage() {
            byte[] packet = ExactMemory.bytes(PACKET);
            for (int bit = 8 * 8; bit < 8 * packet.length; bit++) {
                packet[bit / 8] ^= (byte) (1 << bit % 8);
                long header = memory.place(packet);
                assertFalse(Icmpv6.isChecksumRight(header, header + 40, 11), "bit " + bit);
                packet[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }

        @Test
        void shouldAnswerAnEchoRequest() {
            long reply = output.place(PACKET);
            Icmpv6.emitEchoReply(reply + 40, memory.place(PACKET) + 40, 11);
            Icmpv6.updateChecksum(reply, reply + 40, 11);
            assertEquals(PACKET.replace("80 00 73 77", "81 00 72 77"), output.text());
        }

        @Test
        void shouldBeginAnErrorMessage() {
            long message = output.room(56);
            Icmpv6.emitError(message, Icmpv6.PACKET_TOO_BIG, 0, 1_400);
            NativeMemory.copyIn(ExactMemory.bytes(QUOTED_IPV6), 0, message + Icmp.LENGTH, 48);
            assertEquals(TOO_BIG, output.text());
            assertEquals(1_400, Icmpv6.mtu(message));
        }

        @Test
        void shouldQuoteAsMuchAsFitsInTheLeastMtu() {
            assertEquals(1_232, Icmpv6.MAX_QUOTE);
        }

        @Test
        void shouldFindTheQuotedTransport() {
            assertEquals(48, Icmpv6.quotedTransport(memory.place(TOO_BIG), 56, UDP));
            assertEquals(-1, Icmpv6.quotedTransport(memory.place(TOO_BIG), 56, 6), "of another protocol");
            String request = TOO_BIG.replaceFirst("02", "80");
            assertEquals(-1, Icmpv6.quotedTransport(memory.place(request), 56, UDP), "in no error");
            String extended = TOO_BIG.replace(" 11 01 ", " 3c 01 ").replace(" 9c 40", " 11 00 01 04 00 00 00 00 9c 40");
            assertEquals(56, Icmpv6.quotedTransport(memory.place(extended), 64, UDP), "behind options");
        }

        @Test
        void shouldRefuseAMessageCutAnywhere() {
            byte[] message = ExactMemory.bytes(TOO_BIG);
            for (int length = 0; length < message.length; length++) {
                long address = memory.place(message, length);
                assertEquals(length >= 8, Icmp.isValid(address, length), length + " bytes");
                if (length >= 8) {
                    assertEquals(-1, Icmpv6.quotedTransport(address, length, UDP), length + " bytes");
                }
            }
        }

        @Test
        void shouldTellErrorsFromInformation() {
            assertTrue(Icmpv6.isError(1));
            assertTrue(Icmpv6.isError(127));
            assertFalse(Icmpv6.isError(128));
            assertFalse(Icmpv6.isError(255));
        }

        @Test
        void shouldStayWithinAnyMessage() {
            byte[] valid = ExactMemory.bytes(TOO_BIG);
            Seeds.check(500, random -> {
                byte[] bytes = new byte[8 + random.nextInt(120)];
                random.nextBytes(bytes);
                System.arraycopy(valid, 0, bytes, 0, Math.min(bytes.length, random.nextInt(valid.length)));
                long message = memory.place(bytes);
                int transport = Icmpv6.quotedTransport(message, bytes.length, random.nextBoolean() ? UDP : 6);
                assertTrue(transport == -1 || transport >= 48 && transport + 8 <= bytes.length);
            });
        }
    }
}
