package org.vswitch.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MacTableTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final AgeingClock clock = new AgeingClock();

    @Test
    void shouldAgreeWithAMapUnderRandomChanges() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        MacTable table = new MacTable(512);
        Map<String, Integer> model = new HashMap<>();
        for (int step = 0; step < 200_000; step++) {
            clock.set(step * 5L * SECOND_NS);
            long address = random.nextInt(900) + 0x0200_0000_0000L;
            int vid = random.nextInt(3);
            String key = address + "/" + vid;
            int slot = table.find(address, vid);
            assertEquals(model.containsKey(key), slot != MacTable.NONE, () -> "seed=" + seed);
            if (slot != MacTable.NONE) {
                assertEquals(model.get(key), table.port(slot), () -> "seed=" + seed);
                assertEquals(address, table.address(slot));
                assertEquals(vid, table.vid(slot));
            }
            if (random.nextInt(3) == 0 && slot != MacTable.NONE) {
                table.remove(slot);
                model.remove(key);
            } else {
                int port = random.nextInt(8);
                if (table.learn(address, vid, port, clock) != MacTable.Learned.FULL) {
                    model.put(key, port);
                } else {
                    assertEquals(512, model.size(), () -> "full too early, seed=" + seed);
                }
            }
            assertEquals(model.size(), table.count());
        }
    }

    @Test
    void shouldVisitEachEntryOnceAlsoWhileRemovingThem() {
        MacTable table = new MacTable(1000);
        for (int i = 0; i < 1000; i++) {
            assertEquals(MacTable.Learned.ADDED, table.learn(i, 0, i % 7, clock));
        }
        int visited = 0;
        for (int slot = table.next(0); slot != MacTable.NONE; slot = table.next(slot + 1)) {
            table.remove(slot);
            visited++;
        }
        assertEquals(1000, visited);
        assertEquals(0, table.count());
        assertEquals(MacTable.NONE, table.find(1, 0));
    }

    @Test
    void shouldNotEvictALiveEntryWhenFull() {
        MacTable table = new MacTable(16);
        for (int i = 0; i < 16; i++) {
            table.learn(i, 0, 1, clock);
        }
        for (int i = 16; i < 10_000; i++) {
            assertEquals(MacTable.Learned.FULL, table.learn(i, 0, 2, clock));
        }
        for (int i = 0; i < 16; i++) {
            assertEquals(1, table.port(table.find(i, 0)));
        }
    }

    @Test
    void shouldHoldAnEntryOnItsPortForTheMinimumPersistence() {
        MacTable table = new MacTable(16);
        clock.set(100 * SECOND_NS);
        table.learn(7, 0, 1, clock);
        clock.set(103 * SECOND_NS);
        assertEquals(MacTable.Learned.HELD, table.learn(7, 0, 2, clock));
        clock.set(104 * SECOND_NS);
        assertEquals(MacTable.Learned.MOVED, table.learn(7, 0, 2, clock));
        assertEquals(2, table.port(table.find(7, 0)));
    }

    @Test
    void shouldHoldAllEntriesOfItsCapacity() {
        MacTable table = new MacTable(MacTable.DEFAULT_CAPACITY);
        Random random = new Random(1);
        int added = 0;
        while (added < MacTable.DEFAULT_CAPACITY) {
            MacTable.Learned learned = table.learn(random.nextLong() & 0xfeff_ffff_ffffL, 0, 3, clock);
            assertTrue(learned != MacTable.Learned.FULL);
            added += learned == MacTable.Learned.ADDED ? 1 : 0;
        }
        assertEquals(MacTable.DEFAULT_CAPACITY, table.count());
    }
}
