package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.ManualNames;
import org.vswitch.link.MeasuredLink;

/// What the router tells of itself.
class MeasuresTest implements MeasuredLink.Measures {
    private final Set<String> told = new TreeSet<>();

    @Test
    void shouldHaveEveryNameInTheManual() throws IOException {
        try (StackRig rig = new StackRig()) {
            rig.stack.measure(this, rig.nowNs);
        }
        assertEquals(ManualNames.in("vslirp.1", "GAUGES AND COUNTERS"), told);
    }

    @Override
    public void gauge(String name, long value, long limit) {
        assertTrue(value >= 0 && value < limit, name);
        assertTrue(told.add(name), name);
    }

    @Override
    public void counter(String name, long count) {
        assertEquals(0, count, name);
        assertTrue(told.add(name), name);
    }
}
