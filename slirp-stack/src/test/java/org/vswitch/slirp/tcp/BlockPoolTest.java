package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.NativeMemory;

class BlockPoolTest {
    private static final int CAPACITY = 50;
    private static final int STRIDE = 24;
    private final BlockPool pool = new BlockPool(CAPACITY, STRIDE);

    @AfterEach
    void close() {
        pool.close();
    }

    /// Blocks in use are different, do not overlap, and are as many as there are.
    @Test
    void shouldLendEachBlockOnce() {
        Seeds.check(20, random -> {
            TreeSet<Long> used = new TreeSet<>();
            for (int step = 0; step < 1_000; step++) {
                if (random.nextInt(100) < 55) {
                    long block = pool.take();
                    assertEquals(used.size() == CAPACITY, block == 0);
                    if (block != 0) {
                        Long below = used.floor(block);
                        Long above = used.ceiling(block);
                        assertTrue(below == null || below + STRIDE <= block);
                        assertTrue(above == null || above - STRIDE >= block);
                        used.add(block);
                        NativeMemory.zero(block, STRIDE);
                    }
                } else if (!used.isEmpty()) {
                    pool.give(random.nextBoolean() ? used.pollFirst() : used.pollLast());
                }
                assertEquals(CAPACITY - used.size(), pool.free());
            }
            used.forEach(pool::give);
        });
    }

    @Test
    void shouldTakeFirstWhatWasGivenBackLast() {
        long first = pool.take();
        long second = pool.take();
        assertNotEquals(first, second);
        pool.give(second);
        pool.give(first);
        assertEquals(first, pool.take());
        assertEquals(second, pool.take());
    }

    @Test
    void shouldNoticeWhatIsGivenBackTwice() {
        long block = pool.take();
        pool.give(block);
        assertThrows(AssertionError.class, () -> pool.give(block));
    }
}
