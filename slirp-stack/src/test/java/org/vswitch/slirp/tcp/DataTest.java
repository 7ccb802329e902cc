package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.tcp.TcpRig.ACK;
import static org.vswitch.slirp.tcp.TcpRig.MSS;
import static org.vswitch.slirp.tcp.TcpRig.PSH;
import static org.vswitch.slirp.tcp.TcpRig.RST;
import static org.vswitch.slirp.tcp.TcpRig.SYN;
import static org.vswitch.slirp.tcp.TcpRig.URG;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.host.HostNetwork;

/// Data in both directions over an open connection, windows, losses.
class DataTest {
    private final TcpRig guest = new TcpRig();
    private final FakeHost host = guest.host;

    @AfterEach
    void close() {
        guest.close();
        assertEquals(0, guest.splice.chunksInUse());
    }

    @Test
    void shouldWriteABatchAtOnceAndAcknowledgeItOnce() {
        guest.connect();
        for (int i = 0; i < 30; i++) {
            guest.put(1 + 10 * i, 1, ACK | PSH, "0123456789".getBytes());
        }
        guest.turn().expectAck(301).nothing();
        assertEquals(1, host.writes);
        assertEquals("0123456789".repeat(30), new String(host.received()));
    }

    /// T70: text of a byte or two; the padding is not part of the packet any more when it comes here.
    @Test
    void shouldPassTinySegmentsOn() {
        guest.connect();
        for (int length = 1; length <= 18; length++) {
            guest.send(1 + host.receivedLength, 1, ACK, "x".repeat(length)).expectAck(1 + host.receivedLength);
        }
        assertEquals(171, host.receivedLength);
    }

    /// T71: urgent data is data.
    @Test
    void shouldDeliverUrgentDataInline() {
        guest.connect().send(1, 1, ACK | URG, "now!").expectAck(5);
        assertEquals("now!", new String(host.received()));
    }

    @Test
    void shouldReportAndKeepWhatComesBehindAGap() {
        guest.connect().send(6, 1, ACK, "world");
        TcpRig.Sent duplicate = guest.expect(ACK);
        assertEquals(1, duplicate.ack());
        assertEquals(6, ByteBuffer.wrap(duplicate.options()).getInt(4) - guest.guestIsn);
        assertEquals(11, ByteBuffer.wrap(duplicate.options()).getInt(8) - guest.guestIsn);
        assertEquals(0, host.receivedLength);
        guest.nothing().send(1, 1, ACK, "hello").expectAck(11).nothing();
        assertEquals("helloworld", new String(host.received()));
    }

    /// Bad input 26: of overlapping texts the first one counts.
    @Test
    void shouldKeepWhatCameFirst() {
        guest.connect().send(3, 1, ACK, "cd").expectAck(1);
        guest.send(3, 1, ACK, "XYef").expectAck(1);
        guest.send(1, 1, ACK, "abZZ").expectAck(7);
        guest.send(1, 1, ACK, "XXXXXX").expectAck(7);
        assertEquals("abcdef", new String(host.received()));
    }

    /// Bad input 26: a segment a byte, all apart, neither fills the memory nor stops the connection.
    @Test
    void shouldBoundWhatItKeepsBehindGaps() {
        guest.connect();
        for (int i = 0; i < 10_000; i++) {
            guest.put(3 + 2 * i, 1, ACK, "x".getBytes());
            if (i % 100 == 0) {
                guest.turn();
            }
        }
        guest.turn();
        assertTrue(guest.splice.chunksInUse() <= 96, "chunks " + guest.splice.chunksInUse());
        guest.toGuest.clear();
        guest.send(1, 1, ACK, "ab").expectAck(4);
    }

    /// T66 upward: what the host does not take stays within the window, which closes; and opens again with room.
    @Test
    void shouldCloseTheWindowWhenTheHostTakesNothing() {
        guest.connect();
        host.room = 0;
        byte[] text = new byte[MSS];
        int next = 1;
        int edge = 1 + 65_535;
        while (next + MSS <= edge) {
            guest.put(next, 1, ACK, text).turn();
            TcpRig.Sent ack = guest.expect(ACK);
            next += MSS;
            assertEquals(next, ack.ack());
            assertTrue(next + (ack.window() << 7) >= edge - 127, "window taken back");
            edge = next + (ack.window() << 7);
        }
        assertTrue(edge <= 1 + 256 * 1024, "edge " + edge);
        assertTrue(guest.splice.chunksInUse() <= 5);
        int left = edge - next;
        guest.put(next, 1, ACK, new byte[left]).turn();
        assertEquals(0, guest.expect(ACK).window());
        assertEquals(0, host.receivedLength);
        guest.put(next + left + 200, 1, ACK, new byte[1]).turn();
        assertEquals(0, guest.expect(ACK).window());
        host.room = Integer.MAX_VALUE;
        assertTrue(guest.turn().expect(ACK).window() >= 2_000);
        assertEquals(next + left - 1, host.receivedLength);
        assertFalse(host.isWatched(HostNetwork.WRITABLE));
    }

    @Test
    void shouldSendWhatTheHostSends() {
        guest.connect();
        host.send("hello".getBytes());
        guest.turn().expectText(1, "hello").nothing();
        guest.send(1, 6, ACK, "").nothing();
        assertEquals(0, guest.splice.chunksInUse());
    }

    /// A least MTU leaves 28 bytes, of which nobody takes super-frames.
    @Test
    void shouldSendTinySegmentsOneByOne() {
        try (TcpRig tiny = new TcpRig(new TcpSettings(68, 64, 256, 1, 2))) {
            tiny.connect();
            tiny.host.send("x".repeat(1_000).getBytes());
            tiny.turn();
            assertEquals(0, tiny.superFrames);
            assertEquals(1_000, tiny.toGuest.stream().mapToInt(sent -> sent.text().length).sum());
        }
    }

    @Test
    void shouldSendSuperFramesOfWholeSegments() {
        guest.connect();
        guest.window = 1_000;
        guest.send(1, 1, ACK, "");
        byte[] bytes = new byte[100 * MSS];
        new Random(7).nextBytes(bytes);
        host.send(bytes);
        guest.turn();
        assertEquals(128_000 / MSS, guest.toGuest.size());
        assertEquals(2, guest.superFrames);
        byte[] got = new byte[bytes.length];
        int next = 1;
        while (!guest.toGuest.isEmpty()) {
            TcpRig.Sent sent = guest.expect(ACK);
            assertEquals(next, sent.seq());
            System.arraycopy(sent.text(), 0, got, next - 1, sent.text().length);
            next += sent.text().length;
            if (guest.toGuest.isEmpty()) {
                guest.send(1, next, ACK, "");
            }
        }
        assertArrayEquals(bytes, got);
    }

    /// T66 downward: the host is read only as far as the guest can take it.
    @Test
    void shouldReadNoMoreThanTheGuestCanTake() {
        guest.connect();
        host.send(new byte[1 << 20]);
        for (int i = 0; i < 20; i++) {
            guest.turn();
        }
        assertTrue(host.unread() >= (1 << 20) - 2 * CongestionWindow.FLOOR, "unread " + host.unread());
        assertFalse(host.isWatched(HostNetwork.READABLE));
    }

    /// T66: a window of 0 for ten minutes, with probes that are answered, and T69.
    @Test
    void shouldProbeAClosedWindowForEver() {
        guest.connect();
        guest.window = 0;
        guest.send(1, 1, ACK, "");
        host.send("hello".getBytes());
        guest.turn().nothing();
        int probes = 0;
        for (int second = 0; second < 600; second++) {
            guest.pass(1_000);
            while (!guest.toGuest.isEmpty()) {
                TcpRig.Sent probe = guest.expect(ACK);
                assertEquals(0, probe.seq());
                assertEquals(0, probe.text().length);
                probes++;
                guest.send(1, 1, ACK, "");
            }
        }
        assertTrue(probes >= 10 && probes < 30, "probes " + probes);
        guest.window = 100;
        guest.send(1, 1, ACK, "").expectText(1, "hello");
    }

    /// T68: a window smaller than a segment is used when nothing else is on its way.
    @Test
    void shouldUseAWindowSmallerThanASegment() {
        guest.syn(0, 2, 4, 5, 180);
        host.accept();
        guest.routerIsn += guest.turn().expect(SYN | ACK).seq();
        guest.window = 500;
        guest.send(1, 1, ACK, "");
        host.send(new byte[1_200]);
        assertEquals(500, guest.turn().expect(ACK).text().length);
        guest.nothing().send(1, 501, ACK, "");
        assertEquals(500, guest.expect(ACK).text().length);
        guest.nothing().send(1, 1_001, ACK, "");
        assertEquals(200, guest.expect(ACK).text().length);
    }

    @Test
    void shouldSendAgainWhatIsNotAcknowledged() {
        guest.connect();
        host.send("hello".getBytes());
        guest.turn().expectText(1, "hello");
        guest.pass(20).expectText(1, "hello");
        guest.pass(150).nothing();
        guest.pass(100).expectText(1, "hello");
        guest.pass(300).nothing();
        guest.pass(200).expectText(1, "hello");
        guest.send(1, 6, ACK, "").pass(10_000).nothing();
    }

    @Test
    void shouldGiveUpOnASilentGuest() {
        guest.connect();
        host.send("hello".getBytes());
        guest.turn().pass(900_000);
        TcpRig.Sent last = null;
        while (!guest.toGuest.isEmpty()) {
            last = guest.toGuest.poll();
        }
        assertTrue(last.has(RST));
        assertTrue(host.wasReset);
        assertEquals(0, guest.splice.flows());
    }

    /// Fast retransmit once per loss, guided by selective acknowledgements.
    @Test
    void shouldSendAgainOnlyWhatIsMissing() {
        guest.connect();
        host.send(new byte[10 * MSS]);
        guest.turn();
        assertEquals(10, guest.toGuest.size());
        guest.toGuest.clear();
        for (int i = 2; i <= 9; i++) {
            if (i != 5) {
                sack(1 + MSS, 1 + i * MSS, 1 + (i + 1) * MSS);
            }
        }
        assertEquals(1 + MSS, guest.expect(ACK).seq());
        assertEquals(1 + 5 * MSS, guest.expect(ACK).seq());
        guest.nothing().send(1, 1 + 10 * MSS, ACK, "").pass(5_000).nothing();
    }

    /// Bad input 26: a flood of duplicates provokes one retransmission.
    @Test
    void shouldNotAmplifyDuplicateAcknowledgements() {
        guest.syn(0, 2, 4, 5, 180);
        host.accept();
        guest.routerIsn += guest.turn().expect(SYN | ACK).seq();
        guest.send(1, 1, ACK, "");
        host.send(new byte[5 * MSS]);
        guest.turn();
        assertEquals(5, guest.toGuest.size());
        guest.toGuest.clear();
        for (int i = 0; i < 1_000; i++) {
            guest.put(1, 1, ACK, new byte[0]).pass();
        }
        assertEquals(1, guest.expect(ACK).seq());
        guest.nothing();
    }

    /// T65: a keepalive of the guest's is answered; T64: our own after two hours, and the end without an answer.
    @Test
    void shouldAnswerAndSendKeepalives() {
        guest.connect().send(0, 1, ACK, "").expectAck(1);
        guest.pass(7_100_000).nothing();
        assertEquals(0, guest.pass(200_000).expect(ACK).seq());
        guest.toGuest.clear();
        guest.send(1, 1, ACK, "").pass(7_100_000).nothing();
        assertTrue(host.open);
        guest.pass(2_000_000);
        assertFalse(host.open);
        assertTrue(host.wasReset);
    }

    /// Bad input 26: an acknowledgement of what was never sent is asked back, and moves nothing.
    @Test
    void shouldChallengeAnAcknowledgementOfTheFuture() {
        guest.connect().send(1, 2_000, ACK, "x").expectAck(1).nothing();
        assertEquals(0, host.receivedLength);
    }

    /// A selective acknowledgement of one block.
    private void sack(int ack, int left, int right) {
        guest.nextOptions = ByteBuffer.allocate(12).putInt(0x0101_050a).putInt(left + guest.routerIsn)
                .putInt(right + guest.routerIsn).array();
        guest.put(1, ack, ACK, new byte[0]).turn();
    }

    /// A full segment stays within the MTU while something is missing from the guest.
    @Test
    void shouldSendFullSegmentsWithoutOptions() {
        guest.connect().send(100, 1, ACK, "beyond").expectAck(1);
        host.send(new byte[3 * MSS]);
        guest.turn();
        for (int i = 0; i < 3; i++) {
            TcpRig.Sent sent = guest.expect(ACK);
            assertEquals(MSS, sent.text().length);
            assertEquals(0, sent.options().length);
        }
    }

    @Test
    void shouldAcknowledgeWithTheDataItSends() {
        guest.connect();
        guest.put(1, 1, ACK, "question".getBytes()).pass().nothing();
        host.send("answer".getBytes());
        guest.pass();
        TcpRig.Sent sent = guest.expect(ACK);
        assertEquals(9, sent.ack());
        assertTrue(Arrays.equals("answer".getBytes(), sent.text()));
        guest.turn().nothing();
    }

    /// RFC 9293, 3.8.6.3: at least every second full segment at once; what is out of turn as well.
    @Test
    void shouldLetAnAcknowledgementOfLittleTextWaitAMoment() {
        guest.connect();
        guest.put(1, 1, ACK, new byte[MSS]).pass().nothing();
        guest.put(1 + MSS, 1, ACK, new byte[MSS]).pass().expectAck(1 + 2 * MSS).nothing();
        guest.put(1 + 2 * MSS, 1, ACK, new byte[1]).pass().nothing();
        guest.put(1, 1, ACK, new byte[1]).pass().expectAck(2 + 2 * MSS).nothing();
        guest.put(2 + 2 * MSS, 1, ACK, new byte[1]).pass().nothing();
        guest.turn().expectAck(3 + 2 * MSS).nothing();
    }
}
