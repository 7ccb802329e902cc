package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.vswitch.fixture.ExactMemory;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeHostNetwork;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.service.ResolvConf;

/// A whole router over a network in memory, with the addresses of [org.vswitch.slirp.fixture.GuestPackets]; frames go
/// in, time is a number. Advertisements to all are left out, unless a test brings its own place for frames.
final class StackRig implements AutoCloseable {
    final FakeHostNetwork host;
    final SentFrames sent;
    ResolvConf servers = ResolvConf.NONE;
    final Stack stack;
    long nowNs = 1_000_000_000L;
    private final ExactMemory memory = new ExactMemory();

    StackRig() {
        this(SlirpConfig.usual(), new SentFrames().withoutAdvertisements());
    }

    StackRig(SlirpConfig config, SentFrames sent) {
        this(config, sent, new FakeHostNetwork());
    }

    StackRig(SlirpConfig config, SentFrames sent, FakeHostNetwork host) {
        this.sent = sent;
        this.host = host;
        stack = new Stack(config, host, time -> servers, sent);
    }

    /// A guest sends frames, one batch each, of which not a byte more may be read.
    StackRig send(byte[]... frames) {
        for (byte[] frame : frames) {
            stack.onFrame(memory.place(frame), frame.length, 0, nowNs);
            stack.endBatch(nowNs);
        }
        return this;
    }

    /// A guest sends frames in one batch, each of which is gone when the next one comes: fragments, which are copied.
    StackRig sendTogether(List<byte[]> fragments) {
        for (byte[] fragment : fragments) {
            stack.onFrame(memory.place(fragment), fragment.length, 0, nowNs);
        }
        stack.endBatch(nowNs);
        return this;
    }

    /// A guest sends a frame that lies somewhere; nothing is allocated.
    void sendFrom(long frame, int length) {
        stack.onFrame(frame, length, 0, nowNs);
        stack.endBatch(nowNs);
    }

    /// The host's sockets are looked at, then the deadlines.
    StackRig turn() {
        stack.onHostReady(nowNs);
        stack.onDeadline(nowNs);
        return this;
    }

    /// Lets time pass, from deadline to deadline.
    StackRig pass(long ns) {
        long endNs = nowNs + ns;
        while (stack.nextDeadlineNs(nowNs) <= endNs) {
            nowNs = Math.max(nowNs, stack.nextDeadlineNs(nowNs));
            turn();
        }
        nowNs = endNs;
        return turn();
    }

    /// The only frame that was sent, checked.
    byte[] take() {
        byte[] frame = takeNext();
        assertNull(sent.poll(), "more than one frame was sent");
        return frame;
    }

    /// The next frame that was sent, checked.
    byte[] takeNext() {
        byte[] frame = sent.poll();
        assertNotNull(frame, "nothing was sent");
        FrameCheck.verify(frame);
        return frame;
    }

    StackRig nothing() {
        assertEquals(0, sent.size(), "something was sent");
        return this;
    }

    /// A guest sends a frame that must be dropped for a reason, counted once, and answered by nothing.
    void refuse(StackDrop reason, byte[] frame) {
        long drops = drops();
        long count = stack.counters().value(reason);
        send(frame).turn().nothing();
        assertEquals(count + 1, stack.counters().value(reason), () -> reason + " is not what was counted");
        assertEquals(drops + 1, drops());
    }

    /// All drops counted so far.
    long drops() {
        long sum = 0;
        for (StackDrop reason : StackDrop.values()) {
            sum += stack.counters().value(reason);
        }
        return sum;
    }

    @Override
    public void close() {
        stack.close();
        sent.close();
        memory.close();
        assertEquals(0, host.openSockets(), "a socket was left open");
    }
}
