package org.vswitch.slirp.neighbor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_V4;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.OTHER_GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Seeds;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.wire.IpAddress;

/// Who is where, also while somebody floods the table: bad inputs 5, 6, 19, T7.
class NeighborTableTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long LOW = IpAddress.v4(0x0a00_020f);

    private final IpRig rig = new IpRig();
    private final NeighborTable table = new NeighborTable(rig.subnets, rig.counters);
    private long nowNs = -5 * SECOND_NS;

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldFindWhatItLearned() {
        assertEquals(NeighborTable.NONE, table.find(0, LOW, nowNs));
        assertTrue(table.learn(0, LOW, GUEST, nowNs));
        assertTrue(table.learn(PREFIX, 0x15, GUEST, nowNs));
        assertEquals(GUEST, table.find(0, LOW, nowNs));
        assertEquals(GUEST, table.find(PREFIX, 0x15, nowNs));
        assertEquals(NeighborTable.NONE, table.find(LINK_LOCAL, 0x15, nowNs));
        assertEquals(2, table.count());
    }

    /// T7: a guest gets another network card.
    @Test
    void shouldFollowAGuestThatMoves() {
        assertTrue(table.learn(0, LOW, GUEST, nowNs));
        assertTrue(table.update(0, LOW, OTHER_GUEST, nowNs));
        assertEquals(OTHER_GUEST, table.find(0, LOW, nowNs));
        assertFalse(table.update(0, LOW + 1, OTHER_GUEST, nowNs));
        assertEquals(1, table.count());
    }

    /// Bad inputs 5 and 6: own addresses, those of nobody, those of elsewhere; stations that are none.
    @Test
    void shouldNeverLearnWhatCannotBe() {
        long[][] addresses = {{0, IpAddress.v4(ROUTER_V4)}, {0, IpAddress.v4(DNS_V4)}, {PREFIX, ROUTER_LOW},
            {LINK_LOCAL, ROUTER_LOW}, {0, IpAddress.v4(0)}, {0, 0}, {0, 1}, {0, IpAddress.v4(-1)},
            {0, IpAddress.v4(0x0a00_02ff)}, {0, IpAddress.v4(OUTSIDE_V4)}, {0xff02_0000_0000_0000L, 1},
            {0x2001_0db8_0000_0000L, 7}};
        for (long[] address : addresses) {
            assertFalse(table.learn(address[0], address[1], GUEST, nowNs));
        }
        for (long mac : new long[] {0, ROUTER, 0xffff_ffff_ffffL, 0x0100_5e00_0001L, NeighborTable.NONE}) {
            assertFalse(table.learn(0, LOW, mac, nowNs));
            assertFalse(table.update(0, LOW, mac, nowNs));
        }
        assertEquals(0, table.count());
        assertEquals(addresses.length + 10, rig.counters.value(StackDrop.BAD_SOURCE));
    }

    /// Bad inputs 5 and 19: 100,000 stations with an address each displace each other, but nobody who is talked to.
    @Test
    void shouldKeepThoseInUse() {
        for (int i = 0; i < 200; i++) {
            assertTrue(table.learn(PREFIX, 1000 + i, GUEST + 0x1_0000 + i, nowNs));
            table.find(PREFIX, 1000 + i, nowNs);
        }
        for (int i = 0; i < 100_000; i++) {
            assertTrue(table.learn(PREFIX, 1_000_000 + i, GUEST + 0x10_0000 + i, nowNs));
        }
        assertEquals(NeighborTable.CAPACITY, table.count());
        for (int i = 0; i < 200; i++) {
            assertEquals(GUEST + 0x1_0000 + i, table.find(PREFIX, 1000 + i, nowNs));
        }
        assertEquals(GUEST + 0x10_0000 + 99_999, table.find(PREFIX, 1_000_000 + 99_999, nowNs));
    }

    @Test
    void shouldRefuseNewcomersOnlyWhileAllAreInUse() {
        for (int i = 0; i < NeighborTable.CAPACITY; i++) {
            table.learn(PREFIX, 1000 + i, GUEST + i, nowNs);
            table.find(PREFIX, 1000 + i, nowNs);
        }
        assertFalse(table.learn(PREFIX, 99, OTHER_GUEST + 5000, nowNs));
        assertEquals(1, rig.counters.value(StackDrop.LIMIT));
        nowNs += NeighborTable.STALE_NS;
        table.find(PREFIX, 1000, nowNs);
        assertTrue(table.learn(PREFIX, 99, OTHER_GUEST + 5000, nowNs));
        assertEquals(NeighborTable.NONE, table.find(PREFIX, 1001, nowNs), "used longest ago");
        assertEquals(GUEST, table.find(PREFIX, 1000, nowNs));
    }

    /// Bad input 19: one station with 100,000 addresses costs itself its oldest.
    @Test
    void shouldBoundTheAddressesOfAStation() {
        assertTrue(table.learn(0, LOW, OTHER_GUEST, nowNs));
        for (int i = 0; i < 100_000; i++) {
            nowNs++;
            assertTrue(table.learn(PREFIX, 1000 + i, GUEST, nowNs));
        }
        assertEquals(1 + NeighborTable.PER_STATION, table.count());
        assertEquals(OTHER_GUEST, table.find(0, LOW, nowNs));
        assertEquals(GUEST, table.find(PREFIX, 1000 + 100_000 - NeighborTable.PER_STATION, nowNs));
        assertEquals(NeighborTable.NONE, table.find(PREFIX, 999 + 100_000 - NeighborTable.PER_STATION, nowNs));
    }

    /// RFC 4861, 7.3.3: three questions, a second apart, after a minute without a word.
    @Test
    void shouldAskAndThenForget() {
        assertTrue(table.learn(0, LOW, GUEST, nowNs));
        nowNs += NeighborTable.STALE_NS - 1;
        assertFalse(table.isProbeDue(0, LOW, nowNs));
        nowNs += 1;
        for (int i = 0; i < 3; i++) {
            assertTrue(table.isProbeDue(0, LOW, nowNs));
            assertFalse(table.isProbeDue(0, LOW, nowNs));
            assertEquals(GUEST, table.find(0, LOW, nowNs));
            nowNs += SECOND_NS;
        }
        assertFalse(table.isProbeDue(0, LOW, nowNs));
        assertEquals(NeighborTable.NONE, table.find(0, LOW, nowNs));
        assertEquals(0, table.count());
    }

    @Test
    void shouldStopAskingOnceConfirmed() {
        assertTrue(table.learn(0, LOW, GUEST, nowNs));
        nowNs += NeighborTable.STALE_NS;
        assertTrue(table.isProbeDue(0, LOW, nowNs));
        assertTrue(table.update(0, LOW, GUEST, nowNs));
        nowNs += 10 * SECOND_NS;
        assertFalse(table.isProbeDue(0, LOW, nowNs));
        assertEquals(GUEST, table.find(0, LOW, nowNs));
    }

    /// Property: below all limits it is a map.
    @Test
    void shouldAgreeWithAMap() {
        Seeds.check(20, random -> {
            NeighborTable tried = new NeighborTable(rig.subnets, rig.counters);
            Map<Long, Long> model = new HashMap<>();
            long time = random.nextLong();
            for (int i = 0; i < 5000; i++) {
                long low = 1000 + random.nextInt(1000);
                time += random.nextInt(1000);
                switch (random.nextInt(3)) {
                    case 0 -> {
                        long station = GUEST + low;
                        assertTrue(tried.learn(PREFIX, low, station, time));
                        model.put(low, station);
                    }
                    case 1 -> assertEquals(model.containsKey(low), tried.update(PREFIX, low, GUEST + low, time));
                    default -> assertEquals(model.getOrDefault(low, NeighborTable.NONE), tried.find(PREFIX, low, time));
                }
                assertFalse(tried.isProbeDue(PREFIX, low, time));
            }
            assertEquals(model.size(), tried.count());
        });
    }

    @Test
    void shouldNotAllocate() {
        long[] next = {1000};
        assertEquals(0, Allocations.bytesOf(20_000, 20_000, () -> {
            next[0]++;
            table.learn(PREFIX, next[0], GUEST + next[0], next[0]);
            table.find(PREFIX, next[0] - next[0] % 7, next[0]);
            table.isProbeDue(PREFIX, next[0] - 5, next[0]);
        }));
        assertEquals(NeighborTable.CAPACITY, table.count());
    }
}
