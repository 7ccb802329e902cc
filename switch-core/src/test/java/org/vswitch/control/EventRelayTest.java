package org.vswitch.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;

/// The test's thread is both: what is put aside for the control thread runs when the test says so.
class EventRelayTest {
    private final List<String> lines = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final Queue<Runnable> control = new ArrayDeque<>();
    private final Queue<Runnable> aSecondLater = new ArrayDeque<>();
    private final SwitchEvents consoles = new SwitchEvents();
    private final EventRelay relay = new EventRelay(consoles, log::add, control::add, aSecondLater::add);

    @Test
    void shouldTellConsolesOnTheControlThreadInOrder() {
        watch(EventCategory.PORT_CREATED);
        relay.portCreated(3);
        relay.portCreated(4);
        assertEquals(List.of(), lines);
        assertEquals(1, control.size());
        run(control);
        assertEquals(List.of("3021 port/+ 03\n", "3021 port/+ 04\n"), lines);
    }

    @Test
    void shouldWakeNobodyForNobody() {
        relay.addressLearned(Frames.A, 0, 1);
        relay.addressExpired(Frames.A, 0, 1);
        relay.portCreated(1);
        relay.endpointAttached(1, 6, "x");
        assertEquals(0, control.size());
    }

    @Test
    void shouldLogMovesWhoeverWatchesButOnlySoMany() {
        assertTrue(relay.watched());
        for (int i = 0; i < 1000; i++) {
            relay.addressMoved(Frames.A, 1, 2);
        }
        run(control);
        assertEquals(10, log.size());
        assertEquals("MAC 02:00:00:00:00:0a moved from port 1 to port 2", log.getFirst());
        assertFalse(relay.watched());
        run(aSecondLater);
        assertTrue(relay.watched());
        relay.addressMoved(Frames.A, 2, 1);
        run(control);
        assertEquals(11, log.size());
    }

    @Test
    void shouldCountWhatItCouldNotKeep() {
        watch(EventCategory.HASH_ADDED);
        for (int i = 0; i < 5000; i++) {
            relay.addressLearned(Frames.A + i, 0, 1);
        }
        run(control);
        assertEquals(5000, lines.size() + relay.lost());
        assertTrue(relay.lost() > 0);
        relay.addressLearned(Frames.A, 0, 1);
        run(control);
        assertEquals("3011 hash/+ 02:00:00:00:00:0a VLAN 00:00 Port 1\n", lines.getLast());
    }

    private void watch(EventCategory category) {
        consoles.subscribe(lines::add).include(category, true);
    }

    private static void run(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
