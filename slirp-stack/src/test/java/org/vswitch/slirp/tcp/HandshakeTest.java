package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.tcp.TcpRig.ACK;
import static org.vswitch.slirp.tcp.TcpRig.FIN;
import static org.vswitch.slirp.tcp.TcpRig.RST;
import static org.vswitch.slirp.tcp.TcpRig.SYN;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.ip.StackDrop;

/// From SYN to an open connection, or to a refusal.
class HandshakeTest {
    private final TcpRig guest = new TcpRig();
    private final FakeHost host = guest.host;

    @AfterEach
    void close() {
        guest.close();
        assertEquals(0, guest.splice.chunksInUse());
    }

    /// T63.
    @Test
    void shouldAnswerSynOnlyOnceTheHostHasConnected() {
        guest.syn(0, 2, 4, 5, 180).nothing();
        guest.pass(3_000).nothing();
        guest.syn(0, 2, 4, 5, 180).nothing();
        assertEquals(1, host.opened);
        host.accept();
        TcpRig.Sent synAck = guest.turn().expect(SYN | ACK);
        assertEquals(1, synAck.ack());
        assertArrayEquals(new byte[] {2, 4, 5, (byte) 180}, synAck.options());
    }

    @Test
    void shouldOfferScalingAndSelectiveAcknowledgementToThoseWhoDo() {
        guest.syn(0, 2, 4, 5, 180, 4, 2, 1, 3, 3, 7);
        host.accept();
        assertArrayEquals(new byte[] {2, 4, 5, (byte) 180, 1, 3, 3, 7, 1, 1, 4, 2},
                guest.turn().expect(SYN | ACK).options());
    }

    /// T62: refused is a reset.
    @Test
    void shouldResetWhenTheHostIsRefused() {
        guest.syn(0);
        host.refuse(Errno.ECONNREFUSED);
        assertEquals(1, guest.turn().expect(RST | ACK).ack());
        assertEquals(0, guest.icmpErrno);
        assertEquals(0, guest.splice.flows());
    }

    /// T62: no way is an ICMP error.
    @Test
    void shouldReportByIcmpThatThereIsNoWay() {
        guest.syn(0);
        host.refuse(Errno.EHOSTUNREACH);
        guest.turn().nothing();
        assertEquals(Errno.EHOSTUNREACH.number(), guest.icmpErrno);
        host.refuseAtOnce(Errno.ENETUNREACH);
        guest.syn(0).nothing();
        assertEquals(Errno.ENETUNREACH.number(), guest.icmpErrno);
        assertEquals(0, guest.splice.flows());
    }

    /// Which is no fault of the destination: what chose it is not told.
    @Test
    void shouldCountThatTheHostHasNoSocketLeft() {
        host.refuseAtOnce(Errno.EMFILE);
        guest.syn(0).nothing();
        assertEquals(Errno.EMFILE.number(), guest.icmpErrno);
        assertEquals(1, guest.counters.value(StackDrop.LIMIT));
        assertEquals(0, guest.failed);
        host.refuseAtOnce(Errno.ENETUNREACH);
        guest.syn(0).nothing();
        assertEquals(1, guest.counters.value(StackDrop.LIMIT));
        assertEquals(1, guest.failed);
    }

    /// T62: a black hole, and bad input 25.
    @Test
    void shouldGiveUpConnectingAfterTwoMinutes() {
        guest.syn(0).pass(120_000).nothing();
        assertTrue(host.open);
        guest.pass(20_000).nothing();
        assertEquals(Errno.ETIMEDOUT.number(), guest.icmpErrno);
        assertFalse(host.open);
        assertEquals(0, guest.splice.flows());
    }

    @Test
    void shouldResetBothSidesWhenTheSocketCannotBeWatched() {
        guest.syn(0);
        host.accept();
        TcpRig.Sent synAck = guest.turn().expect(SYN | ACK);
        host.refuseToWatch();
        guest.send(1, synAck.seq() + 1, ACK, "").expect(RST | ACK);
        assertTrue(host.wasReset);
        assertEquals(1, guest.counters.value(StackDrop.LIMIT));
        assertEquals(0, guest.splice.flows());
    }

    @Test
    void shouldRefuseWhatThePolicyForbids() {
        guest.permitted = false;
        assertEquals(1, guest.syn(0).expect(RST | ACK).ack());
        assertEquals(0, host.opened);
        assertEquals(1, guest.counters.value(StackDrop.POLICY));
    }

    @Test
    void shouldRepeatSynAckAndGiveUpInTheEnd() {
        guest.syn(0);
        host.accept();
        guest.turn().expect(SYN | ACK);
        guest.pass(900).nothing();
        guest.pass(200).expect(SYN | ACK);
        guest.pass(1_700).nothing();
        guest.pass(400).expect(SYN | ACK);
        guest.pass(200_000);
        for (int i = 0; i < 3; i++) {
            guest.expect(SYN | ACK);
        }
        guest.expect(RST | ACK);
        assertTrue(host.wasReset);
        assertEquals(0, guest.splice.flows());
    }

    @Test
    void shouldAnswerARepeatedSynByTheSameSynAck() {
        guest.syn(0);
        host.accept();
        TcpRig.Sent first = guest.turn().expect(SYN | ACK);
        assertEquals(first.seq(), guest.syn(0).expect(SYN | ACK).seq());
    }

    /// Bad input 28: a scanner's SYN, SYN-ACK, RST leaves nothing; T73.
    @Test
    void shouldForgetAConnectionThatAScannerResets() {
        for (int i = 0; i < 10_000; i++) {
            guest.guestIsn += 77_777;
            guest.remotePort = 1 + i;
            guest.syn(0);
            host.accept();
            guest.turn().expect(SYN | ACK);
            guest.send(1, 0, RST, "").nothing();
            assertTrue(host.wasReset);
            assertEquals(0, guest.splice.flows());
        }
        guest.connect();
    }

    /// T61 in connecting.
    @Test
    void shouldStopConnectingWhenTheGuestGivesUp() {
        guest.syn(0).send(1, 0, RST, "").nothing();
        assertTrue(host.wasReset);
        assertEquals(0, guest.splice.flows());
    }

    /// Bad input 23: who has heard nothing yet can only repeat the SYN, begin again or give up.
    @Test
    void shouldDropWhatComesBeforeTheHostHasConnected() {
        guest.syn(0).syn(0).syn(100).nothing();
        assertEquals(0, guest.counters.value(StackDrop.MALFORMED));
        guest.send(101, 1, ACK, "early").nothing();
        guest.send(101, 1, ACK | FIN, "").nothing();
        guest.send(5_000, 0, RST, "").nothing();
        guest.send(100, 1, SYN | ACK, "").nothing();
        assertEquals(4, guest.counters.value(StackDrop.MALFORMED));
        host.accept();
        assertEquals(101, guest.turn().expect(SYN | ACK).ack());
    }

    /// T86: data with SYN is not lost, it is just not acknowledged.
    @Test
    void shouldLeaveDataOfASynToBeSentAgain() {
        guest.put(0, 0, SYN, "early".getBytes()).turn();
        host.accept();
        TcpRig.Sent synAck = guest.turn().expect(SYN | ACK);
        assertEquals(1, synAck.ack());
        guest.routerIsn += synAck.seq();
        guest.send(1, 1, ACK, "early").expectAck(6);
        assertEquals("early", new String(host.received()));
    }

    /// T72.
    @Test
    void shouldAcceptASynThatOffersEcn() {
        guest.put(0, 0, SYN | 0xc0, new byte[0]).turn();
        host.accept();
        guest.turn().expect(SYN | ACK);
    }

    /// Bad input 23, T84: flags and ports that make no sense.
    @Test
    void shouldOpenNothingForNonsense() {
        guest.put(0, 0, SYN | FIN, new byte[0]).turn().nothing();
        guest.put(0, 0, SYN | RST, new byte[0]).turn().nothing();
        guest.remotePort = 0;
        guest.syn(0).nothing();
        guest.remotePort = 80;
        guest.guestPort = 0;
        guest.syn(0).nothing();
        assertEquals(0, host.opened);
        assertEquals(4, guest.counters.value(StackDrop.MALFORMED));
    }

    /// RFC 9293, 3.10.7.1; T73's other scans.
    @Test
    void shouldResetWhatBelongsToNoConnection() {
        TcpRig.Sent reset = guest.send(7, 9, ACK, "").expect(RST);
        assertEquals(9, reset.seq());
        assertEquals(3, guest.send(0, 0, FIN, "xx").expect(RST | ACK).ack());
        guest.send(0, 0, RST, "").nothing();
    }

    /// Bad input 22: segment sizes that would mean endless headers.
    @Test
    void shouldNotBelieveAbsurdSegmentSizes() {
        guest.syn(0, 2, 4, 0, 1);
        host.accept();
        guest.routerIsn += guest.turn().expect(SYN | ACK).seq();
        guest.send(1, 1, ACK, "");
        host.send(new byte[480]);
        guest.turn();
        assertEquals(10, guest.toGuest.size());
        assertEquals(48, guest.toGuest.peek().text().length);
    }

    /// Bad input 13: over TCP nothing is too big for the way, whatever the guest says that it takes.
    @Test
    void shouldSendNothingLongerThanItsMtu() {
        try (TcpRig narrow = new TcpRig(new TcpSettings(576, 64, 256, 1, 2))) {
            narrow.syn(0, 2, 4, 255, 255);
            narrow.host.accept();
            TcpRig.Sent synAck = narrow.turn().expect(SYN | ACK);
            assertArrayEquals(new byte[] {2, 4, 2, 24}, synAck.options());
            narrow.routerIsn += synAck.seq();
            narrow.send(1, 1, ACK, "");
            narrow.host.send(new byte[5_360]);
            narrow.turn();
            assertEquals(10, narrow.toGuest.size());
            narrow.toGuest.forEach(sent -> assertEquals(536, sent.text().length));
        }
    }

    /// T85: two connections that meet halfway are none for a splice: the guest hears what became of the host's own
    /// attempt, and never a SYN without ACK. What a guest says in answer to one opens nothing and breaks nothing.
    @Test
    void shouldNotOpenSimultaneously() {
        guest.syn(0).nothing();
        guest.send(0, 1, SYN | ACK, "").nothing();
        assertEquals(1, host.opened);
        host.accept();
        guest.routerIsn += guest.turn().expect(SYN | ACK).seq();
        guest.send(0, 1, SYN | ACK, "").expect(SYN | ACK);
        guest.send(1, 1, ACK, "hello").expectAck(6);
        assertEquals("hello", new String(host.received()));
        guest.anyPort = true;
        guest.guestPort++;
        guest.routerIsn = 0;
        guest.syn(0).nothing();
        host.refuse(Errno.ECONNREFUSED);
        assertEquals(1, guest.turn().expect(RST | ACK).ack());
    }

    /// T74, bad input 24: a flood of SYN ends at the limit, and what is there goes on.
    @Test
    void shouldHoldNoMoreHalfOpenConnectionsThanAllowed() {
        for (int i = 0; i < 5_000; i++) {
            guest.guestPort = 10_000 + i;
            guest.guestMac++;
            guest.syn(0).nothing();
        }
        assertEquals(32, guest.splice.flows());
        assertEquals(32, host.opened);
        assertEquals(4_968, guest.counters.value(StackDrop.LIMIT));
    }

    @Test
    void shouldDropBadChecksumsAndHeaders() {
        guest.putRaw(new byte[19]);
        byte[] tooLong = new byte[20];
        tooLong[12] = (byte) 0xf0;
        guest.putRaw(tooLong);
        assertEquals(2, guest.counters.value(StackDrop.MALFORMED));
    }
}
