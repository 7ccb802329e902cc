package org.vswitch.slirp.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestQuotaTest {
    private static final long FIRST = 0x0200_0000_0001L;
    private static final int LIMIT = 3;

    /// Whatever the secret, and though stations follow each other.
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 2, 1L << 52, 0x5555_5555_5555_5555L, 42, 0x1234_5678_9abc_def0L})
    void shouldTellGuestsApart(long secret) {
        GuestQuota quota = new GuestQuota(new Random(secret).nextLong());
        for (int i = 0; i < LIMIT; i++) {
            for (int guest = 0; guest < 400; guest++) {
                assertTrue(quota.take(FIRST + guest, LIMIT) >= 0, "guest " + guest);
            }
        }
        for (int guest = 0; guest < 400; guest++) {
            assertEquals(-1, quota.take(FIRST + guest, LIMIT));
        }
        assertEquals(LIMIT, quota.most());
    }

    @Test
    void shouldNeverLetTwoShareWithPlacesFree() {
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            GuestQuota quota = i % 100 == 0 ? new GuestQuota(random.nextLong()) : new GuestQuota(i);
            int first = quota.take(FIRST, 1);
            int second = quota.take(FIRST + 1, 1);
            assertTrue(first >= 0 && second >= 0 && first != second, "secret " + i);
        }
    }

    @Test
    void shouldForgetWhoHasNothingLeft() {
        GuestQuota quota = new GuestQuota(1);
        for (int guest = 0; guest < 100_000; guest++) {
            int place = quota.take(FIRST + guest, 1);
            assertTrue(place >= 0);
            assertEquals(1, quota.count(place));
            quota.give(place);
        }
        assertEquals(0, quota.most());
    }

    /// Ten times as many stations as places: each may have what is left of a place, and nobody has a table of his own.
    @Test
    void shouldShareWhatIsLeft() {
        GuestQuota quota = new GuestQuota(1);
        Set<Integer> places = new HashSet<>();
        for (int guest = 0; guest < 10 * GuestQuota.PLACES; guest++) {
            int place = quota.take(FIRST + guest, 1_000);
            assertEquals(quota.count(place), quota.count(quota.place(FIRST + guest)), 10);
            places.add(place);
        }
        assertEquals(GuestQuota.PLACES, places.size());
        assertTrue(quota.most() < 20, "the places are used alike: " + quota.most());
    }
}
