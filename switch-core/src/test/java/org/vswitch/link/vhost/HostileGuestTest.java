package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.FrameBatch;
import org.vswitch.linux.NativeMemory;

/// A guest that writes anything anywhere, mostly such as looks right. Every access is verified to lie in memory that
/// was registered; beyond that nothing may be thrown, and no loop may go on.
class HostileGuestTest {
    private static final int SIZE = 16;
    private static final int RINGS = 4;
    private static final int[] FLAGS = {0, 0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 0x8000, 0xffff};

    @Test
    void shouldSurviveWhatAGuestWrites() {
        int[] outcomes = new int[3];
        Seeds.check(60, random -> maltreat(random, outcomes));
        if (Long.getLong("test.seed") == null) {
            assertTrue(outcomes[0] > 50, "rings broke: " + outcomes[0]);
            assertTrue(outcomes[1] > 50, "frames received: " + outcomes[1]);
            assertTrue(outcomes[2] > 50, "frames transmitted: " + outcomes[2]);
        }
    }

    private static void maltreat(Random random, int[] outcomes) throws IOException {
        long features = random.nextBoolean() ? TestGuest.LINUX : random.nextLong();
        long[] cuts = random.longs(random.nextInt(6), 8192, 8192 + RINGS * SIZE * TestGuest.BUFFER).sorted().distinct()
                .toArray();
        try (DeviceRig rig = new DeviceRig(features, RINGS / 2, SIZE, cuts)) {
            for (int step = 0; step < 60; step++) {
                for (int ring = 0; ring < RINGS; ring++) {
                    write(random, rig.guest, ring);
                }
                rig.batch.clear();
                int taken = rig.link.receive(rig.batch);
                assertTrue(taken >= rig.batch.size() && taken <= FrameBatch.CAPACITY);
                outcomes[1] += rig.batch.size();
                write(random, rig.guest, random.nextInt(RINGS)); // while it is lent
                rig.rows();
                if (taken > 0) {
                    rig.link.release(rig.batch);
                }
                int sent = rig.transmit(DeviceRig.frames(1 + random.nextInt(20), 14 + random.nextInt(3000)));
                outcomes[2] += Math.max(0, sent);
                if (rig.link.arm()) {
                    rig.link.disarm();
                }
                mend(random, rig);
            }
            outcomes[0] += rig.log.size();
        }
    }

    /// The guest resets its rings now and then, or the session replaces its memory.
    private static void mend(Random random, DeviceRig rig) throws IOException {
        if (random.nextInt(3) > 0) {
            return;
        }
        for (int ring = 0; ring < RINGS; ring++) {
            rig.link.stop(ring);
            rig.guest.ring(ring).availableIndex(rig.guest.ring(ring).usedIndex());
            rig.guest.start(rig.link, ring);
        }
        if (random.nextInt(4) == 0) {
            GuestMemory again = rig.guest.memory().mapped();
            rig.link.memory(again);
            again.close();
        }
        rig.batch.clear();
        assertEquals(0, rig.link.receive(rig.batch));
    }

    private static void write(Random random, TestGuest guest, int number) {
        SplitRingDriver ring = guest.ring(number);
        for (int i = 0; i < SIZE; i++) {
            if (random.nextInt(3) > 0) {
                ring.descriptor(i, address(random, guest), length(random), flags(random, number));
            }
            // tables lie in buffers
            ring.descriptorAt(guest.buffer(number, 0) + 16L * i, address(random, guest), length(random),
                    flags(random, number));
        }
        byte[] header = new byte[12];
        random.nextBytes(header);
        if (random.nextBoolean()) {
            NativeMemory.copyIn(header, 0, guest.at(guest.buffer(number, random.nextInt(SIZE))), header.length);
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            ring.offer(random.nextInt(200) == 0 ? random.nextInt(0x1_0000) : random.nextInt(SIZE));
        }
        ring.announce();
        if (random.nextInt(100) == 0) {
            ring.availableIndex(random.nextInt(0x1_0000));
        }
    }

    private static long address(Random random, TestGuest guest) {
        return switch (random.nextInt(40)) {
            case 0 -> random.nextLong();
            case 1 -> FrontEndMemory.GUEST - random.nextInt(100);
            case 2 -> guest.spare() + (1 << 20) - random.nextInt(100);
            case 3 -> FrontEndMemory.GUEST + random.nextInt(4096);
            default -> guest.buffer(random.nextInt(RINGS), random.nextInt(SIZE));
        };
    }

    private static long length(Random random) {
        return switch (random.nextInt(20)) {
            case 0 -> random.nextInt();
            case 1 -> 16L * random.nextInt(SIZE + 2);
            case 2 -> random.nextInt(14);
            default -> 16L * (1 + random.nextInt(100));
        };
    }

    /// Mostly those that fit the ring.
    private static int flags(Random random, int number) {
        int right = number % 2 == 0 ? SplitRingDriver.WRITE : 0;
        int flags = random.nextInt(10) > 0 ? right | random.nextInt(2) : FLAGS[random.nextInt(FLAGS.length)];
        return flags | random.nextInt(random.nextInt(30) == 0 ? 0x1_0000 : SIZE) << 16;
    }
}
