package org.vswitch.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RetryPauseTest {
    private final RetryPause pause = new RetryPause(100, 500);

    @Test
    void shouldGrowUpToItsLimitAndBeginAnew() {
        assertEquals(List.of(100L, 200L, 400L, 500L, 500L), take(5));
        pause.reset();
        assertEquals(List.of(100L, 200L), take(2));
    }

    private List<Long> take(int count) {
        return LongStream.range(0, count).mapToObj(any -> pause.take()).toList();
    }
}
