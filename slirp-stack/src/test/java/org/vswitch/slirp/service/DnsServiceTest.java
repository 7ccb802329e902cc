package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.FakeDatagram;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.wire.Dns;

/// What the name server of the guests' network does with queries and their answers.
class DnsServiceTest {
    private static final String SERVER = DnsRig.FIRST;
    private static final byte[] QUERY = DnsMessages.query(0xbeef, "wWw.eXample", DnsMessages.A,
            DnsMessages.opt(1_232, 0));
    private static final byte[] PLAIN = DnsMessages.query(0xbeef, "www.example", DnsMessages.A);

    private DnsRig rig = new DnsRig(SERVER);

    @AfterEach
    void close() {
        rig.close();
        assertEquals(0, rig.host.openSockets(), "sockets");
    }

    @Nested
    class InRelaying {
        /// T24: of every type; T26: EDNS, DO and unknown options; T35: the case of letters.
        @ParameterizedTest
        @ValueSource(ints = {1, 2, 5, 12, 15, 16, 28, 33, 65, 255, 65_280})
        void shouldPassQueriesAndAnswersOnButForTheId(int type) {
            rig.peer(SERVER);
            byte[] query = DnsMessages.query(0x1234, "wWw.eXample", type, DnsMessages.opt(1_232, 0));
            FakeDatagram asked = rig.ask(query).asked(SERVER);
            assertArrayEquals(query, DnsMessages.withId(asked.bytes(), 0x1234));
            byte[] answer = DnsMessages.answer(asked.bytes(), Dns.NOERROR, 50);
            rig.answer(SERVER, asked, answer);
            assertArrayEquals(DnsMessages.withId(answer, 0x1234), rig.heard());
            assertEquals(0, rig.dns.inFlight());
            assertEquals(0, rig.host.openSockets());
        }

        /// T25: whatever the server says.
        @ParameterizedTest
        @ValueSource(ints = {Dns.NOERROR, Dns.FORMERR, Dns.SERVFAIL, Dns.NXDOMAIN, Dns.NOTIMP, Dns.REFUSED})
        void shouldPassTheRcodeOn(int rcode) {
            rig.peer(SERVER);
            FakeDatagram asked = rig.ask(QUERY).asked(SERVER);
            rig.answer(SERVER, asked, DnsMessages.answer(asked.bytes(), rcode, 0));
            assertEquals(rcode, DnsMessages.rcode(rig.heard()));
        }

        @Test
        void shouldPassOnWhatIsNoQueryButLooksLikeOne() {
            byte[] notify = QUERY.clone();
            notify[2] = 0x20;
            rig.peer(SERVER);
            FakeDatagram asked = rig.ask(notify).asked(SERVER);
            rig.answer(SERVER, asked, DnsMessages.answer(asked.bytes(), Dns.NOERROR, 0));
            assertEquals(0xbeef, DnsMessages.id(rig.heard()));
        }

        /// T31: the host has only an IPv6 resolver; and the other way round.
        @Test
        void shouldServeGuestsOfEitherFamilyByServersOfEither() {
            for (String server : new String[] {"2001:db8::53", "192.0.2.53"}) {
                rig.configure(server);
                rig.peer(server);
                rig.ask(QUERY);
                FakeDatagram asked = rig.asked(server);
                rig.answer(server, asked, DnsMessages.answer(asked.bytes(), Dns.NOERROR, 9));
                assertEquals(0xbeef, DnsMessages.id(rig.heard()));
                rig.askV6(QUERY);
                asked = rig.asked(server);
                rig.answer(server, asked, DnsMessages.answer(asked.bytes(), Dns.NOERROR, 9));
                assertEquals(0xbeef, DnsMessages.id(rig.heard()));
            }
        }

        /// T32: the proxy may ask there what guests may not reach.
        @Test
        void shouldAskTheStubOnTheHostsLoopback() {
            rig.configure("127.0.0.53");
            rig.peer("127.0.0.53");
            FakeDatagram asked = rig.ask(QUERY).asked("127.0.0.53");
            rig.answer("127.0.0.53", asked, DnsMessages.answer(asked.bytes(), Dns.NOERROR, 9));
            assertEquals(0xbeef, DnsMessages.id(rig.heard()));
        }

        /// Bad input 38.
        @Test
        void shouldDrawIdsAtRandomAndASocketForEachQuery() {
            rig.peer(SERVER);
            Set<Integer> ids = new HashSet<>();
            Set<Integer> ports = new HashSet<>();
            int ordered = 0;
            int before = 0;
            for (int i = 0; i < 100; i++) {
                FakeDatagram asked = rig.ask(QUERY).asked(SERVER);
                ids.add(DnsMessages.id(asked.bytes()));
                ports.add(asked.port());
                ordered += DnsMessages.id(asked.bytes()) > before ? 1 : 0;
                before = DnsMessages.id(asked.bytes());
            }
            assertTrue(ids.size() > 95, ids.toString());
            assertEquals(100, ports.size());
            assertTrue(ordered > 20 && ordered < 80, ordered + " of 100 above the one before");
        }
    }

    /// Bad input 31: who is not on the way has to guess.
    @Nested
    class InForgedAnswers {
        private FakeDatagram asked;
        private byte[] answer;

        private void ask() {
            rig.peer(SERVER);
            asked = rig.ask(QUERY).asked(SERVER);
            answer = DnsMessages.answer(asked.bytes(), Dns.NOERROR, 4);
        }

        private void expectIgnored(String from, byte[] forged) {
            rig.answer(from, asked, forged).heardNothing();
            assertEquals(1, rig.count(StackDrop.NO_ANSWER));
            rig.answer(SERVER, asked, answer);
            assertEquals(0xbeef, DnsMessages.id(rig.heard()), "the true answer");
        }

        @Test
        void shouldIgnoreAnotherServer() {
            ask();
            expectIgnored(DnsRig.SECOND, answer);
        }

        @Test
        void shouldIgnoreAnotherPortOfTheServer() {
            ask();
            expectIgnored("[" + SERVER + "]:54", answer);
        }

        @Test
        void shouldIgnoreAnotherId() {
            ask();
            expectIgnored(SERVER, DnsMessages.withId(answer, DnsMessages.id(answer) + 1));
        }

        @Test
        void shouldIgnoreAnotherQuestion() {
            ask();
            byte[] forged = answer.clone();
            forged[13]++;
            expectIgnored(SERVER, forged);
        }

        @Test
        void shouldIgnoreAnotherOpcode() {
            ask();
            byte[] forged = answer.clone();
            forged[2] ^= 0x20;
            expectIgnored(SERVER, forged);
        }

        @Test
        void shouldIgnoreAQueryInPlaceOfAnAnswer() {
            ask();
            expectIgnored(SERVER, asked.bytes());
        }

        @Test
        void shouldIgnoreFragmentsOfAMessage() {
            ask();
            expectIgnored(SERVER, Arrays.copyOf(answer, 11));
        }

        @Test
        void shouldNotBeKeptBusyByAFlood() {
            ask();
            for (int i = 0; i < 100; i++) {
                rig.peer(DnsRig.SECOND).send(answer, asked.port());
            }
            rig.answer(SERVER, asked, answer).heardNothing();
            for (int i = 0; i < 10; i++) {
                rig.turn();
            }
            assertEquals(0xbeef, DnsMessages.id(rig.heard()));
        }
    }

    /// T27: the client goes on over TCP.
    @Nested
    class InLargeAnswers {
        private byte[] ask(byte[] query, int length) {
            rig.peer(SERVER);
            FakeDatagram asked = rig.ask(query).asked(SERVER);
            byte[] answer = DnsMessages.answer(asked.bytes(), Dns.NOERROR, 0);
            answer = DnsMessages.answer(asked.bytes(), Dns.NOERROR, length - answer.length);
            assertEquals(length, answer.length);
            rig.answer(SERVER, asked, answer);
            return rig.heard();
        }

        @Test
        void shouldPassOnWhatTheClientTakes() {
            assertEquals(512, ask(PLAIN, 512).length);
            assertEquals(1_232, ask(QUERY, 1_232).length);
        }

        @Test
        void shouldSendTheClientToTcp() {
            for (byte[] query : new byte[][] {PLAIN, QUERY}) {
                byte[] heard = ask(query, query == PLAIN ? 513 : 1_233);
                assertTrue(DnsMessages.isTruncated(heard));
                assertEquals(0xbeef, DnsMessages.id(heard));
                assertTrue(heard.length <= query.length);
            }
        }

        @Test
        void shouldPassServersTruncationOn() {
            rig.peer(SERVER);
            FakeDatagram asked = rig.ask(PLAIN).asked(SERVER);
            byte[] answer = DnsMessages.answer(asked.bytes(), Dns.NOERROR, 4);
            answer[2] |= 2;
            rig.answer(SERVER, asked, answer);
            assertArrayEquals(DnsMessages.withId(answer, 0xbeef), rig.heard());
        }

        @Test
        void shouldSendQueriesThatAreTooLongToTcp() {
            byte[] padding = new byte[5_000];
            padding[2] = 16;
            padding[9] = (byte) (4_989 >> 8);
            padding[10] = (byte) 4_989;
            byte[] query = DnsMessages.query(1, "long.example", DnsMessages.A, padding);
            rig.peer(SERVER);
            rig.ip.receive(fragment(query, 0, 1_480, true));
            rig.ip.receive(fragment(query, 1_480, 2_960, true));
            rig.ip.receive(fragment(query, 2_960, 4_440, true));
            rig.send(fragment(query, 4_440, query.length + 8, false)).notAsked(SERVER);
            assertTrue(DnsMessages.isTruncated(rig.heard()));
        }

        private byte[] fragment(byte[] message, int from, int to, boolean more) {
            byte[] udp = GuestPackets.udp(DnsRig.GUEST_PORT, 53, message);
            return new GuestPackets.V4().to(GuestPackets.DNS_V4).fragment(from, more)
                    .payload(GuestPackets.UDP, Arrays.copyOfRange(udp, from, to)).frame();
        }
    }

    /// Bad input 31.
    @Nested
    class InNonsense {
        private void expectError(byte[] query, int rcode) {
            rig.peer(SERVER);
            rig.ask(query).notAsked(SERVER).heardError(query, rcode);
            assertEquals(1, rig.count(StackDrop.MALFORMED));
        }

        private void expectDropped(byte[] frame) {
            rig.peer(SERVER);
            rig.send(frame).notAsked(SERVER).heardNothing();
            assertEquals(1, rig.count(StackDrop.MALFORMED));
        }

        private byte[] frame(int port, byte[] message) {
            return new GuestPackets.V4().to(GuestPackets.DNS_V4)
                    .payload(GuestPackets.UDP, GuestPackets.udp(port, 53, message)).frame();
        }

        @Test
        void shouldDropAnswersInPlaceOfQueries() {
            expectDropped(frame(DnsRig.GUEST_PORT, DnsMessages.answer(QUERY, Dns.NOERROR, 4)));
        }

        @Test
        void shouldDropWhatHasNoHeader() {
            expectDropped(frame(DnsRig.GUEST_PORT, new byte[11]));
        }

        @Test
        void shouldDropWhatNobodyWaitsFor() {
            expectDropped(frame(0, QUERY));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 2, 65_535})
        void shouldRefuseNoneAndMoreThanOneQuestion(int questions) {
            expectError(GuestPackets.join(DnsMessages.header(7, 0x0100, questions, 0),
                    DnsMessages.question("a.example", 1), DnsMessages.question("b.example", 1)), Dns.FORMERR);
        }

        @Test
        void shouldRefusePointersInPlaceOfNames() {
            expectError(GuestPackets.join(DnsMessages.header(7, 0x0100, 1, 0),
                    GuestPackets.octets(0xc0, 12, 0, 1, 0, 1)), Dns.FORMERR);
        }

        @Test
        void shouldRefuseNamesOfMoreThan255Bytes() {
            expectError(DnsMessages.query(7, ("x".repeat(63) + ".").repeat(4) + "x", 1), Dns.FORMERR);
        }

        @Test
        void shouldRefuseTwoOptRecords() {
            expectError(DnsMessages.query(7, "a.example", 1, DnsMessages.opt(512, 0), DnsMessages.opt(512, 0)),
                    Dns.FORMERR);
        }

        @Test
        void shouldRefuseAnotherVersionOfEdns() {
            rig.ask(DnsMessages.query(7, "a.example", 1, DnsMessages.opt(512, 1)));
            byte[] heard = rig.heard();
            assertEquals(7, DnsMessages.id(heard));
            assertEquals(1, heard[heard.length - 6], "upper bits of BADVERS");
        }

        @Test
        void shouldNotImplementWhatItCannotRead() {
            byte[] stateful = DnsMessages.header(7, 0x3000, 0, 0);
            expectError(stateful, Dns.NOTIMP);
        }

        @ParameterizedTest
        @ValueSource(ints = {GuestPackets.ROUTER_V4, 0x0a00_02ff})
        void shouldLeaveWhatIsForOthersToOthers(int address) {
            rig.peer(SERVER);
            rig.send(new GuestPackets.V4().to(address)
                    .payload(GuestPackets.UDP, GuestPackets.udp(DnsRig.GUEST_PORT, 53, QUERY)).frame());
            rig.notAsked(SERVER).heardNothing();
            assertEquals(1, rig.refused);
        }
    }
}
