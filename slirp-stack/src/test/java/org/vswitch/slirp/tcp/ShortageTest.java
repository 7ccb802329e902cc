package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.tcp.TcpRig.ACK;
import static org.vswitch.slirp.tcp.TcpRig.FIN;
import static org.vswitch.slirp.tcp.TcpRig.SYN;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.host.HostNetwork;
import org.vswitch.slirp.ip.StackDrop;

/// When memory, flows or room to send run out: nothing is lost, somebody waits.
class ShortageTest {
    @Test
    void shouldAcknowledgeOnceTheOutboxHasRoom() {
        try (TcpRig guest = new TcpRig()) {
            guest.connect();
            guest.outboxFull = true;
            guest.send(1, 1, ACK, "hello").nothing();
            assertEquals("hello", new String(guest.host.received()));
            assertEquals(1, guest.counters.value(StackDrop.OUTPUT_FULL));
            guest.outboxFull = false;
            guest.turn().expectAck(6).nothing();
        }
    }

    @Test
    void shouldSendTheRestWhenTheOutputHasRoom() {
        try (TcpRig guest = new TcpRig()) {
            guest.connect();
            guest.outputFrames = 0;
            guest.host.send("hello".getBytes());
            guest.turn().nothing();
            guest.outputFrames = 1;
            guest.turn().expectText(1, "hello");
        }
    }

    /// Without memory nothing is read, nor is anything asked all the time; with memory it goes on.
    @Test
    void shouldReadAgainOnceThereIsMemory() {
        try (TcpRig guest = new TcpRig(new TcpSettings(1_500, 64, 1, 1, 2))) {
            FakeHost host = guest.connect().host;
            host.room = 0;
            guest.send(1, 1, ACK, "stashed").expectAck(8);
            assertEquals(1, guest.splice.chunksInUse());
            host.send("hello".getBytes());
            guest.turn().nothing();
            assertFalse(host.isWatched(HostNetwork.READABLE));
            guest.pass(1_000).nothing();
            host.room = 100;
            guest.turn();
            guest.pass(20).expectText(1, "hello");
            assertEquals("stashed", new String(host.received()));
        }
    }

    /// Without memory for a stash what the host does not take is not acknowledged, and taken when it comes again.
    @Test
    void shouldNotAcknowledgeWhatItCannotKeep() {
        try (TcpRig guest = new TcpRig(new TcpSettings(1_500, 64, 1, 1, 2))) {
            FakeHost host = guest.connect().host;
            host.send("held".getBytes());
            guest.turn().expectText(1, "held");
            host.room = 2;
            guest.send(1, 1, ACK | FIN, "text").expectAck(3);
            assertFalse(host.ended);
            host.room = 100;
            guest.send(3, 1, ACK | FIN, "xt").expectAck(6);
            assertTrue(host.ended);
            assertEquals("text", new String(host.received()));
        }
    }

    /// Text beyond a gap that is in turn now, but for which there is too little memory, is taken when it comes again.
    @Test
    void shouldTakeTheRestOfWhatWasBeyondAGapOnceThereIsMemory() {
        try (TcpRig guest = new TcpRig(new TcpSettings(1_500, 64, 2, 1, 2))) {
            FakeHost host = guest.connect().host;
            host.room = 0;
            byte[] text = pattern(66_100);
            guest.put(1, 1, ACK, Arrays.copyOf(text, 65_000)).turn().expectAck(65_001);
            guest.put(65_101, 1, ACK, Arrays.copyOfRange(text, 65_100, 66_100)).turn().expectAck(65_001);
            guest.put(65_001, 1, ACK, Arrays.copyOfRange(text, 65_000, 65_100)).turn();
            int taken = guest.expect(ACK).ack();
            assertTrue(taken > 65_101 && taken < 66_101, () -> "not a part of it: " + taken);
            guest.put(taken, 1, ACK, Arrays.copyOfRange(text, taken - 1, 66_100)).turn().expectAck(taken);
            host.room = Integer.MAX_VALUE;
            guest.turn();
            guest.toGuest.clear();
            guest.put(taken, 1, ACK, Arrays.copyOfRange(text, taken - 1, 66_100)).turn().expectAck(66_101);
            assertArrayEquals(text, host.received());
        }
    }

    /// What a segment out of place is answered with does not acknowledge text that is given up when the batch ends.
    @Test
    void shouldNotAcknowledgeWhatItCannotKeepInAChallengeEither() {
        try (TcpRig guest = new TcpRig(new TcpSettings(1_500, 64, 1, 1, 2))) {
            FakeHost host = guest.connect().host;
            host.send("held".getBytes());
            guest.turn().expectText(1, "held");
            host.room = 2;
            guest.put(1, 1, ACK, "text".getBytes()).put(5, 1, SYN, new byte[0]).turn().expectAck(3).nothing();
        }
    }

    /// Connections in TIME_WAIT make room for new ones, the oldest first.
    @Test
    void shouldForgetTheOldestInTimeWait() {
        try (TcpRig guest = new TcpRig()) {
            for (int port = 1; port <= 500; port++) {
                guest.guestPort = port;
                guest.routerIsn = 0;
                guest.connect();
                guest.host.finish();
                guest.turn().expect(ACK | FIN);
                guest.send(1, 2, ACK | FIN, "").expectAck(2);
                assertEquals(Math.min(port, 8), guest.splice.flows());
            }
            guest.syn(9_000);
            guest.host.accept();
            guest.turn().expect(SYN | ACK);
        }
    }

    /// T74: whoever floods with SYNs uses up what it may have itself, and nothing of what others may.
    @Test
    void shouldServeOthersWhenAGuestHasTooManyIncompleteConnections() {
        TcpSettings settings = new TcpSettings(1_500, 512, 256, 1, 2);
        try (TcpRig guest = new TcpRig(settings)) {
            for (int port = 1; port <= 1_000; port++) {
                guest.guestPort = port;
                guest.syn(0);
            }
            guest.nothing();
            int most = Math.ceilDiv(2 * settings.connecting(), 3);
            assertEquals(most, guest.splice.incomplete());
            assertEquals(1_000 - most, guest.counters.value(StackDrop.LIMIT));
            guest.guestMac++;
            guest.connect();
        }
    }

    @Test
    void shouldServeOthersWhenAGuestHasAllTheConnectionsItMay() {
        TcpSettings settings = new TcpSettings(1_500, 64, 256, 1, 2);
        try (TcpRig guest = new TcpRig(settings)) {
            for (int port = 1; port <= settings.flowsOfGreediest(); port++) {
                guest.guestPort = port;
                guest.routerIsn = 0;
                guest.connect();
            }
            guest.guestPort = 9_000;
            guest.syn(0).nothing();
            assertEquals(1, guest.counters.value(StackDrop.LIMIT));
            assertEquals(settings.flowsOfGreediest(), guest.splice.flows());
            guest.guestMac++;
            guest.syn(0);
            assertEquals(43, settings.flowsOfGreediest(), "two thirds");
            assertEquals(settings.flowsOfGreediest() + 1, guest.splice.flows());
            guest.anyPort = true;
        }
    }

    private static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 >> 3);
        }
        return bytes;
    }
}
