package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_V4;
import static org.vswitch.slirp.fixture.GuestPackets.TCP;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeReport;
import org.vswitch.slirp.ip.IpAddress;

/// Whatever guests send: no exception, no invalid frame sent, nothing kept for ever, and a guest that behaves is served
/// afterwards (what must hold after every bad input). `-Dtest.fuzz=N` runs N trials of 2,000 frames.
class StackFuzzTest {
    private static final int TRIALS = Integer.getInteger("test.fuzz", 30);
    private static final int FRAMES = 2_000;
    private static final int MOST_PASSES = 1_000_000;

    @Test
    void shouldSurviveWhateverGuestsSend() {
        Seeds.check(TRIALS, random -> {
            try (Trial trial = new Trial(random)) {
                trial.run();
            }
        });
    }

    private static final class Trial implements AutoCloseable {
        private final Random random;
        private final StackRig rig;
        private final FuzzFrames frames;
        private final SentSegments segments;
        private byte[] lastSegment;
        private int textSegments;

        Trial(Random random) {
            this.random = random;
            rig = new StackRig(SlirpConfig.usual(), new SentFrames());
            frames = new FuzzFrames(random);
            segments = new SentSegments(rig, this::take);
            rig.host.permitPing();
            for (long[] peer : new long[][] {{0, IpAddress.v4(OUTSIDE_V4)}, {OUTSIDE_HIGH, 1}}) {
                rig.host.datagramPeer(peer[0], peer[1], 7).echoing();
                rig.host.datagramPeer(peer[0], peer[1], 0).echoing();
                rig.host.datagramPeer(peer[0], peer[1], 9)
                        .unreachable(FakeReport.timeExceeded(peer[0], peer[1] ^ 0x55));
                rig.host.server(peer[0], peer[1], 80).echoing();
                rig.host.server(peer[0], peer[1], 81).echoing();
                rig.host.server(peer[0], peer[1], 82).silent();
                rig.host.server(peer[0], peer[1], 83).refusing(Errno.EHOSTUNREACH);
            }
        }

        void run() {
            for (int i = 0; i < FRAMES; i++) {
                rig.send(frames.next());
                if (random.nextInt(3) == 0) {
                    turn();
                }
                rig.nowNs += random.nextInt(100) == 0 ? 5_000_000_000L : random.nextInt(5_000_000);
            }
            assertTrue(rig.drops() > 0 && textSegments > 0, "either all or nothing was refused");
            pass(TimeUnit.HOURS.toNanos(3));
            assertEquals(0, rig.host.openSockets(), "sockets");
            assertTrue(rig.stack.isIdle(), "something is kept for a guest");
            serve();
        }

        private void turn() {
            rig.turn();
            segments.gather();
            for (byte[] frame = rig.sent.poll(); frame != null; frame = rig.sent.poll()) {
                take(frame);
            }
        }

        private void take(byte[] frame) {
            FrameCheck.verify(frame);
            frames.saw(frame);
            if (FrameCheck.u16(frame, 12) == 0x0800 && frame[23] == TCP) {
                lastSegment = frame;
                textSegments += frame.length > 60 ? 1 : 0;
            }
        }

        private void pass(long ns) {
            long endNs = rig.nowNs + ns;
            int passes = 0;
            turn();
            while (rig.stack.nextDeadlineNs(rig.nowNs) <= endNs) {
                rig.nowNs = Math.max(rig.nowNs, rig.stack.nextDeadlineNs(rig.nowNs));
                turn();
                assertTrue(++passes < MOST_PASSES, "a deadline is never met");
            }
            rig.nowNs = endNs;
            turn();
        }

        /// A ping and a connection, as if nothing had been.
        private void serve() {
            assertEquals("0000" + "77770001" + "09", Pings.message(rig.send(
                    Pings.v4(ROUTER_V4, 0x7777, 1, (byte) 9)).take()));
            segment(1_000, 0, FuzzFrames.SYN, "");
            assertEquals(FuzzFrames.SYN | FuzzFrames.ACK, lastSegment[47]);
            int next = ByteBuffer.wrap(lastSegment).getInt(38) + 1;
            segment(1_001, next, FuzzFrames.ACK, "");
            segment(1_001, next, FuzzFrames.ACK, "hello");
            turn();
            byte[] packet = FrameCheck.packet(lastSegment);
            assertEquals("hello", new String(Arrays.copyOfRange(packet, packet.length - 5, packet.length)));
            assertNull(rig.sent.poll());
        }

        private void segment(int seq, int ack, int flags, String text) {
            byte[] tcp = ByteBuffer.allocate(20 + text.length()).putInt(9_999 << 16 | 80).putInt(seq).putInt(ack)
                    .put((byte) 0x50).put((byte) flags).putShort((short) 60_000).putInt(0).put(text.getBytes())
                    .array();
            byte[] frame = new GuestPackets.V4().payload(TCP, tcp).frame();
            FuzzFrames.repair(frame);
            rig.send(frame);
            turn();
            turn();
        }

        @Override
        public void close() {
            rig.close();
            segments.close();
        }
    }
}
