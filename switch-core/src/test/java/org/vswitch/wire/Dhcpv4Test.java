package org.vswitch.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Seeds;

class Dhcpv4Test {
    private static final String STATION = "52 54 00 12 34 56 00 00 00 00 00 00 00 00 00 00 ";
    private static final String COOKIE = "63 82 53 63 ";
    /// To be broadcast; from a client that has 10.0.2.15, through no relay.
    private static final String ADDRESSES = "01 01 06 00 3d 1d 00 01 00 04 80 00 "
            + "0a 00 02 0f 00 00 00 00 00 00 00 00 00 00 00 00 " + STATION;
    private static final String FIXED = ADDRESSES + "00 ".repeat(64 + 128) + COOKIE;
    private static final String OPTIONS = "35 01 03 3d 07 01 52 54 00 12 34 56 32 04 0a 00 02 10 36 04 0a 00 02 02 "
            + "33 04 00 00 0e 10 39 02 05 dc 0c 03 76 6d 31 37 04 01 03 06 0f 52 04 01 02 61 62 ff ";

    private final ExactMemory memory = new ExactMemory();
    private final ExactMemory output = new ExactMemory();
    private final Dhcpv4Options options = new Dhcpv4Options();
    private final Dhcpv4Reply reply = new Dhcpv4Reply();

    @AfterEach
    void close() {
        memory.close();
        output.close();
    }

    @Nested
    class InTheFixedPart {
        @Test
        void shouldReadARequest() {
            long message = memory.place(FIXED);
            assertTrue(Dhcpv4.isRequest(message, 240));
            assertEquals(0x3d1d_0001, Dhcpv4.xid(message));
            assertTrue(Dhcpv4.isBroadcast(message));
            assertEquals(0x0a00_020f, Dhcpv4.ciaddr(message));
            assertEquals(0x5254_0012_3456L, Dhcpv4.chaddr(message));
            assertEquals(0, Dhcpv4.giaddr(message));
        }

        @Test
        void shouldReadTheAddressesOfAnAnswer() {
            long message = memory.place("02 01 06 00 00 00 00 00 00 00 7f ff "
                    + "00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04");
            assertEquals(1, Dhcpv4.ciaddr(message));
            assertEquals(2, Dhcpv4.yiaddr(message));
            assertEquals(3, Dhcpv4.siaddr(message));
            assertEquals(4, Dhcpv4.giaddr(message));
            assertFalse(Dhcpv4.isBroadcast(message));
        }

        @Test
        void shouldRefuseAMessageCutAnywhere() {
            byte[] message = ExactMemory.bytes(FIXED);
            for (int length = 0; length < message.length; length++) {
                assertFalse(Dhcpv4.isRequest(memory.place(message, length), length), length + " bytes");
            }
        }

        @ParameterizedTest
        @CsvSource({"0, 0", "0, 2", "1, 0", "1, 6", "2, 0", "2, 5", "2, 16", "2, 255", "236, 0", "239, 0"})
        void shouldRefuseAnswersOtherNetworksAndBootp(int offset, int value) {
            byte[] message = ExactMemory.bytes(FIXED);
            message[offset] = (byte) value;
            assertFalse(Dhcpv4.isRequest(memory.place(message), message.length));
        }
    }

    @Nested
    class InOptions {
        @Test
        void shouldReadWhatAClientSays() {
            assertTrue(parse(FIXED + OPTIONS));
            assertEquals(Dhcpv4.DHCPREQUEST, options.messageType());
            assertEquals(0x0a00_0210, options.requestedAddress());
            assertEquals(0x0a00_0202, options.serverIdentifier());
            assertEquals(3_600, options.leaseSeconds());
            assertEquals(1_472, options.maxReplyLength());
            assertArrayEquals(new byte[] {'v', 'm', '1'}, options.bytes(Dhcpv4Options.HOST_NAME));
            assertEquals("01 52 54 00 12 34 56", ExactMemory.hex(options.bytes(Dhcpv4Options.CLIENT_IDENTIFIER)));
            for (int code = 0; code < 256; code++) {
                assertEquals(Set.of(1, 3, 6, 15).contains(code), options.isRequested(code), "option " + code);
            }
        }

        @Test
        void shouldForgetTheMessageBefore() {
            parse(FIXED + OPTIONS);
            assertTrue(parse(FIXED));
            assertEquals(0, options.messageType());
            assertEquals(0, options.requestedAddress());
            assertEquals(0, options.serverIdentifier());
            assertEquals(0, options.leaseSeconds());
            assertEquals(548, options.maxReplyLength());
            assertFalse(options.has(Dhcpv4Options.CLIENT_IDENTIFIER));
            assertEquals(0, options.bytes(Dhcpv4Options.CLIENT_IDENTIFIER).length);
            assertFalse(options.isRequested(1));
        }

        @Test
        void shouldReadNothingBehindTheEnd() {
            assertTrue(parse(FIXED + "00 00 35 01 01 ff 32 04 0a 00 02 10 32"));
            assertEquals(Dhcpv4.DHCPDISCOVER, options.messageType());
            assertEquals(0, options.requestedAddress());
        }

        @Test
        void shouldLetTheFirstOfTwoCount() {
            assertTrue(parse(FIXED + "35 01 01 35 01 03 ff"));
            assertEquals(Dhcpv4.DHCPDISCOVER, options.messageType());
        }

        @ParameterizedTest
        @ValueSource(strings = {"35 00", "35 02 01 01", "32 03 0a 00 02", "36 05 0a 00 02 02 00", "33 00",
            "39 01 05", "39 03 05 dc 00", "39 02 00 00", "39 02 02 3f", "34 02 03 03", "34 00", "34 01 00", "34 01 04"})
        void shouldNotBelieveValuesOfAWrongLength(String option) {
            assertTrue(parse(FIXED + option + "ff"));
            assertEquals(0, options.messageType());
            assertEquals(0, options.requestedAddress());
            assertEquals(0, options.serverIdentifier());
            assertEquals(0, options.leaseSeconds());
            assertEquals(548, options.maxReplyLength());
        }

        @Test
        void shouldRefuseOptionsCutInsideAnyOfThem() {
            byte[] message = ExactMemory.bytes(FIXED + OPTIONS);
            Set<Integer> whole = Set.of(0, 3, 12, 18, 24, 30, 34, 39, 45, 51, 52);
            for (int length = 240; length <= message.length; length++) {
                boolean parsed = options.parse(memory.place(message, length), length);
                assertEquals(whole.contains(length - 240), parsed, length + " bytes");
                assertEquals(parsed && length >= 243, options.has(Dhcpv4Options.MESSAGE_TYPE), length + " bytes");
            }
        }

        @Test
        void shouldRefuseAnOptionThatLeavesTheMessage() {
            assertFalse(parse(FIXED + "35 01 01 3d ff 01 02"));
            assertFalse(parse(FIXED + "3d"));
            assertFalse(options.has(53));
        }

        @Test
        void shouldContinueInFileAndThenInSname() {
            String sname = "0c 01 73 35 01 05 ff " + "00 ".repeat(57);
            String file = "0c 01 66 " + "00 ".repeat(125);
            assertTrue(parse(ADDRESSES + sname + file + COOKIE + "34 01 03 ff"));
            assertArrayEquals(new byte[] {'f'}, options.bytes(Dhcpv4Options.HOST_NAME), "file before sname");
            assertEquals(Dhcpv4.DHCPACK, options.messageType());
            assertTrue(parse(ADDRESSES + sname + file + COOKIE + "34 01 02 ff"));
            assertArrayEquals(new byte[] {'s'}, options.bytes(Dhcpv4Options.HOST_NAME), "sname alone");
            assertTrue(parse(ADDRESSES + sname + file + COOKIE + "34 01 01 ff"));
            assertEquals(0, options.messageType(), "file alone");
            assertTrue(parse(ADDRESSES + sname + file + COOKIE + "ff"));
            assertFalse(options.has(Dhcpv4Options.HOST_NAME), "neither");
        }

        @Test
        void shouldNotBeOverloadedByWhatIsOverloaded() {
            String sname = "0c 01 73 ff " + "00 ".repeat(60);
            String file = "34 01 03 ff " + "00 ".repeat(124);
            assertTrue(parse(ADDRESSES + sname + file + COOKIE + "34 01 01 ff"));
            assertFalse(options.has(Dhcpv4Options.HOST_NAME));
        }

        @Test
        void shouldRefuseAnOptionThatLeavesFileOrSname() {
            String padded = "00 ".repeat(62);
            assertFalse(parse(ADDRESSES + padded + "0c 01 " + "00 ".repeat(128) + COOKIE + "34 01 02 ff"));
            String file = padded + padded + "00 00 0c 03 ";
            assertFalse(parse(ADDRESSES + "00 ".repeat(64) + file + COOKIE + "34 01 01 ff"));
        }

        @Test
        void shouldStayWithinAnyMessage() {
            byte[] start = ExactMemory.bytes(FIXED + OPTIONS);
            Seeds.check(1_000, random -> {
                byte[] bytes = Arrays.copyOf(start, 240 + random.nextInt(90));
                for (int changes = random.nextInt(30); changes > 0; changes--) {
                    int offset = random.nextInt(bytes.length - 44) + 44;
                    bytes[offset] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(62));
                }
                long message = memory.place(bytes);
                boolean parsed = options.parse(message, bytes.length);
                for (int code = 1; code < 255; code++) {
                    assertTrue(parsed || !options.has(code));
                    assertEquals(options.length(code), options.bytes(code).length);
                    options.isRequested(code);
                }
            });
        }
    }

    @Nested
    class InAReply {
        private static final String FIXED_REPLY = "02 01 06 00 3d 1d 00 01 00 00 80 00 "
                + "00 00 00 00 0a 00 02 10 0a 00 02 02 00 00 00 00 " + STATION + "00 ".repeat(64 + 128) + COOKIE;

        @Test
        void shouldOfferAnAddress() {
            long request = memory.place(FIXED + OPTIONS);
            options.parse(request, 240 + 52);
            reply.begin(output.room(548), 548, request);
            reply.addresses(0x0a00_0210, 0x0a00_0202);
            reply.u8(Dhcpv4Options.MESSAGE_TYPE, Dhcpv4.DHCPOFFER);
            reply.u32(Dhcpv4Options.SERVER_IDENTIFIER, 0x0a00_0202);
            reply.u16(Dhcpv4Options.INTERFACE_MTU, 65_520);
            reply.bytes(Dhcpv4Options.DOMAIN_NAME, new byte[] {'v', 'm'});
            reply.copy(Dhcpv4Options.CLIENT_IDENTIFIER, options);
            reply.copy(Dhcpv4Options.MESSAGE, options);
            assertEquals(300, reply.end());
            assertEquals((FIXED_REPLY + "35 01 02 36 04 0a 00 02 02 1a 02 ff f0 0f 02 76 6d "
                    + "3d 07 01 52 54 00 12 34 56 ff " + "00 ".repeat(33)).strip(), ExactMemory.hex(output.read(300)));
            assertEquals((byte) 0xee, output.read(301)[300], "nothing behind the padding");
        }

        @Test
        void shouldReturnTheRelayTheClientsAddressAndAFile() {
            byte[] request = ExactMemory.bytes(FIXED);
            request[24] = 10;
            request[27] = 1;
            reply.begin(output.room(300), 300, memory.place(request));
            reply.ciaddr(0x0a00_020f);
            reply.file(new byte[] {'p', 'x', 'e'});
            assertEquals(300, reply.end());
            String text = output.text();
            assertEquals("0a 00 02 0f", text.substring(3 * 12, 3 * 16 - 1));
            assertEquals("0a 00 00 01", text.substring(3 * 24, 3 * 28 - 1));
            assertEquals("70 78 65 00", text.substring(3 * 108, 3 * 112 - 1));
            assertEquals("ff 00", text.substring(3 * 240, 3 * 242 - 1));
        }

        @Test
        void shouldAskARelayToBroadcast() {
            reply.begin(output.room(300), 300, memory.place(FIXED.replaceFirst("80 00", "00 01")));
            assertEquals("00 01", output.text().substring(30, 35));
            reply.broadcast();
            assertEquals("80 01", output.text().substring(30, 35));
        }

        @Test
        void shouldLeaveOutWhatDoesNotFit() {
            reply.begin(output.room(300), 300, memory.place(FIXED));
            reply.bytes(Dhcpv4Options.DOMAIN_NAME, new byte[52]);
            reply.u32(Dhcpv4Options.LEASE_TIME, 60);
            reply.bytes(Dhcpv4Options.HOST_NAME, new byte[4]);
            reply.u16(Dhcpv4Options.INTERFACE_MTU, 1_500);
            reply.u8(Dhcpv4Options.MESSAGE_TYPE, Dhcpv4.DHCPNAK);
            assertEquals(300, reply.end());
            assertTrue(output.text().endsWith("00 00 1a 02 05 dc ff 00"));
        }

        @Test
        void shouldFillTheRoomToTheLastByte() {
            reply.begin(output.room(301), 301, memory.place(FIXED));
            reply.bytes(Dhcpv4Options.DOMAIN_NAME, new byte[58]);
            assertEquals(301, reply.end());
            assertTrue(output.text().endsWith("00 ff"));
            reply.begin(output.room(301), 301, memory.place(FIXED));
            reply.bytes(Dhcpv4Options.DOMAIN_NAME, new byte[59]);
            assertEquals(300, reply.end());
        }

        @Test
        void shouldSplitLongOptions() {
            reply.begin(output.room(548), 548, memory.place(FIXED));
            reply.bytes(Dhcpv4Options.DOMAIN_SEARCH, new byte[256]);
            assertEquals(240 + 257 + 3 + 1, reply.end());
            assertTrue(ExactMemory.hex(output.read(501)).endsWith(" 00 77 01 00 ff"));
        }

        @Test
        void shouldBeReadAsItWasWritten() {
            Seeds.check(100, random -> {
                int room = 300 + random.nextInt(300);
                long message = output.room(room);
                reply.begin(message, room, memory.place(FIXED));
                for (int count = random.nextInt(20); count > 0; count--) {
                    reply.bytes(1 + random.nextInt(51), new byte[1 + random.nextInt(80)]);
                }
                int length = reply.end();
                assertTrue(length <= room);
                assertTrue(options.parse(message, length));
            });
        }
    }

    private boolean parse(String hex) {
        return options.parse(memory.place(hex), ExactMemory.bytes(hex).length);
    }
}
