package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.host.FakeDatagram;
import org.vswitch.slirp.wire.Dns;

/// Which name server is asked, and what a guest hears when none answers (T29).
class DnsFailoverTest {
    private static final String FIRST = DnsRig.FIRST;
    private static final String SECOND = DnsRig.SECOND;
    private static final byte[] QUERY = DnsMessages.query(0xbeef, "www.example", DnsMessages.A,
            DnsMessages.opt(1_232, 0));

    private final DnsRig rig = new DnsRig(FIRST, SECOND);

    @AfterEach
    void close() {
        rig.close();
        assertEquals(0, rig.host.openSockets(), "sockets");
        assertEquals(0, rig.dns.inFlight());
    }

    private void answers(String server) {
        FakeDatagram asked = rig.asked(server);
        rig.answer(server, asked, DnsMessages.answer(asked.bytes(), Dns.NOERROR, 4));
        assertEquals(0xbeef, DnsMessages.id(rig.heard()));
    }

    /// Both are there; what they do is up to the test.
    private void bothListen() {
        rig.peer(FIRST);
        rig.peer(SECOND);
    }

    @Test
    void shouldAskTheSecondWhenTheFirstIsSilent() {
        bothListen();
        FakeDatagram first = rig.ask(QUERY).asked(FIRST);
        rig.pass(1_499).notAsked(SECOND);
        FakeDatagram second = rig.pass(1).asked(SECOND);
        assertNotEquals(DnsMessages.id(first.bytes()), DnsMessages.id(second.bytes()));
        rig.answer(SECOND, second, DnsMessages.answer(second.bytes(), Dns.NOERROR, 4));
        assertEquals(0xbeef, DnsMessages.id(rig.heard()));
    }

    @Test
    void shouldAskTheSecondAtOnceWhenTheFirstIsNotThere() {
        rig.peer(SECOND);
        rig.ask(QUERY);
        answers(SECOND);
    }

    @Test
    void shouldAskTheSecondAtOnceWhenTheFirstCannotBeSentTo() {
        rig.peer(SECOND);
        List<ResolvConf.Server> servers = rig.conf.servers();
        ResolvConf.Server impossible = new ResolvConf.Server(0, servers.getFirst().low(), 0);
        rig.conf = new ResolvConf(List.of(impossible, servers.getLast()), 5, false, List.of());
        rig.ask(QUERY);
        answers(SECOND);
    }

    @Test
    void shouldNotAskAServerThatFailedBeforeTheOtherFor30Seconds() {
        rig.peer(SECOND);
        rig.ask(QUERY);
        answers(SECOND);
        rig.peer(FIRST);
        rig.pass(29_999).ask(QUERY).notAsked(FIRST);
        answers(SECOND);
        rig.pass(1).ask(QUERY).notAsked(SECOND);
        answers(FIRST);
    }

    @Test
    void shouldNotBlameAServerThatAnswersOthers() {
        bothListen();
        rig.ask(QUERY).asked(FIRST);
        rig.pass(100).ask(QUERY);
        answers(FIRST);
        rig.pass(1_400);
        answers(SECOND);
        rig.ask(QUERY).notAsked(SECOND);
        answers(FIRST);
    }

    @Test
    void shouldForgiveAServerThatAnswers() {
        rig.peer(SECOND);
        rig.ask(QUERY);
        answers(SECOND);
        rig.peer(FIRST);
        rig.peer(SECOND);
        rig.ask(QUERY).asked(SECOND);
        rig.pass(1_500);
        answers(FIRST);
        rig.ask(QUERY);
        answers(FIRST);
    }

    @Test
    void shouldFailWhenNobodyIsThere() {
        rig.ask(QUERY).turn().heardError(QUERY, Dns.SERVFAIL);
    }

    @Test
    void shouldFailBeforeTheClientGivesUpWhenNobodyAnswers() {
        bothListen();
        rig.ask(QUERY).asked(FIRST);
        rig.pass(1_500).asked(SECOND);
        rig.pass(2_999).heardNothing().pass(1).heardError(QUERY, Dns.SERVFAIL);
    }

    @Test
    void shouldWaitForTheOnlyServer() {
        rig.configure(FIRST);
        rig.peer(FIRST);
        FakeDatagram asked = rig.ask(QUERY).asked(FIRST);
        rig.pass(4_499).answer(FIRST, asked, DnsMessages.answer(asked.bytes(), Dns.NOERROR, 4));
        assertEquals(0xbeef, DnsMessages.id(rig.heard()));
    }

    @Test
    void shouldTakeTheTimeThatIsConfigured() {
        rig.conf = ResolvConf.parse("nameserver " + FIRST + "\noptions timeout:1\nnameserver " + SECOND);
        bothListen();
        rig.ask(QUERY).asked(FIRST);
        rig.pass(999).notAsked(SECOND).pass(1).asked(SECOND);
        rig.pass(999).heardNothing().pass(1).heardError(QUERY, Dns.SERVFAIL);
        rig.conf = ResolvConf.parse("nameserver " + FIRST + "\noptions timeout:30");
        rig.ask(QUERY).asked(FIRST);
        rig.pass(9_999).heardNothing().pass(1).heardError(QUERY, Dns.SERVFAIL);
    }

    @Test
    void shouldFailAtOnceWithoutServers() {
        rig.conf = ResolvConf.NONE;
        rig.ask(QUERY).heardError(QUERY, Dns.SERVFAIL);
    }

    @Test
    void shouldFailWithoutSockets() {
        bothListen();
        rig.host.mostSockets(0);
        rig.ask(QUERY).heardError(QUERY, Dns.SERVFAIL).notAsked(FIRST);
        rig.host.mostSockets(1);
        rig.ask(QUERY);
        answers(FIRST);
    }

    @Test
    void shouldLetServersTakeTurnsIfTheyAreTo() {
        rig.conf = ResolvConf.parse("options rotate\nnameserver " + FIRST + "\nnameserver " + SECOND);
        bothListen();
        rig.ask(QUERY);
        answers(SECOND);
        rig.ask(QUERY);
        answers(FIRST);
        rig.ask(QUERY);
        answers(SECOND);
    }

    /// T30.
    @Test
    void shouldAskWhoIsConfiguredNow() {
        bothListen();
        rig.configure(FIRST);
        FakeDatagram asked = rig.ask(QUERY).asked(FIRST);
        rig.configure(SECOND);
        rig.ask(QUERY);
        answers(SECOND);
        rig.answer(FIRST, asked, DnsMessages.answer(asked.bytes(), Dns.NOERROR, 4));
        assertEquals(0xbeef, DnsMessages.id(rig.heard()), "of a query under way");
    }

    @Test
    void shouldGoOnToWhoIsConfiguredMeanwhile() {
        bothListen();
        rig.peer("192.0.2.3");
        rig.ask(QUERY).asked(FIRST);
        rig.configure("192.0.2.3");
        rig.pass(1_500);
        answers("192.0.2.3");
    }

    /// Bad input 37: the process was held up, not the server.
    @Test
    void shouldTakeAnAnswerThatCameWhileNobodyLooked() {
        bothListen();
        FakeDatagram asked = rig.ask(QUERY).asked(FIRST);
        rig.peer(FIRST).send(DnsMessages.answer(asked.bytes(), Dns.NOERROR, 4), asked.port());
        rig.nowNs += 20_000 * DnsRig.MS;
        rig.dns.expire(rig.nowNs);
        assertEquals(Dns.NOERROR, DnsMessages.rcode(rig.heard()));
    }
}
