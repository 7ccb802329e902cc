package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.FakeDatagram;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.wire.Dns;

/// What one guest, or many, can take of the name server.
class DnsLimitsTest {
    private static final String SERVER = DnsRig.FIRST;
    private static final byte[] QUERY = DnsMessages.query(0xbeef, "www.example", DnsMessages.A);

    private final DnsRig rig = new DnsRig(SERVER);

    @AfterEach
    void close() {
        rig.close();
        assertEquals(0, rig.host.openSockets(), "sockets");
    }

    @Test
    void shouldKeep150QueriesOfOneGuestUnderWay() {
        rig.peer(SERVER);
        for (int i = 0; i < DnsService.MAX_PER_GUEST; i++) {
            rig.ask(QUERY);
        }
        assertEquals(DnsService.MAX_PER_GUEST, rig.dns.inFlight());
        rig.heardNothing().ask(QUERY).heardError(QUERY, Dns.SERVFAIL);
        assertEquals(1, rig.count(StackDrop.LIMIT));
        rig.ask(GuestPackets.OTHER_GUEST, QUERY).heardNothing();
        FakeDatagram first = rig.asked(SERVER);
        rig.answer(SERVER, first, DnsMessages.answer(first.bytes(), Dns.NOERROR, 4)).heard();
        rig.ask(QUERY).heardNothing();
        assertEquals(DnsService.MAX_PER_GUEST + 1, rig.dns.inFlight());
    }

    @Test
    void shouldTakePlacesFromTheGreediest() {
        rig.peer(SERVER);
        List<FakeDatagram> asked = new ArrayList<>();
        for (int guest = 0; guest < 8; guest++) {
            for (int i = 0; i < 128; i++) {
                asked.add(rig.ask(GuestPackets.GUEST + guest, QUERY).asked(SERVER));
            }
            rig.nowNs++;
        }
        assertEquals(1_024, rig.dns.inFlight());
        rig.heardNothing().ask(0x5254_0000_0099L, QUERY).heardError(QUERY, Dns.SERVFAIL);
        FakeDatagram newcomer = rig.asked(SERVER);
        assertEquals(1_024, rig.dns.inFlight());
        assertEquals(1, rig.count(StackDrop.LIMIT));
        rig.answer(SERVER, newcomer, DnsMessages.answer(newcomer.bytes(), Dns.NOERROR, 4));
        assertEquals(Dns.NOERROR, DnsMessages.rcode(rig.heard()));
        rig.ask(GuestPackets.GUEST + 3, QUERY).heardNothing();
        rig.ask(GuestPackets.GUEST + 3, QUERY).heardError(QUERY, Dns.SERVFAIL);
        assertEquals(1_024, rig.dns.inFlight());
        rig.pass(4_500);
        assertEquals(0, rig.dns.inFlight());
    }

    /// T36.
    @Test
    void shouldHear1000QueriesASecondOfOneGuest() {
        for (int i = 0; i < 10_000; i++) {
            rig.ask(QUERY);
        }
        assertEquals(9_000, rig.count(StackDrop.RATE_LIMIT));
        assertEquals(1_000, rig.ip.sent.size());
        rig.ask(GuestPackets.OTHER_GUEST, QUERY);
        assertEquals(1_001, rig.ip.sent.size(), "the other guest");
        rig.pass(100);
        for (int i = 0; i < 200; i++) {
            rig.ask(QUERY);
        }
        assertEquals(1_101, rig.ip.sent.size());
    }

    /// Bad input 5: whatever stations somebody invents.
    @Test
    void shouldBeBoundedInStations() {
        rig.peer(SERVER);
        for (int i = 0; i < 10_000; i++) {
            rig.ask(0x0200_0000_0000L + i, QUERY);
        }
        assertEquals(1_024, rig.dns.inFlight());
        rig.pass(4_500);
        assertEquals(0, rig.dns.inFlight());
        while (rig.ip.sent.poll() != null) {
            continue;
        }
        while (rig.peer(SERVER).receive() != null) {
            continue;
        }
        FakeDatagram asked = rig.ask(QUERY).asked(SERVER);
        rig.answer(SERVER, asked, DnsMessages.answer(asked.bytes(), Dns.NOERROR, 4));
        assertEquals(Dns.NOERROR, DnsMessages.rcode(rig.heard()));
    }
}
