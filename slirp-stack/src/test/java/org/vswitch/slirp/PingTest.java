package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeDatagram;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.slirp.host.FakeReport;
import org.vswitch.slirp.icmp.PingFlows;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.IpAddress;

/// Pings of guests to the world, through ping sockets: T39 to T43, bad input 20.
class PingTest {
    private static final int SECOND_GUEST_V4 = GUEST_V4 + 1;
    private static final long HOP = IpAddress.v4(0xc000_0201);
    private static final long SECOND_NS = 1_000_000_000L;

    private final StackRig rig = new StackRig();

    PingTest() {
        rig.host.permitPing();
        outside();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// T39.
    @Test
    void shouldBringTheAnswerOfWhoWasPinged() {
        outside().echoing();
        byte[] reply = rig.send(Pings.v4(OUTSIDE_V4, 0x1234, 7, Pings.pattern(56))).turn().take();
        assertEquals("c6336401" + "0a00020f", HexFormat.of().formatHex(reply, 26, 34));
        assertEquals("0000" + "12340007" + HexFormat.of().formatHex(Pings.pattern(56)), Pings.message(reply));
        assertEquals(63, reply[22], "TTL");

        rig.host.datagramPeer(OUTSIDE_HIGH, 1, 0).echoing();
        byte[] replyV6 = rig.send(Pings.v6(OUTSIDE_HIGH, 1, 0x1234, 8)).turn().take();
        assertEquals("20010db8000000010000000000000001", HexFormat.of().formatHex(replyV6, 22, 38));
        assertEquals("8100" + "12340008" + "010203", Pings.message(replyV6));
    }

    /// A reply is never forged: nobody answers, so the guest hears nothing.
    @Test
    void shouldNotAnswerForSomebodyElse() {
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1)).turn().pass(SECOND_NS).nothing();
        assertEquals(0, rig.drops());
    }

    /// T42.
    @Test
    void shouldSendWhatTheGuestSaysWithOneHopLess() {
        rig.send(new GuestPackets.V4().ttl(17).payload(ICMP, Pings.echo(8, 0x1234, 7, (byte) 9)).frame());
        FakeDatagram sent = outside().receive();
        assertEquals(16, sent.hopLimit());
        assertEquals(0x1234, sent.port(), "identifier");
        assertEquals("0007" + "09", HexFormat.of().formatHex(sent.bytes(), 6, 9));
    }

    /// T42: the second hop.
    @Test
    void shouldShowTheHopThatEndsAPing() {
        byte[] asked = new GuestPackets.V4().ttl(2).identification(0)
                .payload(ICMP, Pings.echo(8, 0x1234, 7, Pings.pattern(32))).frame();
        outside().unreachable(FakeReport.timeExceeded(0, HOP));
        byte[] error = rig.send(asked).turn().take();
        assertEquals("c0000201" + "0a00020f", HexFormat.of().formatHex(error, 26, 34));
        assertArrayEquals(new byte[] {11, 0}, Arrays.copyOfRange(error, 34, 36));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length), Arrays.copyOfRange(error, 42, error.length));
        assertEquals(1, rig.host.openSockets(), "an error ends no flow");
    }

    @Test
    void shouldQuoteTheGuestsIdentifierOverIpv6Too() {
        byte[] asked = Pings.v6(OUTSIDE_HIGH, 1, 0x1234, 8);
        rig.host.datagramPeer(OUTSIDE_HIGH, 1, 0).unreachable(FakeReport.timeExceeded(OUTSIDE_HIGH, 77));
        byte[] error = rig.send(asked).turn().take();
        assertArrayEquals(new byte[] {3, 0}, Arrays.copyOfRange(error, 54, 56));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length), Arrays.copyOfRange(error, 62, error.length));
    }

    /// T43: `traceroute -I` sends its probes at once, with hop limits that rise.
    @Test
    void shouldTellEachProbeOfATraceroute() {
        for (int hop = 1; hop <= 30; hop++) {
            outside().unreachable(FakeReport.timeExceeded(0, HOP + hop));
            rig.send(new GuestPackets.V4().ttl(hop + 1).payload(ICMP, Pings.echo(8, 5, hop)).frame());
        }
        rig.turn().turn();
        for (int hop = 1; hop <= 30; hop++) {
            byte[] error = rig.takeNext();
            assertEquals(1 + hop, error[29], "last octet of the hop");
            assertEquals(hop, error[69], "sequence number in the quote");
            assertEquals(hop + 1, error[50], "TTL in the quote");
        }
        rig.nothing();
    }

    /// T40.
    @Test
    void shouldKeepApartGuestsWithTheSameIdentifier() {
        rig.send(Pings.v4(OUTSIDE_V4, 0x1234, 1), second(0x1234, 2), Pings.v4(OUTSIDE_V4, 0x4321, 3));
        assertEquals(3, rig.host.openSockets());
        int first = outside().receive().port();
        int other = outside().receive().port();
        assertTrue(first != other, "two sockets with one identifier");
        assertTrue(outside().send(Pings.echo(0, other, 2), other));
        byte[] reply = rig.turn().take();
        assertEquals("0a000210", HexFormat.of().formatHex(reply, 30, 34));
        assertEquals("52540000" + "0016", HexFormat.of().formatHex(reply, 0, 6));
        assertEquals("000012340002", Pings.message(reply));
        assertTrue(outside().send(Pings.echo(0, first, 1), first));
        assertEquals("0a00020f", HexFormat.of().formatHex(rig.turn().take(), 30, 34));
    }

    @Test
    void shouldTakeAnotherIdentifierIfSomebodyOnTheHostHasIt() {
        int foreign = rig.host.openPing(true, 0x1234);
        rig.send(Pings.v4(OUTSIDE_V4, 0x1234, 1));
        int identifier = outside().receive().port();
        assertTrue(identifier != 0x1234);
        outside().send(Pings.echo(0, identifier, 1), identifier);
        assertEquals("000012340001", Pings.message(rig.turn().take()));
        rig.host.close(foreign);
    }

    /// T7: the same guest with another station, as after a migration.
    @Test
    void shouldAnswerToTheStationThatAskedLast() {
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1));
        rig.send(new GuestPackets.V4().stations(OTHER_GUEST, ROUTER).payload(ICMP, Pings.echo(8, 1, 2)).frame());
        outside().send(Pings.echo(0, 1, 2), 1);
        assertEquals("525400000016", HexFormat.of().formatHex(rig.turn().take(), 0, 6));
    }

    /// T41.
    @Test
    void shouldCarryTheLongestPing() {
        outside().echoing();
        byte[] message = Pings.echo(8, 9, 1, Pings.pattern(65_507));
        for (byte[] fragment : Pings.fragmentsV4(OUTSIDE_V4, message)) {
            rig.send(fragment);
        }
        byte[] reply = Pings.reassemble(rig.turn());
        assertArrayEquals(Arrays.copyOfRange(message, 4, message.length), Arrays.copyOfRange(reply, 4, reply.length));
    }

    @Test
    void shouldPassOnAnswersOnly() {
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1));
        outside().send(Pings.echo(8, 1, 1), 1);
        outside().send(new byte[7], 1);
        rig.turn().nothing();
        assertEquals(2, rig.stack.counters().value(StackDrop.MALFORMED));
    }

    /// T39: without ping sockets.
    @Test
    void shouldSayThatTheKernelAllowsNoPings() {
        try (StackRig refused = new StackRig()) {
            byte[] error = refused.send(Pings.v4(OUTSIDE_V4, 1, 1)).take();
            assertEquals("030d", HexFormat.of().formatHex(error, 34, 36));
            byte[] errorV6 = refused.send(Pings.v6(OUTSIDE_HIGH, 1, 1, 1)).take();
            assertEquals("0101", HexFormat.of().formatHex(errorV6, 54, 56));
            for (int i = 0; i < 100; i++) {
                refused.send(Pings.v4(OUTSIDE_V4, 1, i));
            }
            assertEquals(50, refused.sent.count(), "T45");
            assertEquals(102, refused.stack.counters().value(StackDrop.NO_PING_SOCKET));
        }
    }

    /// Bad inputs 11 and 34.
    @Test
    void shouldGoOnlyWhereThePolicyAllows() {
        int hosts = 0xc0a8_0107;
        rig.host.own(0, IpAddress.v4(hosts));
        for (int address : new int[] {hosts, 0xa9fe_a9fe, 0x0a00_0263}) {
            byte[] error = rig.send(Pings.v4(address, 1, 1)).take();
            assertEquals("030d", HexFormat.of().formatHex(error, 34, 36));
        }
        assertEquals(3, rig.stack.counters().value(StackDrop.POLICY));
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1)).nothing();
        rig.send(Pings.v4(hosts, 1, 2)).take();
        assertNotNull(outside().receive());
        assertNull(rig.host.datagramPeer(0, IpAddress.v4(hosts), 0).receive());
    }

    /// An address may become the host's own while a flow lasts.
    @Test
    void shouldAskThePolicyAgain() {
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1)).nothing();
        rig.host.own(0, IpAddress.v4(OUTSIDE_V4));
        rig.pass(SECOND_NS).send(Pings.v4(OUTSIDE_V4, 1, 2)).take();
    }

    /// Bad input 20: one guest tries all identifiers.
    @Test
    void shouldBoundTheSocketsOfAGuest() {
        rig.send(second(7, 1));
        for (int identifier = 0; identifier < 65_536; identifier++) {
            rig.send(Pings.v4(OUTSIDE_V4, identifier, 1));
            outside().receive();
        }
        assertEquals(PingFlows.MOST_PER_GUEST + 1, rig.host.openSockets());
        assertEquals(65_536 - PingFlows.MOST_PER_GUEST, rig.stack.counters().value(StackDrop.LIMIT));
        rig.host.datagramPeer(0, IpAddress.v4(OUTSIDE_V4), 0).echoing();
        assertEquals("000000070002", Pings.message(rig.send(second(7, 2)).turn().take()), "the other guest goes on");
        assertEquals(PingFlows.MOST_PER_GUEST + 1, rig.host.openSockets());
    }

    @Test
    void shouldBoundTheSocketsOfAll() {
        for (int i = 0; i < PingFlows.MOST + 10; i++) {
            rig.send(new GuestPackets.V4().from(GUEST_V4 + i / 200).stations(GUEST + i / 200, ROUTER)
                    .payload(ICMP, Pings.echo(8, i, 1)).frame());
        }
        assertEquals(PingFlows.MOST, rig.host.openSockets());
        assertEquals(10, rig.stack.counters().value(StackDrop.LIMIT));
        rig.pass(PingFlows.TIMEOUT_NS);
        assertEquals(0, rig.host.openSockets());
    }

    @Test
    void shouldRefuseWithoutSocketsOfTheHost() {
        rig.host.mostSockets(0);
        byte[] error = rig.send(Pings.v4(OUTSIDE_V4, 1, 1)).take();
        assertEquals("030d", HexFormat.of().formatHex(error, 34, 36));
        assertEquals(1, rig.stack.counters().value(StackDrop.LIMIT));
    }

    /// RFC 5508, REQ-2: 60 s from the last request on, whatever comes back.
    @Test
    void shouldEndAFlowThatIsNotUsed() {
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1)).pass(SECOND_NS).send(Pings.v4(OUTSIDE_V4, 2, 1));
        rig.pass(58 * SECOND_NS).send(Pings.v4(OUTSIDE_V4, 1, 2));
        assertEquals(2, rig.host.openSockets());
        rig.pass(2 * SECOND_NS);
        assertEquals(1, rig.host.openSockets());
        outside().send(Pings.echo(0, 1, 2), 1);
        rig.turn().take();
        rig.pass(57 * SECOND_NS);
        assertEquals(1, rig.host.openSockets());
        rig.pass(SECOND_NS);
        assertEquals(0, rig.host.openSockets());
        assertEquals(0, rig.drops());
    }

    @Test
    void shouldCountWhatTheHostDoesNotTake() {
        outside().congested(true);
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1)).nothing();
        assertEquals(1, rig.stack.counters().value(StackDrop.OUTPUT_FULL));
    }

    @Test
    void shouldNotLetOneSocketTakeAWholePass() {
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1));
        for (int i = 0; i < 20; i++) {
            outside().send(Pings.echo(0, 1, i), 1);
        }
        assertEquals(16, rig.turn().sent.count());
        assertEquals(20, rig.turn().sent.count());
    }

    @Test
    void shouldWaitWithAnswersWhileTheGuestsSideIsFull() {
        rig.send(Pings.v4(OUTSIDE_V4, 1, 1));
        for (int i = 0; i < 6; i++) {
            outside().send(Pings.echo(0, 1, i), 1);
        }
        rig.sent.halfFullAt(4);
        assertEquals(4, rig.turn().turn().sent.size());
        rig.sent.poll();
        assertEquals(4, rig.turn().sent.size());
        assertEquals(5, rig.sent.count());
    }

    @Test
    void shouldAllocateNothing() {
        try (StackRig counting = new StackRig(SlirpConfig.usual(), new SentFrames(false).withoutAdvertisements())) {
            counting.host.permitPing();
            counting.host.datagramPeer(0, IpAddress.v4(OUTSIDE_V4), 0).echoing();
            byte[] frame = Pings.v4(OUTSIDE_V4, 1, 1, Pings.pattern(56));
            long memory = NativeMemory.map(frame.length);
            NativeMemory.copyIn(frame, 0, memory, frame.length);
            assertEquals(0, Allocations.bytesOf(20_000, 10_000, () -> {
                counting.nowNs += 1_000;
                counting.sendFrom(memory, frame.length);
                counting.turn();
            }));
            assertTrue(counting.sent.count() >= 30_000, "answers");
            NativeMemory.unmap(memory, frame.length);
        }
    }

    private FakeDatagramPeer outside() {
        return rig.host.datagramPeer(0, IpAddress.v4(OUTSIDE_V4), 0);
    }

    private static byte[] second(int identifier, int sequence) {
        return new GuestPackets.V4().from(SECOND_GUEST_V4).stations(OTHER_GUEST, ROUTER)
                .payload(ICMP, Pings.echo(8, identifier, sequence)).frame();
    }
}
