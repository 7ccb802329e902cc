package org.vswitch.slirp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.fixture.Seeds;

class DnsTest {
    /// a.example, type AAAA, class IN
    private static final String QUESTION = "01 61 07 65 78 61 6d 70 6c 65 00 00 1c 00 01 ";
    private static final int QUESTION_END = 27;
    private static final String PLAIN_QUERY = "be ef 01 00 00 01 00 00 00 00 00 00 " + QUESTION;
    /// 4,096 bytes, version 0, DO.
    private static final String OPT = "00 00 29 10 00 00 00 80 00 00 00 ";
    private static final String QUERY = "be ef 01 20 00 01 00 00 00 00 00 01 " + QUESTION + OPT;
    private static final String ANSWER = "be ef 85 83 00 01 00 01 00 01 00 01 " + QUESTION
            + "c0 0c 00 1c 00 01 00 00 00 3c 00 02 ab cd "
            + "07 65 78 61 6d 70 6c 65 00 00 02 00 01 00 00 00 3c 00 00 " + OPT;

    private final ExactMemory memory = new ExactMemory();
    private final ExactMemory output = new ExactMemory();

    @AfterEach
    void close() {
        memory.close();
        output.close();
    }

    @Nested
    class InTheHeader {
        @Test
        void shouldReadAQuery() {
            long message = memory.place(QUERY);
            assertTrue(Dns.isValid(message, 12));
            assertFalse(Dns.isValid(message, 11));
            assertEquals(0xbeef, Dns.id(message));
            assertFalse(Dns.isResponse(message));
            assertFalse(Dns.isTruncated(message));
            assertEquals(Dns.QUERY, Dns.opcode(message));
            assertEquals(1, Dns.qdcount(message));
            Dns.id(message, 0x1_1234);
            assertEquals("12 34 01 20", memory.text().substring(0, 11));
        }

        @Test
        void shouldReadAnAnswer() {
            long message = memory.place("00 00 ab 83 ff ff 00 00 00 00 00 00");
            assertTrue(Dns.isResponse(message));
            assertTrue(Dns.isTruncated(message));
            assertEquals(5, Dns.opcode(message));
            assertEquals(Dns.NXDOMAIN, Dns.rcode(message));
            assertEquals(65_535, Dns.qdcount(message));
        }
    }

    @Nested
    class InTheQuestion {
        @Test
        void shouldFindItsEndAndType() {
            long message = memory.place(PLAIN_QUERY);
            assertEquals(QUESTION_END, Dns.questionEnd(message, QUESTION_END));
            assertEquals(28, Dns.questionType(message, QUESTION_END));
        }

        @Test
        void shouldRefuseAQuestionCutAnywhere() {
            byte[] message = ExactMemory.bytes(PLAIN_QUERY);
            for (int length = Dns.LENGTH; length < message.length; length++) {
                assertEquals(Dns.MALFORMED, Dns.questionEnd(memory.place(message, length), length), length + " bytes");
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"00 00", "00 02", "ff ff"})
        void shouldRefuseNoneAndMoreThanOne(String count) {
            String query = PLAIN_QUERY.replaceFirst("00 01 00 00", count + " 00 00");
            assertEquals(Dns.MALFORMED, Dns.questionEnd(memory.place(query), QUESTION_END));
        }

        @Test
        void shouldKnowTheSameQuestionInAnyCase() {
            long query = memory.place(PLAIN_QUERY);
            String answer = ANSWER.replaceFirst("01 61 07 65", "01 41 07 45");
            assertTrue(isSame(query, answer));
            assertFalse(isSame(query, ANSWER.replaceFirst("01 61", "01 62")), "another name");
            assertFalse(isSame(query, ANSWER.replaceFirst("00 1c", "00 01")), "another type");
            assertFalse(isSame(query, ANSWER.replaceFirst("00 1c 00 01", "00 1c 00 03")), "another class");
            assertFalse(isSame(query, ANSWER.replaceFirst("85 83 00 01", "85 83 00 00")), "no question");
            assertFalse(isSame(memory.place(PLAIN_QUERY.replaceFirst("00 01 00", "00 02 00")), ANSWER), "two");
            query = memory.place(PLAIN_QUERY.replaceFirst("01 61", "01 5b"));
            assertFalse(isSame(query, ANSWER.replaceFirst("01 61", "01 7b")), "no letters");
        }

        private boolean isSame(long query, String answer) {
            int length = ExactMemory.bytes(answer).length;
            return Dns.isSameQuestion(query, QUESTION_END, output.place(answer), length);
        }
    }

    @Nested
    class InNames {
        private static final String HEADER = "00 ".repeat(12);

        @Test
        void shouldWalkOverTheRoot() {
            assertEquals(13, Dns.nameEnd(memory.place(HEADER + "00"), 13, 12));
        }

        @Test
        void shouldEndAtAPointerBackward() {
            assertEquals(19, nameEnd("01 61 00 01 62 c0 0c", 15));
            assertEquals(17, nameEnd("01 61 00 c0 0c", 15));
        }

        @ParameterizedTest
        @ValueSource(strings = {"c0 0f", "c0 10", "ff ff", "c0 00", "c0 0b", "01 62 c0 0f", "01 62 c0 11",
            "c0", "01 62 c0"})
        void shouldRefusePointersThatDoNotPointToInFrontOfTheName(String name) {
            assertEquals(Dns.MALFORMED, nameEnd("01 61 00 " + name, 15));
        }

        @ParameterizedTest
        @ValueSource(strings = {"40", "7f", "80", "bf"})
        void shouldRefuseReservedLabels(String octet) {
            assertEquals(Dns.MALFORMED, nameEnd(octet + " 00".repeat(200), 12));
        }

        @Test
        void shouldTakeLabelsOf63AndNamesOf255() {
            String label = "3f" + " 61".repeat(63) + " ";
            assertEquals(12 + 255, nameEnd(label.repeat(3) + "3d" + " 61".repeat(61) + "00", 12));
            assertEquals(Dns.MALFORMED, nameEnd(label.repeat(3) + "3e" + " 61".repeat(62) + "00", 12));
            assertEquals(Dns.MALFORMED, nameEnd("01 61 ".repeat(5_000) + "00", 12));
        }

        private int nameEnd(String names, int offset) {
            return Dns.nameEnd(memory.place(HEADER + names), 12 + ExactMemory.bytes(names).length, offset);
        }
    }

    @Nested
    class InEdns {
        @Test
        void shouldFindTheOptRecordOfAQuery() {
            long message = memory.place(QUERY);
            assertEquals(QUESTION_END, opt(QUERY));
            assertEquals(4_096, Dns.udpSize(message, QUESTION_END));
            assertEquals(0, Dns.ednsVersion(message, QUESTION_END));
        }

        @Test
        void shouldFindTheOptRecordBehindOthers() {
            assertEquals(60, opt(ANSWER));
        }

        @Test
        void shouldTakeNoOptRecordFor512Bytes() {
            assertEquals(Dns.NO_OPT, opt(PLAIN_QUERY));
            assertEquals(512, Dns.udpSize(memory.place(PLAIN_QUERY), Dns.NO_OPT));
        }

        @Test
        void shouldTakeLessThan512BytesFor512() {
            String query = QUERY.replace("00 00 29 10 00", "00 00 29 01 ff");
            assertEquals(512, Dns.udpSize(memory.place(query), QUESTION_END));
        }

        @Test
        void shouldReadAnotherVersion() {
            String query = QUERY.replace("10 00 00 00 80", "10 00 00 ff 80");
            assertEquals(QUESTION_END, opt(query));
            assertEquals(255, Dns.ednsVersion(memory.place(query), QUESTION_END));
        }

        @Test
        void shouldPassOverTheOptions() {
            assertEquals(QUESTION_END, opt(QUERY.replace("80 00 00 00 ", "80 00 00 04 00 0a 00 00 ")));
        }

        @Test
        void shouldRefuseTwoOptRecordsOneWithANameAndOneAmongAnswers() {
            assertEquals(Dns.MALFORMED, opt(QUERY.replaceFirst("00 01 01 61", "00 02 01 61") + OPT));
            assertEquals(Dns.MALFORMED, opt(QUERY.replace(" 00 00 29", " 01 61 00 00 29")));
            assertEquals(Dns.MALFORMED, opt(QUERY.replaceFirst("00 00 00 00 00 01", "00 01 00 00 00 00")));
            assertEquals(Dns.MALFORMED, opt(QUERY.replaceFirst("00 00 00 00 00 01", "00 00 00 01 00 00")));
        }

        @Test
        void shouldRefuseRecordsThatAreNotThere() {
            assertEquals(Dns.MALFORMED, opt(PLAIN_QUERY.replaceFirst("00 00 01 61", "00 01 01 61")));
            assertEquals(Dns.MALFORMED, opt(PLAIN_QUERY.replaceFirst("00 00 00 00 00 00", "ff ff ff ff ff ff")));
            assertEquals(Dns.MALFORMED, opt(QUERY.replace("80 00 00 00 ", "80 00 ff ff ")));
        }

        @Test
        void shouldRefuseAnAnswerCutAnywhere() {
            byte[] message = ExactMemory.bytes(ANSWER);
            for (int length = Dns.LENGTH; length < message.length; length++) {
                assertEquals(Dns.MALFORMED, Dns.opt(memory.place(message, length), length), length + " bytes");
            }
        }

        private int opt(String hex) {
            return Dns.opt(memory.place(hex), ExactMemory.bytes(hex).length);
        }
    }

    @Nested
    class InAReply {
        @Test
        void shouldFailWithoutEdns() {
            assertEquals(("be ef 81 82 00 01 00 00 00 00 00 00 " + QUESTION).strip(), error(PLAIN_QUERY, Dns.SERVFAIL));
        }

        @Test
        void shouldFailWithEdnsAndKeepDoOnly() {
            String query = QUERY.replace("80 00 00 00 ", "ff ff 00 00 ");
            assertEquals(("be ef 81 82 00 01 00 00 00 00 00 01 " + QUESTION
                    + "00 00 29 04 d0 00 00 80 00 00 00").strip(), error(query, Dns.SERVFAIL));
        }

        @Test
        void shouldRefuseAVersionOfEdns() {
            String query = QUERY.replace("10 00 00 00 80 00", "10 00 00 01 00 00");
            assertEquals(("be ef 81 80 00 01 00 00 00 00 00 01 " + QUESTION
                    + "00 00 29 04 d0 01 00 00 00 00 00").strip(), error(query, Dns.BADVERS));
        }

        @Test
        void shouldKeepOpcodeAndNothingThatOnlyAnswersHave() {
            assertTrue(error(PLAIN_QUERY.replaceFirst("01 00", "2f 7f"), Dns.NOTIMP).startsWith("be ef a9 84 00 01"));
        }

        @Test
        void shouldAnswerAQueryThatMakesNoSenseWithTheHeaderAlone() {
            String query = PLAIN_QUERY.replaceFirst("01 61", "41 61");
            assertEquals("be ef 81 81 00 00 00 00 00 00 00 00", error(query, Dns.FORMERR));
            assertEquals("be ef 81 81 00 00 00 00 00 00 00 00", error(query.substring(0, 36), Dns.FORMERR));
        }

        @Test
        void shouldSendTheClientToTcp() {
            int length = Dns.emitTruncated(output.room(38), memory.place(QUERY), 38);
            assertEquals(38, length);
            assertTrue(output.text().startsWith("be ef 83 80 00 01 00 00 00 00 00 01 01 61"));
        }

        @Test
        void shouldStayWithinAnyQuery() {
            byte[] start = ExactMemory.bytes(ANSWER);
            Seeds.check(3_000, random -> {
                byte[] bytes = Arrays.copyOf(start, Dns.LENGTH + random.nextInt(start.length));
                for (int changes = random.nextInt(6); changes > 0; changes--) {
                    int offset = 4 + random.nextInt(bytes.length - 4);
                    bytes[offset] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3));
                }
                long query = memory.place(bytes);
                int length = Dns.emitError(output.room(bytes.length), query, bytes.length, random.nextInt(17));
                assertTrue(length >= Dns.LENGTH && length <= bytes.length);
                long reply = output.place(output.read(length));
                assertTrue(Dns.isResponse(reply));
                assertTrue(length == Dns.LENGTH || Dns.opt(reply, length) != Dns.MALFORMED);
                Dns.isSameQuestion(query, bytes.length, reply, length);
            });
        }

        private String error(String query, int rcode) {
            int length = ExactMemory.bytes(query).length;
            int replyLength = Dns.emitError(output.room(length), memory.place(query), length, rcode);
            return ExactMemory.hex(output.read(replyLength));
        }
    }
}
