package org.vswitch.link.vhost;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.vswitch.fixture.Frames;
import org.vswitch.frame.FrameBatch;

/// A device with a guest, driven by a test in place of a data plane.
final class DeviceRig implements AutoCloseable {
    final List<String> log = new ArrayList<>();
    final FrameBatch batch = FrameBatch.forReceiving();
    final FrameBatch outgoing = FrameBatch.forReceiving();
    final VhostUserLink link;
    final TestGuest guest;

    DeviceRig(long features, int pairs, int size, long... cuts) throws IOException {
        link = new VhostUserLink(pairs, log::add);
        guest = new TestGuest(features, pairs, size, cuts);
        guest.plugInto(link);
    }

    /// Receives once and releases.
    List<byte[]> receive() {
        batch.clear();
        int taken = link.receive(batch);
        List<byte[]> frames = rows();
        if (taken > 0) {
            link.release(batch);
        }
        return frames;
    }

    /// Arms the link, which may have patience.
    boolean sleeps() {
        for (int i = 0; i < 1000; i++) {
            if (link.arm()) {
                return true;
            }
            link.disarm();
        }
        return false;
    }

    /// What the batch holds.
    List<byte[]> rows() {
        return IntStream.range(0, batch.size()).mapToObj(row -> Frames.bytes(batch, row)).toList();
    }

    /// Offers frames, at most 64.
    int transmit(byte[]... frames) {
        outgoing.clear();
        Frames.receive(outgoing, frames);
        return transmit();
    }

    /// Offers what is in the outgoing batch.
    int transmit() {
        return link.transmit(outgoing, IntStream.range(0, outgoing.size()).toArray(), 0, outgoing.size());
    }

    /// Frames of a length that can be told apart.
    static byte[][] frames(int count, int length) {
        byte[][] frames = new byte[count][];
        for (int i = 0; i < count; i++) {
            frames[i] = Frames.plain(Frames.B, Frames.A, length);
            frames[i][14 % length] = (byte) i;
        }
        return frames;
    }

    static void assertFrames(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(texts(expected), texts(actual));
    }

    static void assertReceived(List<byte[]> expected, List<TestGuest.Received> actual) {
        assertFrames(expected, actual.stream().map(TestGuest.Received::frame).toList());
    }

    private static List<String> texts(List<byte[]> frames) {
        return frames.stream().map(frame -> frame.length + ":" + Arrays.toString(frame)).toList();
    }

    @Override
    public void close() {
        link.close();
        guest.close();
        batch.free();
        outgoing.free();
    }
}
