package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.service.DhcpMessage.DECLINE;
import static org.vswitch.slirp.service.DhcpMessage.DISCOVER;
import static org.vswitch.slirp.service.DhcpMessage.REQUEST;
import static org.vswitch.slirp.service.DhcpRig.ACK;
import static org.vswitch.slirp.service.DhcpRig.FIRST;
import static org.vswitch.slirp.service.DhcpRig.ROUTER;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Seeds;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.ip.StackDrop;

/// How much DHCP gives to whom, and what it does with nonsense: bad input 29.
class DhcpLimitsTest {
    private DhcpRig rig = new DhcpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void use(int prefixLength, int first) {
        rig.close();
        rig = new DhcpRig(prefixLength, new DhcpSettings(first, DNS_V4, 1500, "", "", List.of()));
    }

    /// Hundreds of guests, all at once: each its own address, each the same when it comes back.
    @Test
    void shouldServeFiveHundredGuests() {
        use(22, FIRST);
        Set<Integer> addresses = new HashSet<>();
        int[] offered = new int[500];
        for (int i = 0; i < offered.length; i++) {
            offered[i] = rig.ask(DhcpMessage.of(DISCOVER).station(GUEST + i)).yiaddr();
            assertTrue(addresses.add(offered[i]));
            assertEquals(0x0a00_0000, offered[i] & 0xffff_fc00);
        }
        for (int i = 0; i < offered.length; i++) {
            DhcpAnswer answer = rig.ask(DhcpMessage.of(REQUEST).station(GUEST + i).requested(offered[i]));
            assertEquals(ACK, answer.type());
        }
        assertEquals(500, rig.leases());
        rig.pass(43_200);
        for (int i = 0; i < offered.length; i++) {
            assertEquals(offered[i], rig.ask(DhcpMessage.of(REQUEST).station(GUEST + i).ciaddr(offered[i])).yiaddr());
        }
        assertEquals(500, rig.leases());
        assertEquals(0, rig.drops());
    }

    /// From the first address to the end, then what lies in front of it; not the router's nor the name server's. T18:
    /// who finds nothing left hears nothing, and is counted; what has expired is given again.
    @Test
    void shouldGiveEveryAddressAndThenNone() {
        use(29, 0x0a00_0205);
        int[] expected = {0x0a00_0205, 0x0a00_0206, 0x0a00_0201, 0x0a00_0204};
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], rig.lease(GUEST + i));
        }
        rig.refuse(StackDrop.NO_ADDRESS, DhcpMessage.of(DISCOVER).station(GUEST + 9));
        rig.refuse(StackDrop.NO_ADDRESS, DhcpMessage.bootp().station(GUEST + 9));
        rig.pass(43_200);
        assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).station(GUEST).ciaddr(expected[0])).type());
        rig.pass(43_200);
        assertEquals(expected[1], rig.lease(GUEST + 9), "the one that has been free for longest");
        assertEquals(1 + 1, rig.leases());
    }

    @ParameterizedTest
    @CsvSource({"30, 0x0a000201, 1", "31, 0x0a000203, 0", "32, 0x0a000202, 0", "16, 0x0a00020f, 1", "8, 0x0affff00, 1",
        "0, 0x0a00020f, 1"})
    void shouldServeSubnetsOfAnySize(int prefixLength, String first, int expected) {
        use(prefixLength, Integer.decode(first));
        DhcpAnswer answer = rig.receive(DhcpMessage.of(DISCOVER).frame());
        assertEquals(expected, answer == null ? 0 : 1);
        assertEquals(1 - expected, rig.counters.value(StackDrop.NO_ADDRESS));
        if (answer != null) {
            assertEquals(Integer.decode(first), answer.yiaddr());
        }
    }

    /// One station that invents hardware addresses or identifiers: it gets its share, and others get theirs.
    @Test
    void shouldGiveAStationItsShareOnly() {
        rig.lease(GUEST + 1);
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 40; j++) {
                rig.give(DhcpMessage.of(DISCOVER).station(0x0200_0000_0000L + 40 * i + j).sender(GUEST).frame());
                rig.receive(new byte[60]);
            }
            rig.pass(1);
        }
        assertTrue(rig.counters.value(StackDrop.NO_ADDRESS) > 2000);
        assertNotEquals(0, rig.lease(GUEST + 2));
        assertNotEquals(0, rig.lease(GUEST + 3));
    }

    /// Starvation by random stations: offers nobody takes give way, and guests keep what they have.
    @Test
    void shouldOutlastInventedStations() {
        int leased = rig.lease(GUEST);
        rig.pass(1);
        rig.flood(1000, i -> DhcpMessage.of(DISCOVER).station(0x0200_0000_0000L + 7 * i));
        assertTrue(rig.counters.value(StackDrop.NO_ADDRESS) > 700);
        assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).ciaddr(leased)).type());
        assertEquals(ACK, rig.ask(DhcpMessage.of(REQUEST).station(GUEST + 1).requested(0x0a00_02fe)).type(),
                "an eighth is for who comes back with an address");
        rig.refuse(StackDrop.NO_ADDRESS, DhcpMessage.of(DISCOVER).station(GUEST + 2));
        rig.pass(5);
        assertNotEquals(0, rig.lease(GUEST + 2));
        assertEquals(3, rig.leases());
    }

    /// 50 messages a second of one station, also after a burst; others are not held up.
    @Test
    void shouldLookAtFiftyMessagesASecond() {
        rig.lease(GUEST);
        rig.lease(GUEST + 1);
        rig.pass(1);
        for (int i = 0; i < 50; i++) {
            rig.ask(DhcpMessage.of(DISCOVER));
        }
        rig.refuse(StackDrop.RATE_LIMIT, DhcpMessage.of(DISCOVER));
        rig.ask(DhcpMessage.of(DISCOVER).station(GUEST + 1));
        rig.nowNs += 20_000_000;
        rig.ask(DhcpMessage.of(DISCOVER));
        rig.refuse(StackDrop.RATE_LIMIT, DhcpMessage.of(DISCOVER));
    }

    /// Eight clients of a station wait until their address has been asked for, 64 in all; others are answered at once.
    @Test
    void shouldLetFewWait() {
        for (int i = 0; i < AddressProbes.CAPACITY; i++) {
            rig.give(DhcpMessage.of(DISCOVER).station(0x0200_0000_0000L + i).sender(GUEST + i % 8).frame());
            assertEquals(1, rig.asked().size());
            if (i == AddressProbes.CAPACITY - 8) {
                rig.give(DhcpMessage.of(DISCOVER).station(0x0200_0000_1000L).sender(GUEST).frame());
                assertEquals(0x0200_0000_1000L, rig.take().station());
            }
        }
        rig.give(DhcpMessage.of(DISCOVER).station(GUEST + 99).frame());
        assertEquals(GUEST + 99, rig.take().station());
        assertEquals(AddressProbes.CAPACITY, rig.waiting());
    }

    /// Whoever declines everything takes away a quarter at most.
    @Test
    void shouldKeepLittleInQuarantine() {
        use(28, 0x0a00_0204);
        for (int i = 0; i < 40; i++) {
            int address = rig.lease(GUEST);
            rig.tell(DhcpMessage.of(DECLINE).requested(address).server(ROUTER));
            rig.pass(1);
        }
        for (int i = 0; i < 9; i++) {
            assertNotEquals(0, rig.lease(GUEST + 1 + i));
        }
        rig.refuse(StackDrop.NO_ADDRESS, DhcpMessage.of(DISCOVER).station(GUEST + 99));
    }

    @Test
    void shouldDropAMessageCutAnywhere() {
        byte[] message = DhcpMessage.of(REQUEST).requested(FIRST).server(ROUTER).option(55, 1, 3).bytes();
        Set<Integer> whole = Set.of(240, 243, 249, 255, 259, 260);
        for (int length = 0; length < message.length; length++) {
            byte[] frame = DhcpMessage.of(REQUEST).frame(Arrays.copyOf(message, length));
            if (!whole.contains(length)) {
                rig.refuse(StackDrop.MALFORMED, frame);
                rig.pass(1);
            }
        }
    }

    /// Operation, hardware type, length of the hardware address, cookie.
    @ParameterizedTest
    @CsvSource({"0, 2", "0, 0", "1, 6", "2, 0", "2, 17", "2, 255", "236, 0", "239, 0"})
    void shouldDropWhatIsNoRequest(int offset, int value) {
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.of(DISCOVER).octet(offset, value));
    }

    @Test
    void shouldDropWhatMakesNoSense() {
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.bootp().option(53, 0));
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.bootp().option(53));
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.bootp().option(53, 1, 1));
        for (int type : new int[] {2, 5, 6, 9, 13, 255}) {
            rig.refuse(StackDrop.MALFORMED, DhcpMessage.of(type));
        }
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.of(REQUEST));
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.of(DISCOVER).rest(61, 255, 1));
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.of(DISCOVER).station(0).sender(GUEST));
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.of(DISCOVER).station(0x0100_0000_0001L).sender(GUEST));
        rig.refuse(StackDrop.MALFORMED, DhcpMessage.of(DISCOVER).option(52, 1).octet(108, 61).octet(109, 255));
    }

    /// Options in `file` that say that options are in `file`.
    @Test
    void shouldNotRunInCircles() {
        DhcpMessage circular = DhcpMessage.of(DISCOVER).option(52, 3);
        circular.octet(108, 52).octet(109, 1).octet(110, 3).octet(44, 52).octet(45, 1).octet(46, 3);
        assertEquals(FIRST, rig.ask(circular).yiaddr());
    }

    /// T94 for DHCP: good messages with anything changed.
    @Test
    void shouldSurviveAnything() {
        Seeds.check(2_000, random -> {
            byte[] message = DhcpMessage.of(1 + random.nextInt(8)).requested(FIRST + random.nextInt(9))
                    .server(ROUTER).client("01 02").option(55, 1, 3, 6, 12, 26).option(57, 2, 64).bytes();
            for (int changes = random.nextInt(6); changes > 0; changes--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt();
            }
            rig.receive(DhcpMessage.of(DISCOVER).frame(Arrays.copyOf(message, 240 + random.nextInt(40))));
            rig.pass(random.nextInt(100));
        });
    }

    @Test
    void shouldAllocateNothing() {
        DhcpSettings settings = new DhcpSettings(FIRST, DNS_V4, 1500, "vm", "example", List.of("example"));
        try (DhcpRig quiet = new DhcpRig(new SentFrames(false), 24, settings)) {
            quiet.place(DhcpMessage.of(DISCOVER).client("ff 01 02").option(55, 1, 3, 6, 12, 15, 119).frame());
            assertEquals(0, Allocations.bytesOf(30_000, 10_000, () -> {
                quiet.again();
                quiet.nowNs += 30_000_000;
            }));
            assertEquals(0, quiet.drops());
        }
    }
}
