package org.vswitch.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.ICMP;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.fragmentHeader;
import static org.vswitch.slirp.fixture.GuestPackets.join;
import static org.vswitch.slirp.fixture.GuestPackets.optionsHeader;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;

/// Datagrams in pieces: bad inputs 12 and 16, T87, T41.
class ReassemblyTest {
    private static final int FRAGMENT = 44;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final byte[] DATAGRAM = random(new Random(1), 3000);

    private final IpRig rig = new IpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldPutFragmentsTogetherInAnyOrder() {
        for (boolean v4 : new boolean[] {true, false}) {
            hold(fragment(v4, 7, 2960, 3000));
            hold(fragment(v4, 7, 0, 1480));
            complete(fragment(v4, 7, 1480, 2960), DATAGRAM);
            assertEquals(v4, rig.reader.packet().v4);
            assertEquals(v4 ? 20 : 40, rig.reader.packet().headerLength);
            assertEquals(UDP, rig.reader.packet().protocol);
            assertEquals(0, rig.reader.packet().frame);
            assertFalse(rig.reader.packet().isFragment());
            assertEquals(0, rig.reader.incompleteDatagrams());
        }
    }

    /// Property: whatever the cuts, the order and the repetitions, what comes out is the datagram, once.
    @Test
    void shouldAgreeWithAByteArray() {
        Seeds.check(60, random -> {
            boolean v4 = random.nextBoolean();
            byte[] datagram = random(random, 1 + random.nextInt(random.nextBoolean() ? 200 : 65_000));
            List<byte[]> fragments = cut(random, v4, datagram);
            Collections.shuffle(fragments, random);
            for (int i = 0; i < fragments.size() - 1; i++) {
                hold(fragments.get(i));
                if (random.nextInt(4) == 0) {
                    hold(fragments.get(random.nextInt(i + 1)));
                }
            }
            complete(fragments.getLast(), datagram);
            assertEquals(0, rig.reader.incompleteDatagrams());
            assertEquals(0, rig.drops());
        });
    }

    @Test
    void shouldAcceptTheLongestDatagram() {
        byte[] longest = random(new Random(2), 65_535 - 20);
        hold(v4(longest, 9, 0, 32_000).frame());
        complete(v4(longest, 9, 32_000, longest.length).frame(), longest);
        byte[] longestV6 = random(new Random(3), 65_535);
        hold(v6(longestV6, 9, 0, 32_000).frame());
        complete(v6(longestV6, 9, 32_000, longestV6.length).frame(), longestV6);
    }

    /// Bad input 12: the ping of death, and a first fragment whose options make it too long in the end.
    @Test
    void shouldRefuseMoreThanADatagramCanHold() {
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(new byte[65_540], 9, 65_512, 65_540).frame());
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(new byte[65_540], 9, 65_528, 65_536).frame());
        byte[] most = new byte[65_535 - 20];
        hold(v4(most, 9, 32_000, most.length).frame());
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(most, 9, 0, 32_000).options(1, 1, 1, 0).frame());
        assertEquals(0, rig.reader.incompleteDatagrams());
    }

    /// Bad input 12: overlap at the head, the tail, within; bad input 16 (RFC 5722): nothing of the datagram arrives.
    @Test
    void shouldSpoilADatagramWhoseFragmentsOverlap() {
        int[][] overlaps = {{0, 16}, {8, 24}, {8, 16}, {16, 32}, {16, 24}, {24, 40}, {0, 40}, {32, 40}};
        byte[] datagram = random(new Random(4), 48);
        int id = 100;
        for (boolean v4 : new boolean[] {true, false}) {
            for (int[] overlap : overlaps) {
                id++;
                hold(fragment(v4, datagram, id, 8, 32));
                byte[] other = fragment(v4, datagram, id, overlap[0], overlap[1]);
                if (overlap[0] == 32) {
                    hold(other);
                    other = fragment(v4, datagram, id, 24, 48);
                }
                rig.refuse(StackDrop.BAD_FRAGMENT, other);
                rig.refuse(StackDrop.BAD_FRAGMENT, fragment(v4, datagram, id, 0, 8));
                rig.refuse(StackDrop.BAD_FRAGMENT, fragment(v4, datagram, id, 32, 48));
            }
        }
    }

    /// Bad input 12: a fragment that comes twice is harmless only if it is the same.
    @Test
    void shouldTakeRepetitionsOnlyIfEqual() {
        byte[] changed = DATAGRAM.clone();
        changed[1479] ^= 1;
        hold(fragment(true, 7, 0, 1480));
        hold(fragment(true, 7, 0, 1480));
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(changed, 7, 0, 1480).frame());
        rig.refuse(StackDrop.BAD_FRAGMENT, fragment(true, 7, 1480, 3000));
    }

    /// Bad input 12: zero-length, length no multiple of eight, an end that contradicts another one.
    @Test
    void shouldRefuseImpossibleFragments() {
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(DATAGRAM, 7, 0, 0).frame());
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(DATAGRAM, 7, 3000, 3000).frame());
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(DATAGRAM, 7, 8, 23).frame());
        assertEquals(0, rig.reader.incompleteDatagrams());
        hold(v4(DATAGRAM, 7, 2960, 3000).frame());
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(new byte[4000], 7, 3000, 4000).frame());
        hold(v4(DATAGRAM, 8, 2000, 2080).frame());
        rig.refuse(StackDrop.BAD_FRAGMENT, v4(new byte[1600], 8, 1480, 1600).frame());
    }

    /// Bad input 12: same identification, other header length, protocol, guest, destination.
    @Test
    void shouldKeepDatagramsApart() {
        hold(v4(DATAGRAM, 7, 0, 1480).options(1, 1, 1, 0).frame());
        hold(v4(DATAGRAM, 7, 1480, 3000).payload(ICMP, part(DATAGRAM, 1480, 3000)).frame());
        hold(v4(DATAGRAM, 7, 1480, 3000).stations(OTHER_GUEST, ROUTER).frame());
        hold(v4(DATAGRAM, 7, 1480, 3000).to(GuestPackets.ROUTER_V4).frame());
        hold(v4(DATAGRAM, 8, 1480, 3000).frame());
        complete(v4(DATAGRAM, 7, 1480, 3000).frame(), DATAGRAM);
        assertEquals(24, rig.reader.packet().headerLength);
        assertEquals(4, rig.reader.incompleteDatagrams());
    }

    @Test
    void shouldWalkOverExtensionHeadersInTheDatagram() {
        byte[] datagram = join(optionsHeader(UDP, 5, 2, 0, 0), DATAGRAM);
        byte[] options = optionsHeader(FRAGMENT);
        hold(v6().payload(60, options, fragmentHeader(60, 1480, false, 5), part(datagram, 1480, datagram.length))
                .frame());
        complete(v6().payload(60, options, fragmentHeader(60, 0, true, 5), part(datagram, 0, 1480)).frame(), DATAGRAM);
        assertEquals(56, rig.reader.packet().headerLength);
        assertEquals(48, rig.reader.packet().protocolOffset);
    }

    /// Headers are kept in front of the payload, where room is for 576 bytes of them; CVE-2019-14378 was about such
    /// room.
    @Test
    void shouldRefuseFirstFragmentsWithMoreHeadersThanThereIsRoomFor() {
        byte[] most = new byte[528];
        most[0] = FRAGMENT;
        most[1] = 528 / 8 - 1;
        for (int option = 2; option + 257 <= 528; option += 257) {
            most[option] = 0x1e;
            most[option + 1] = (byte) 255;
        }
        most[516] = 0x1e;
        most[517] = 10;
        hold(v6().payload(60, most, fragmentHeader(UDP, 0, true, 5), part(DATAGRAM, 0, 1480)).frame());
        complete(v6().payload(FRAGMENT, fragmentHeader(UDP, 1480, false, 5), part(DATAGRAM, 1480, 3000)).frame(),
                DATAGRAM);
        assertEquals(568, rig.reader.packet().headerLength);
        rig.refuse(StackDrop.BAD_FRAGMENT, v6().payload(60, optionsHeader(60), most,
                fragmentHeader(UDP, 0, true, 6), part(DATAGRAM, 0, 1480)).frame());
        assertEquals(0, rig.reader.incompleteDatagrams());
    }

    /// Bad input 16: fragments of fragments.
    @Test
    void shouldRefuseAFragmentHeaderInsideADatagram() {
        byte[] datagram = join(fragmentHeader(UDP, 0, true, 1), DATAGRAM);
        hold(v6().payload(FRAGMENT, fragmentHeader(FRAGMENT, 1480, false, 5), part(datagram, 1480, datagram.length))
                .frame());
        rig.refuse(StackDrop.BAD_FRAGMENT,
                v6().payload(FRAGMENT, fragmentHeader(FRAGMENT, 0, true, 5), part(datagram, 0, 1480)).frame());
    }

    /// T87: after 30 seconds, and only if the first fragment has come; IPv6 after 60.
    @Test
    void shouldGiveUpInTime() {
        byte[] first = fragment(true, 7, 0, 1480);
        hold(first);
        hold(fragment(true, 8, 1480, 2960));
        byte[] firstV6 = fragment(false, 7, 0, 1448);
        hold(firstV6);
        assertEquals(30 * SECOND_NS, rig.reader.untilExpiryNs(rig.nowNs));
        rig.nowNs += 30 * SECOND_NS - 1;
        rig.reader.expire(rig.nowNs);
        assertEquals(3, rig.reader.incompleteDatagrams());
        rig.nowNs += 1;
        rig.reader.expire(rig.nowNs);
        byte[] error = rig.takeSent();
        assertEquals(11, error[34]);
        assertEquals(1, error[35]);
        assertArrayEquals(part(first, 14, 14 + 548), part(error, 42, 42 + 548), "what is quoted");
        assertEquals(30 * SECOND_NS, rig.reader.untilExpiryNs(rig.nowNs));
        rig.nowNs += 30 * SECOND_NS;
        rig.reader.expire(rig.nowNs);
        byte[] errorV6 = rig.takeSent();
        assertEquals(3, errorV6[54]);
        assertEquals(1, errorV6[55]);
        assertArrayEquals(part(firstV6, 14, 14 + 1232), part(errorV6, 62, 62 + 1232), "what is quoted");
        assertEquals(Long.MAX_VALUE, rig.reader.untilExpiryNs(rig.nowNs));
        assertEquals(3, rig.counters.value(StackDrop.BAD_FRAGMENT));
    }

    /// A fragment that comes too late begins anew, even if nobody has looked at the clock in between.
    @Test
    void shouldNotCompleteWhatIsOver() {
        hold(fragment(true, 7, 0, 1480));
        rig.nowNs += 31 * SECOND_NS;
        hold(fragment(true, 7, 1480, 3000));
    }

    /// Bad input 12: many identifications. The guest loses its own oldest datagram, not that of another one.
    @Test
    void shouldEvictTheOldestOfTheGuest() {
        hold(v4(DATAGRAM, 1, 0, 1480).stations(OTHER_GUEST, ROUTER).frame());
        for (int id = 0; id < 100_000; id++) {
            rig.nowNs++;
            hold(v4(DATAGRAM, id, 0, 8).frame());
            assertTrue(rig.reader.incompleteDatagrams() <= 1 + Reassembly.PLACES_PER_GUEST);
        }
        assertEquals(100_000 - Reassembly.PLACES_PER_GUEST, rig.counters.value(StackDrop.BAD_FRAGMENT));
        complete(v4(DATAGRAM, 1, 1480, 3000).stations(OTHER_GUEST, ROUTER).frame(), DATAGRAM);
        assertNull(rig.sent.poll());
    }

    @Test
    void shouldBoundAllGuestsTogether() {
        for (int guest = 0; guest < 1000; guest++) {
            rig.nowNs++;
            hold(v4(DATAGRAM, 1, 0, 1480).stations(GUEST + 0x100 + guest, ROUTER).frame());
        }
        assertEquals(Reassembly.PLACES, rig.reader.incompleteDatagrams());
        assertEquals(1000 - Reassembly.PLACES, rig.counters.value(StackDrop.BAD_FRAGMENT));
        complete(v4(DATAGRAM, 1, 1480, 3000).stations(GUEST + 0x100 + 999, ROUTER).frame(), DATAGRAM);
    }

    @Test
    void shouldRefuseFragmentsOfSuperFrames() {
        assertEquals(Arrival.DROPPED, rig.receive(fragment(true, 7, 0, 1480), 1));
        assertEquals(1, rig.counters.value(StackDrop.BAD_FRAGMENT));
    }

    @Test
    void shouldNotAllocate() {
        byte[][] frames = {fragment(true, 7, 0, 1480), fragment(true, 7, 1480, 3000), fragment(false, 7, 0, 1448),
            fragment(false, 7, 1448, 3000)};
        long memory = NativeMemory.map(1 << 16);
        for (int i = 0; i < frames.length; i++) {
            NativeMemory.copyIn(frames[i], 0, memory + i * 4096L, frames[i].length);
        }
        assertEquals(0, Allocations.bytesOf(20_000, 20_000, () -> {
            for (int i = 0; i < frames.length; i++) {
                Arrival arrival = rig.reader.read(memory + i * 4096L, frames[i].length, 0, rig.nowNs);
                if (arrival != (i % 2 == 0 ? Arrival.FRAGMENT : Arrival.PACKET)) {
                    throw new AssertionError(arrival);
                }
            }
        }));
        NativeMemory.unmap(memory, 1 << 16);
    }

    private void hold(byte[] frame) {
        assertEquals(Arrival.FRAGMENT, rig.receive(frame));
    }

    private void complete(byte[] frame, byte[] datagram) {
        assertEquals(Arrival.PACKET, rig.receive(frame));
        assertArrayEquals(datagram, rig.payload());
    }

    private static List<byte[]> cut(Random random, boolean v4, byte[] datagram) {
        int id = random.nextInt(65_536);
        List<byte[]> fragments = new ArrayList<>();
        int most = 1 + random.nextInt(185);
        for (int from = 0; from < datagram.length || from == 0;) {
            int to = Math.min(datagram.length, from + 8 * Math.max(1 + random.nextInt(most), from == 0 ? 3 : 1));
            if (from == 0 && to == datagram.length && to > 24) {
                to = 24;
            }
            fragments.add(fragment(v4, datagram, id, from, to));
            from = to;
        }
        if (fragments.size() == 1) {
            fragments.clear();
            byte[] whole = v4 ? new GuestPackets.V4().payload(UDP, datagram).frame()
                    : v6().payload(UDP, datagram).frame();
            fragments.add(whole);
        }
        return fragments;
    }

    private static byte[] fragment(boolean v4, int id, int from, int to) {
        return fragment(v4, DATAGRAM, id, from, to);
    }

    private static byte[] fragment(boolean v4, byte[] datagram, int id, int... range) {
        return v4 ? v4(datagram, id, range[0], range[1]).frame() : v6(datagram, id, range[0], range[1]).frame();
    }

    private static GuestPackets.V4 v4(byte[] datagram, int id, int from, int to) {
        return new GuestPackets.V4().identification(id).fragment(from, to < datagram.length)
                .payload(UDP, part(datagram, from, to));
    }

    private static GuestPackets.V6 v6(byte[] datagram, int id, int from, int to) {
        return v6().payload(FRAGMENT, fragmentHeader(UDP, from, to < datagram.length, id), part(datagram, from, to));
    }

    private static GuestPackets.V6 v6() {
        return new GuestPackets.V6();
    }

    private static byte[] part(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    private static byte[] random(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
