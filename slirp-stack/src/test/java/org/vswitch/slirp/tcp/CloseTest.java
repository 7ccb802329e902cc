package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.tcp.TcpRig.ACK;
import static org.vswitch.slirp.tcp.TcpRig.FIN;
import static org.vswitch.slirp.tcp.TcpRig.PSH;
import static org.vswitch.slirp.tcp.TcpRig.RST;
import static org.vswitch.slirp.tcp.TcpRig.SYN;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.ip.StackDrop;

/// The end of connections, in all orders, and what strangers send.
class CloseTest {
    private final TcpRig guest = new TcpRig();
    private final FakeHost host = guest.host;

    @AfterEach
    void close() {
        guest.close();
        assertEquals(0, guest.splice.chunksInUse());
    }

    /// T60: the guest ends first, the host goes on.
    @Test
    void shouldLetTheHostSendAfterTheGuestHasEnded() {
        guest.connect().send(1, 1, ACK | FIN, "request").expectAck(9);
        assertTrue(host.ended);
        assertTrue(host.open);
        host.send("answer".getBytes());
        guest.turn().expectText(1, "answer");
        guest.send(9, 7, ACK, "").nothing();
        host.finish();
        assertEquals(7, guest.turn().expect(ACK | FIN).seq());
        assertFalse(host.open);
        guest.send(9, 8, ACK, "").nothing();
        assertEquals(0, guest.splice.flows());
        assertFalse(host.wasReset);
    }

    /// T60: the host ends first, the guest goes on; TIME_WAIT afterwards.
    @Test
    void shouldLetTheGuestSendAfterTheHostHasEnded() {
        guest.connect();
        host.send("bye".getBytes());
        host.finish();
        guest.turn().turn();
        guest.expectText(1, "bye");
        assertEquals(4, guest.expect(ACK | FIN).seq());
        guest.send(1, 5, ACK, "").nothing();
        guest.send(1, 5, ACK, "more").expectAck(5);
        assertEquals("more", new String(host.received()));
        guest.send(5, 5, ACK | FIN, "").expectAck(6);
        assertTrue(host.ended);
        assertFalse(host.open);
        assertEquals(1, guest.splice.flows());
        guest.pass(9_900);
        assertEquals(1, guest.splice.flows());
        guest.pass(200).nothing();
        assertEquals(0, guest.splice.flows());
    }

    /// The FIN goes with the last data if it is known in time; both are sent again as one (FIN is retransmitted).
    @Test
    void shouldSendAFinAgain() {
        guest.connect();
        host.finish();
        guest.turn().expect(ACK | FIN);
        guest.pass(20).expect(ACK | FIN);
        guest.pass(250).expect(ACK | FIN);
        guest.send(1, 2, ACK, "").pass(5_000).nothing();
    }

    /// Bad input 27: simultaneous close.
    @Test
    void shouldCloseSimultaneously() {
        guest.connect();
        host.finish();
        guest.turn().expect(ACK | FIN);
        assertEquals(2, guest.send(1, 1, ACK | FIN, "").expect(ACK).ack());
        assertFalse(host.open);
        guest.send(2, 2, ACK, "").nothing();
        assertEquals(1, guest.splice.flows());
        guest.pass(11_000);
        assertEquals(0, guest.splice.flows());
    }

    /// Bad input 27: a FIN again, in TIME_WAIT, is acknowledged and starts the time anew.
    @Test
    void shouldAcknowledgeARepeatedFinInTimeWait() {
        guest.connect();
        host.finish();
        guest.turn().expect(ACK | FIN);
        guest.send(1, 2, ACK | FIN, "").expectAck(2);
        guest.pass(9_000).send(1, 2, ACK | FIN, "").expectAck(2);
        guest.pass(9_000);
        assertEquals(1, guest.splice.flows());
        guest.pass(2_000);
        assertEquals(0, guest.splice.flows());
    }

    /// A guest that is quick to use its port again need not wait.
    @Test
    void shouldOpenAgainOutOfTimeWait() {
        guest.connect();
        host.finish();
        guest.turn().expect(ACK | FIN);
        guest.send(1, 2, ACK | FIN, "").expectAck(2);
        guest.syn(100_000);
        host.accept();
        assertEquals(100_001, guest.turn().expect(SYN | ACK).ack());
        assertEquals(1, guest.splice.flows());
        assertEquals(2, host.opened);
    }

    /// Bad input 27: text behind a FIN is not the host's.
    @Test
    void shouldIgnoreTextBehindAFin() {
        guest.connect().send(1, 1, ACK | FIN, "x").expectAck(3);
        guest.send(3, 1, ACK, "late").expectAck(3);
        assertEquals("x", new String(host.received()));
    }

    @Test
    void shouldTakeAFinOnlyBehindAllText() {
        guest.connect().send(6, 1, ACK | FIN, "world").expectAck(1);
        guest.send(1, 1, ACK, "hello").expectAck(11);
        assertFalse(host.ended);
        guest.send(6, 1, ACK | FIN, "world").expectAck(12);
        assertTrue(host.ended);
    }

    /// Bad input 27: a FIN whose text is still missing is answered at once, as text would be, and forgotten.
    @Test
    void shouldAnswerAFinOutOfTurn() {
        guest.connect();
        guest.put(6, 1, ACK | FIN, new byte[0]).pass().expectAck(1);
        guest.send(1, 1, ACK, "hello").expectAck(6);
        assertFalse(host.ended);
        guest.send(6, 1, ACK | FIN, "").expectAck(7);
        assertTrue(host.ended);
    }

    /// Bad input 27: another FIN behind the first one ends nothing, but is not passed over in silence.
    @Test
    void shouldAnswerAFinBehindAFin() {
        guest.connect().send(1, 1, ACK | FIN, "").expectAck(2);
        guest.send(2, 1, ACK | FIN, "").expectAck(2);
        assertTrue(host.open);
    }

    /// Bad input 27: a FIN while the host takes nothing waits for the text before it.
    @Test
    void shouldEndTheHostsInputOnlyAfterTheStash() {
        guest.connect();
        host.room = 0;
        guest.send(1, 1, ACK | FIN, "text").expectAck(6);
        assertFalse(host.ended);
        host.room = 3;
        guest.turn();
        assertFalse(host.ended);
        host.room = 3;
        guest.turn();
        assertTrue(host.ended);
        assertEquals("text", new String(host.received()));
    }

    /// Both sides have ended while the host has not taken all: the guest's side is over first.
    @Test
    void shouldKeepTheSocketUntilTheHostHasTakenEverything() {
        guest.connect();
        host.room = 0;
        host.finish();
        guest.turn().expect(ACK | FIN);
        guest.send(1, 2, ACK | FIN, "text").expectAck(6);
        guest.pass(60_000).nothing();
        assertTrue(host.open);
        host.room = 4;
        guest.turn();
        assertFalse(host.open);
        assertFalse(host.wasReset);
        assertEquals("text", new String(host.received()));
        guest.pass(11_000);
        assertEquals(0, guest.splice.flows());
    }

    /// T61: open.
    @Test
    void shouldPassTheGuestsResetOn() {
        guest.connect().send(1, 1, ACK, "x").expectAck(2);
        guest.send(2, 1, RST, "").nothing();
        assertTrue(host.wasReset);
        assertEquals(0, guest.splice.flows());
    }

    /// T61: half closed.
    @Test
    void shouldPassTheGuestsResetOnWhenHalfClosed() {
        guest.connect().send(1, 1, ACK | FIN, "").expectAck(2);
        guest.send(2, 1, RST, "").nothing();
        assertTrue(host.wasReset);
    }

    /// T61: the other way.
    @Test
    void shouldPassTheHostsResetOn() {
        guest.connect();
        host.reset();
        TcpRig.Sent reset = guest.turn().expect(RST | ACK);
        assertEquals(1, reset.seq());
        assertEquals(0, guest.splice.flows());
    }

    /// T61: the other way, found out by a write.
    @Test
    void shouldPassOnAResetThatAWriteFindsOut() {
        guest.connect();
        host.finish();
        guest.turn().expect(ACK | FIN);
        guest.send(1, 2, ACK, "").nothing();
        host.reset();
        guest.send(1, 2, ACK, "x").expect(RST | ACK);
        assertEquals(0, guest.splice.flows());
    }

    /// T61: a server that says why it refuses and closes with a request unread.
    @Test
    void shouldDeliverWhatTheHostSaidBeforeItsReset() {
        guest.connect();
        host.send("busy".getBytes());
        host.reset();
        guest.turn().expectText(1, "busy").turn().nothing();
        assertTrue(host.wasReset);
        guest.send(1, 1, ACK, "the rest").expectAck(9).nothing();
        assertEquals("", new String(host.received()));
        assertEquals(5, guest.send(9, 5, ACK, "").expect(RST | ACK).seq());
        assertEquals(0, guest.splice.flows());
    }

    /// T61: the same, found out by a write; and what got lost on the way to the guest is sent again.
    @Test
    void shouldDeliverWhatIsUnreadWhenAWriteFindsTheReset() {
        guest.connect();
        host.send("busy".getBytes());
        host.reset();
        guest.send(1, 1, ACK, "request").expectText(1, "busy").nothing();
        guest.pass(20).expectText(1, "busy").nothing();
        guest.send(8, 1, ACK | FIN, "").expectAck(9).nothing();
        assertEquals(5, guest.send(9, 5, ACK, "").expect(RST | ACK).seq());
        assertEquals(0, guest.splice.flows());
    }

    /// T61: the host had ended properly before, the guest has not acknowledged all of it yet.
    @Test
    void shouldDeliverBothTheEndAndTheReset() {
        guest.connect();
        host.send("bye".getBytes());
        host.finish();
        guest.turn().turn().expectText(1, "bye");
        guest.expect(ACK | FIN);
        host.reset();
        guest.send(1, 1, ACK, "more").expectAck(5).nothing();
        assertTrue(host.wasReset);
        guest.send(5, 5, ACK, "").expect(RST | ACK);
        assertEquals(0, guest.splice.flows());
    }

    /// Bad input 26, RFC 5961, 3.2: only the very next number resets.
    @Test
    void shouldChallengeAResetElsewhereInTheWindow() {
        guest.connect().send(2, 1, RST, "").expectAck(1);
        guest.send(100_000_000, 1, RST, "").nothing();
        guest.send(0, 1, RST, "").nothing();
        assertEquals(2, guest.counters.value(StackDrop.MALFORMED));
        assertTrue(host.open);
        guest.send(1, 1, RST, "");
        assertFalse(host.open);
    }

    /// Bad input 26, RFC 5961, 4.2.
    @Test
    void shouldChallengeASynOnAnOpenConnection() {
        guest.connect();
        guest.put(1, 0, SYN, new byte[0]).turn().expectAck(1);
        guest.put(900, 0, SYN, new byte[0]).turn().expectAck(1);
        assertTrue(host.open);
    }

    /// Bad input 23, RFC 9293, 3.10.7.4, fifth: in every state, what does not acknowledge is dropped, and counted.
    @Test
    void shouldDropWhatDoesNotAcknowledge() {
        guest.syn(0);
        host.accept();
        guest.routerIsn += guest.turn().expect(SYN | ACK).seq();
        guest.send(1, 1, 0, "x").nothing();
        assertEquals(1, guest.counters.value(StackDrop.MALFORMED));
        guest.send(1, 1, ACK, "").nothing();
        guest.send(1, 1, PSH, "text").nothing();
        guest.send(1, 1, FIN, "").nothing();
        assertEquals(3, guest.counters.value(StackDrop.MALFORMED));
        assertEquals(0, host.received().length);
        assertFalse(host.ended);
        guest.send(1, 1, ACK, "text").expectAck(5);
        assertEquals(3, guest.counters.value(StackDrop.MALFORMED));
    }

    /// RFC 5961, 7: challenges are limited.
    @Test
    void shouldLimitChallenges() {
        guest.connect();
        for (int i = 0; i < 3_000; i++) {
            guest.put(2, 1, RST, new byte[0]);
        }
        guest.turn();
        assertEquals(1_000, guest.toGuest.size());
    }

    /// A wrong acknowledgement of our SYN-ACK opens nothing.
    @Test
    void shouldResetAWrongAcknowledgementOfItsSyn() {
        guest.syn(0);
        host.accept();
        guest.routerIsn += guest.turn().expect(SYN | ACK).seq();
        assertEquals(77, guest.send(1, 77, ACK, "").expect(RST).seq());
        guest.send(1, 1, ACK, "x").expectAck(2);
    }

    /// T80.
    @Test
    void shouldResetEverythingWhenTheRouterStops() {
        guest.connect();
        host.send("unread".getBytes());
        guest.turn().expectText(1, "unread");
        guest.splice.resetAll();
        guest.expect(RST | ACK);
        assertTrue(host.wasReset);
        assertEquals(0, guest.splice.flows());
    }
}
