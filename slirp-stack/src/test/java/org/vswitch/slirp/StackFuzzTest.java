package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.TCP;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Seeds;
import org.vswitch.linux.Errno;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeReport;
import org.vswitch.wire.IpAddress;

/// Whatever guests send: no exception, no invalid frame sent, nothing kept for ever, and a guest that behaves is served
/// afterwards (what must hold after every bad input). `-Dtest.fuzz=N` runs N trials of 2,000 frames.
class StackFuzzTest {
    private static final int TRIALS = Integer.getInteger("test.fuzz", 30);
    private static final int FRAMES = 2_000;

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
        private final GoodGuest good;
        private int textSegments;

        Trial(Random random) {
            this.random = random;
            rig = new StackRig(SlirpConfig.usual(), new SentFrames());
            frames = new FuzzFrames(random);
            good = new GoodGuest(rig, this::take);
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
                    good.turn();
                }
                rig.nowNs += random.nextInt(100) == 0 ? 5_000_000_000L : random.nextInt(5_000_000);
            }
            assertTrue(rig.drops() > 0 && textSegments > 0, "either all or nothing was refused");
            good.pass(TimeUnit.HOURS.toNanos(3));
            assertEquals(0, rig.host.openSockets(), "sockets");
            assertTrue(rig.stack.isIdle(), "something is kept for a guest");
            good.live();
        }

        private void take(byte[] frame) {
            frames.saw(frame);
            textSegments += FrameCheck.u16(frame, 12) == 0x0800 && frame[23] == TCP && frame.length > 60 ? 1 : 0;
        }

        @Override
        public void close() {
            rig.close();
            good.close();
        }
    }
}
