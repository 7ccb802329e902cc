package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.Drop;

/// Links on several threads under a mix of traffic: bursts of all lengths, a receiver that is slow, threads that get
/// the processor at odd times, links that come and go. Each frame arrives whole and in order, or is counted as lost.
class ThreadsMixTest {
    private static final int PORTS = 4;
    private static final int SLOW = 4;
    private static final int STEPS = 4_000;

    private long crossed;
    private long ringFull;
    private long egressFull;

    @Test
    void shouldKeepOrderAndAccountForEveryFrame() {
        Seeds.check(6, random -> new Mix(random, 2, false).run());
    }

    @Test
    void shouldKeepOrderAndAccountForEveryFrameWhereLinksComeAndGo() {
        Seeds.check(6, random -> new Mix(random, 3, true).run());
    }

    /// So that the others are no empty claims.
    @Test
    void shouldHaveMetFullRingsAndFullReceivers() {
        Seeds.check(4, random -> new Mix(random, 2, false).run());
        assertTrue(crossed > 20_000, "crossed=" + crossed);
        assertTrue(ringFull > 0, "ring-full=" + ringFull);
        assertTrue(egressFull > 0, "egress-full=" + egressFull);
    }

    private final class Mix {
        private final Random random;
        private final int threads;
        private final boolean restless;
        private final int[] numbers = new int[PORTS + 1];
        private final int[] incarnations = new int[PORTS + 1];
        private final long[] wentIn = new long[PORTS + 1];
        private final long[] cameOut = new long[PORTS + 1];
        private final Map<Long, Integer> last = new HashMap<>();
        private ThreadsRig rig;
        private int stalled = -1;

        Mix(Random random, int threads, boolean restless) {
            this.random = random;
            this.threads = threads;
            this.restless = restless;
        }

        void run() throws Exception {
            try (ThreadsRig opened = new ThreadsRig(threads, PORTS)) {
                rig = opened;
                for (int port = 1; port <= PORTS; port++) {
                    rig.plug(port, port % threads);
                }
                for (int i = 0; i < STEPS; i++) {
                    step();
                }
                settle();
                check();
            }
        }

        private void step() throws Exception {
            int port = 1 + random.nextInt(PORTS);
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4, 5 -> burst(port);
                case 6, 7, 8, 9, 10, 11, 12 -> pass(random.nextInt(threads));
                case 13, 14, 15 -> rig.nowNs += random.nextInt(2_000_000);
                case 16 -> {
                    if (random.nextInt(4) == 0) {
                        stalled = random.nextInt(2 * threads);
                    }
                    if (restless && random.nextInt(8) == 0) {
                        replug(port);
                    }
                }
                default -> {
                    if (port != SLOW || random.nextInt(20) == 0) {
                        drain(port);
                    }
                }
            }
        }

        /// Now and then one of them does not get the processor for a while.
        private void pass(int thread) {
            if (thread != stalled) {
                rig.pass(thread);
            }
        }

        private void replug(int port) throws Exception {
            rig.unplug(port);
            incarnations[port]++;
            last.clear();
            if (random.nextBoolean()) {
                rig.passes(random.nextInt(3));
            }
            rig.plug(port, random.nextInt(threads));
        }

        private void burst(int port) {
            int to = random.nextInt(PORTS + 2);
            int count = 1 + random.nextInt(64);
            int longest = random.nextInt(10) == 0 ? 60_000 : 1_500;
            for (int i = 0; i < count; i++) {
                byte[] frame = random.nextInt(100) == 0 ? new byte[13]
                        : frame(port, to, 60 + random.nextInt(longest - 59));
                wentIn[port] += rig.send(port, frame) ? 1 : 0;
            }
        }

        /// To a port, to nobody known, or to everybody.
        private byte[] frame(int from, int to, int length) {
            byte[] frame = Frames.plain(to == 0 ? Frames.BROADCAST : ThreadsRig.STATION + to,
                    ThreadsRig.STATION + from, length);
            int number = ++numbers[from];
            ByteBuffer.wrap(frame).putInt(14, from << 16 | incarnations[from]).putInt(18, number)
                    .putInt(length - 4, number ^ length);
            return frame;
        }

        private void drain(int port) {
            for (byte[] frame = rig.receive(port); frame != null; frame = rig.receive(port)) {
                ByteBuffer bytes = ByteBuffer.wrap(frame);
                int number = bytes.getInt(18);
                long flow = (long) bytes.getInt(14) << 8 | port;
                assertEquals(number ^ frame.length, bytes.getInt(frame.length - 4), "end of frame " + number);
                Integer before = last.put(flow, number);
                assertTrue(before == null || before < number, "flow " + Long.toHexString(flow) + ": " + number
                        + " behind " + before);
                cameOut[port]++;
            }
        }

        private void settle() {
            long moved = -1;
            for (int still = 0; still < 10;) {
                rig.passes(3);
                rig.nowNs += 1_000_000;
                for (int port = 1; port <= PORTS; port++) {
                    drain(port);
                }
                long before = moved;
                moved = rig.moved();
                still = moved == before ? still + 1 : 0;
            }
        }

        private void check() {
            assertEquals("", rig.imbalance());
            for (int port = 1; port <= PORTS; port++) {
                assertEquals(0, rig.endpoints[port].queued(), "frames that wait at port " + port);
                if (!restless) {
                    assertEquals(wentIn[port], rig.bridge.ports().port(port).received(), "into port " + port);
                    assertEquals(cameOut[port], rig.endpoints[port].sent(), "out of port " + port);
                }
                crossed += cameOut[port];
                ringFull += rig.bridge.ports().port(port).discarded(Drop.RING_FULL);
                egressFull += rig.endpoints[port].lost(Drop.EGRESS_FULL);
            }
            rig.all.forEach(endpoint -> assertEquals(0, endpoint.queued(), "of the past"));
            assertEquals(rig.all.size() - PORTS, rig.detached);
        }
    }
}
