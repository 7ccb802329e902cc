package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Frames;
import org.vswitch.frame.Drop;

/// Guests that send to each other cost the data plane no byte of the heap: short frames and long ones, chains and
/// tables, full rings, several pairs, kicks and interrupts.
class VhostUserAllocationTest {
    private static final int SIZE = 256;
    private static final int BATCH = 64;

    @Test
    void shouldAllocateNothingWhileRunning() throws IOException {
        try (GuestPairRig rig = new GuestPairRig()) {
            TestGuest first = rig.plug(TestGuest.LINUX, 2, SIZE);
            TestGuest second = rig.plug(VirtioFeatures.VERSION_1, 1, SIZE);
            rig.plug(VirtioFeatures.VERSION_1 | VirtioFeatures.EVENT_IDX, 1, SIZE);
            prepare(first, 1, Frames.B, Frames.A);
            prepare(first, 3, Frames.B, Frames.C);
            prepare(second, 1, Frames.A, Frames.B);
            long allocated = Allocations.bytesOf(4_000, 2_000, () -> {
                send(first, 1);
                send(first, 3);
                send(second, 1);
                receive(first, 0);
                receive(first, 2);
                receive(second, 0);
                rig.pass();
            });
            assertEquals(0, allocated);
            assertTrue(rig.endpoints.get(0).sent() > 100_000, "delivered " + rig.endpoints.get(0).sent());
            assertTrue(rig.endpoints.get(1).sent() > 100_000, "delivered " + rig.endpoints.get(1).sent());
            assertTrue(rig.endpoints.get(2).lost(Drop.EGRESS_FULL) > 0, "full ring");
            assertEquals(0, rig.log.size());
        }
    }

    /// Writes frames of all lengths into the buffers of a ring: one descriptor, a chain of two, or a table of two; B
    /// has only the first kind.
    private static void prepare(TestGuest guest, int ring, long destination, long source) {
        SplitRingDriver driver = guest.ring(ring);
        boolean chains = source != Frames.B;
        for (int i = 0; i < SIZE; i += 2) {
            byte[] frame = Frames.plain(i % 16 == 0 ? Frames.BROADCAST : destination, source, 60 + i * 5);
            long buffer = guest.buffer(ring, i);
            guest.memory().put(buffer + guest.header(), frame);
            int all = guest.header() + frame.length;
            if (!chains || i % 8 != 0) {
                driver.descriptor(i, buffer, all, 0);
            } else if (i % 16 == 0) {
                driver.descriptor(i, buffer, 30, SplitRingDriver.NEXT | (i + 1) << 16);
                driver.descriptor(i + 1, buffer + 30, all - 30, 0);
            } else {
                long table = guest.spare() + 64L * i;
                driver.descriptorAt(table, buffer, 12, SplitRingDriver.NEXT | 1 << 16);
                driver.descriptorAt(table + 16, buffer + 12, all - 12, 0);
                driver.descriptor(i, table, 32, SplitRingDriver.INDIRECT);
            }
        }
    }

    private static void send(TestGuest guest, int ring) {
        SplitRingDriver driver = guest.ring(ring);
        while (driver.returned() > 0) {
            driver.take();
        }
        for (int i = 0; i < BATCH && driver.outstanding() < SIZE / 2; i++) {
            driver.offer(2 * driver.offered() & SIZE - 2);
        }
        driver.announce();
        if (driver.wantsKick()) {
            guest.kick(ring).ring();
        }
    }

    private static void receive(TestGuest guest, int ring) {
        SplitRingDriver driver = guest.ring(ring);
        while (driver.returned() > 0) {
            driver.take();
        }
        for (int i = 0; i < 48 && driver.outstanding() < SIZE; i++) {
            int head = driver.offered() & SIZE - 1;
            driver.descriptor(head, guest.buffer(ring, head), TestGuest.BUFFER, SplitRingDriver.WRITE);
            driver.offer(head);
        }
        driver.announce();
        if (driver.wantsKick()) {
            guest.kick(ring).ring();
        }
    }
}
