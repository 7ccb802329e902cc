package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.host.FakePeer;
import org.vswitch.slirp.host.FakeServer;
import org.vswitch.wire.IpAddress;

/// T87 for a guest's TCP segments: what is put together from fragments lies in memory that the next fragments get.
class FragmentedSegmentsTest {
    private static final int LENGTH = 1_000;
    private static final int SEGMENTS = 4;

    @Test
    void shouldPassOnEachOfSeveralSegmentsInOneBatch() {
        try (StackRig rig = new StackRig(); GuestSide side = new GuestSide(rig)) {
            FakeServer server = rig.host.server(0, IpAddress.v4(OUTSIDE_V4), 80);
            GuestTcp guest = side.open(0, 40_000, OUTSIDE_V4, 80);
            side.turn();
            FakePeer peer = server.accept();
            byte[] expected = new byte[SEGMENTS * LENGTH];
            List<byte[]> frames = new ArrayList<>();
            for (int i = 0; i < SEGMENTS; i++) {
                Arrays.fill(expected, i * LENGTH, (i + 1) * LENGTH, (byte) (i + 1));
                frames.addAll(guest.fragments(Arrays.copyOfRange(expected, i * LENGTH, (i + 1) * LENGTH)));
            }
            rig.sendTogether(frames);
            assertArrayEquals(expected, peer.receive());
        }
    }
}
