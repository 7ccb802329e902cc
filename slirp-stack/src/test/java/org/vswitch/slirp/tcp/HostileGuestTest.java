package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.tcp.TcpRig.ACK;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;

/// Segments that make no sense, near the numbers of a connection. Nothing is thrown, nothing is kept, what is sent is
/// within reason, and the next connection works.
class HostileGuestTest {
    /// Bad inputs 22, 23 and 26.
    @Test
    void shouldSurviveAnything() {
        Seeds.check(150, random -> {
            try (TcpRig rig = new TcpRig()) {
                rig.connect();
                for (int step = 0; step < 400; step++) {
                    provoke(rig, random);
                    rig.toGuest.clear();
                }
                rig.splice.resetAll();
                assertEquals(0, rig.splice.flows());
                assertEquals(0, rig.splice.chunksInUse());
                rig.toGuest.clear();
                liveAfterwards(rig);
            }
        });
    }

    private static void provoke(TcpRig rig, Random random) {
        switch (random.nextInt(10)) {
            case 0 -> rig.host.send(new byte[random.nextInt(200_000)]);
            case 1 -> rig.host.room = random.nextBoolean() ? 0 : random.nextInt(100_000);
            case 2 -> rig.pass(random.nextInt(2_000));
            case 3 -> finishOrBreak(rig, random);
            case 4 -> rig.host.accept();
            default -> {
                for (int i = random.nextInt(20); i >= 0; i--) {
                    segment(rig, random);
                }
            }
        }
        rig.turn();
        assertTrue(rig.splice.chunksInUse() <= 256);
    }

    private static void finishOrBreak(TcpRig rig, Random random) {
        if (random.nextInt(20) == 0) {
            rig.host.reset();
        } else if (random.nextInt(10) == 0) {
            rig.host.finish();
        }
    }

    private static void segment(TcpRig rig, Random random) {
        ByteBuffer options = ByteBuffer.allocate(4 * random.nextInt(11));
        if (random.nextBoolean() && options.capacity() >= 12) {
            options.putInt(0x0101_050a).putInt(number(random) + rig.routerIsn).putInt(number(random) + rig.routerIsn);
        } else {
            random.nextBytes(options.array());
        }
        rig.nextOptions = options.array();
        rig.window = random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(65_536);
        int flags = random.nextInt(8) == 0 ? random.nextInt(256) : ACK | random.nextInt(2) * random.nextInt(2);
        rig.put(number(random), number(random), flags, new byte[random.nextInt(3) == 0 ? random.nextInt(3_000) : 0]);
    }

    /// Mostly near the numbers in use.
    private static int number(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt();
            case 1 -> random.nextInt(300_000);
            default -> random.nextInt(3_000) - 5;
        };
    }

    private static void liveAfterwards(TcpRig rig) {
        rig.guestPort = 50_000;
        rig.routerIsn = 0;
        rig.window = 65_535;
        rig.host.room = Integer.MAX_VALUE;
        rig.nowNs += 2_000_000_000L;
        rig.connect().send(1, 1, ACK, "alive").expectAck(6);
        assertEquals("alive", new String(rig.host.received()));
    }
}
