package org.vswitch.plug.impair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ImpairmentTest {
    @Test
    void shouldBeNothingUnlessSomethingIsAskedFor() {
        assertTrue(Impairment.NONE.isNone());
        assertTrue(Impairment.NONE.withSeed(5).withQueueFrames(9).with(Loss.independent(0)).isNone());
        assertFalse(Impairment.NONE.with(Loss.independent(0.1)).isNone());
        assertFalse(Impairment.NONE.with(Loss.bursts(0.1, 2)).isNone());
        assertFalse(Impairment.NONE.with(Delay.of(1)).isNone());
        assertFalse(Impairment.NONE.withDuplicate(0.1).isNone());
        assertFalse(Impairment.NONE.withRate(1000).isNone());
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        refused("inGood=1.1 (0 to 1)", () -> Loss.independent(1.1));
        refused("inGood=NaN (0 to 1)", () -> Loss.independent(Double.NaN));
        refused("toBad=-0.5 (0 to 1)", () -> new Loss(-0.5, 0, 0, 0));
        refused("toGood=0 (the bad state would never end)", () -> new Loss(0.5, 0, 0, 1));
        refused("burst=0.5 (1 or more)", () -> Loss.bursts(0.1, 0.5));
        refused("burst=1.0 (too short for loss=0.9)", () -> Loss.bursts(0.9, 1));
        refused("burst=2.0 (too short for loss=1.0)", () -> Loss.bursts(1, 2));
        refused("delay=-1ns (0 to 60000000000ns)", () -> Delay.of(-1));
        refused("delay=60000000001ns (0 to 60000000000ns)", () -> Delay.of(Delay.MAX_NS + 1));
        refused("jitter=6ns (0 to the delay, which is 5ns)", () -> new Delay(5, 6, 0));
        refused("reorder=0.1 (needs a delay to overtake)", () -> new Delay(0, 0, 0.1));
        refused("duplicate=2.0 (0 to 1)", () -> Impairment.NONE.withDuplicate(2));
        refused("rate=999 (1000 to 1000000000000 bit/s)", () -> Impairment.NONE.withRate(999));
        refused("queue=0 (1 to 65536)", () -> Impairment.NONE.withQueueFrames(0));
        refused("queue=65537 (1 to 65536)", () -> Impairment.NONE.withQueueFrames(65_537));
    }

    private static void refused(String message, Executable attempt) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, attempt).getMessage());
    }
}
