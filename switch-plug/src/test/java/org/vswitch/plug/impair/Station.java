package org.vswitch.plug.impair;

import java.util.ArrayList;
import java.util.List;
import org.vswitch.fixture.Frames;
import org.vswitch.frame.FrameBatch;
import org.vswitch.link.Link;

/// Sends frames to links and receives from them, as a data plane does. A frame's length tells it apart.
final class Station {
    private final FrameBatch outgoing = FrameBatch.forReceiving();
    private final FrameBatch incoming = FrameBatch.forReceiving();

    /// @return what the link took, or why it did not
    int send(Link link, int... lengths) {
        outgoing.clear();
        int[] rows = new int[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            Frames.receive(outgoing, Frames.plain(Frames.B, Frames.A, lengths[i]));
            rows[i] = i;
        }
        return link.transmit(outgoing, rows, 0, lengths.length);
    }

    /// Receives one batch and releases it; fails if a frame is not as it was sent.
    List<Integer> receive(Link link) {
        incoming.clear();
        int taken = link.receive(incoming);
        List<Integer> lengths = lengths(incoming);
        if (taken > 0) {
            link.release(incoming);
        }
        return lengths;
    }

    /// The batch of the last receive.
    FrameBatch received() {
        return incoming;
    }

    static List<Integer> lengths(FrameBatch batch) {
        List<Integer> lengths = new ArrayList<>();
        for (int row = 0; row < batch.size(); row++) {
            lengths.add(batch.length(row));
            byte[] sent = Frames.plain(Frames.B, Frames.A, batch.length(row));
            if (!java.util.Arrays.equals(sent, Frames.bytes(batch, row))) {
                throw new AssertionError("row=" + row + " is not as it was sent");
            }
        }
        return lengths;
    }
}
