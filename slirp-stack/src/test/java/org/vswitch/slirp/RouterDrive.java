package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.vswitch.slirp.fixture.FrameCheck;

/// Makes a router work, by turns and by its deadlines, and checks every frame that it sends before its guests get it.
final class RouterDrive implements AutoCloseable {
    private static final int MOST_PASSES = 1_000_000;

    private final StackRig rig;
    private final SentSegments segments;
    private final SentSegments.Consumer guests;
    private final Runnable answers;

    /// A router at rest.
    ///
    /// @param guests get what it sends
    /// @param answers what the guests do at the end of each turn
    RouterDrive(StackRig rig, SentSegments.Consumer guests, Runnable answers) {
        this.rig = rig;
        this.guests = guests;
        this.answers = answers;
        segments = new SentSegments(rig, this::take);
    }

    /// What the router has to do is done, and what it has sent is looked at.
    void turn() {
        rig.turn();
        segments.gather();
        for (byte[] frame = rig.sent.poll(); frame != null; frame = rig.sent.poll()) {
            take(frame);
        }
        answers.run();
    }

    /// Time goes by, from deadline to deadline.
    void pass(long ns) {
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

    private void take(byte[] frame) {
        FrameCheck.verify(frame);
        guests.take(frame);
    }

    @Override
    public void close() {
        segments.close();
    }
}
