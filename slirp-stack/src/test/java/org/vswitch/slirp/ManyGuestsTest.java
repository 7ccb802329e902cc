package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.host.FakePeer;
import org.vswitch.slirp.host.FakeServer;
import org.vswitch.wire.IpAddress;

/// T96: ten guests with a hundred connections each, all at once, through a link that takes 64 frames at a time. Nobody
/// is served before the others, and everybody gets everything.
class ManyGuestsTest {
    private static final int GUESTS = 10;
    private static final int EACH = 100;
    private static final int LENGTH = 40_000;
    private static final int WINDOW = 4_000;
    private static final int MOST_PASSES = 100_000;

    private final StackRig rig = new StackRig();
    private final GuestSide side = new GuestSide(rig);
    private final List<GuestTcp> connections = new ArrayList<>();

    @AfterEach
    void close() {
        rig.close();
        side.close();
    }

    @Test
    void shouldServeAllAlike() {
        byte[] text = Pings.pattern(LENGTH);
        FakeServer server = rig.host.server(0, IpAddress.v4(OUTSIDE_V4), 80);
        for (int i = 0; i < GUESTS * EACH; i++) {
            connections.add(side.open(i / EACH, 10_000 + i % EACH, OUTSIDE_V4, 80).offers(WINDOW));
        }
        side.turn();
        List<FakePeer> peers = new ArrayList<>();
        for (GuestTcp connection : connections) {
            assertTrue(connection.isOpen());
            peers.add(server.accept());
        }
        for (FakePeer peer : peers) {
            assertEquals(LENGTH, peer.send(text));
            peer.close();
        }
        await(GUESTS * EACH * LENGTH / 2);
        int[] shares = shares();
        assertTrue(10 * shares[0] >= 7 * shares[GUESTS - 1], () -> "bytes of each guest " + Arrays.toString(shares));
        int[] each = connections.stream().mapToInt(GuestTcp::receivedCount).sorted().toArray();
        assertTrue(10 * each[0] >= 7 * each[each.length - 1],
                () -> "bytes of each connection " + each[0] + " to " + each[each.length - 1]);
        await(GUESTS * EACH * LENGTH);
        finish(text);
    }

    private void await(int bytes) {
        for (int pass = 0; Arrays.stream(shares()).sum() < bytes; pass++) {
            assertTrue(pass < MOST_PASSES, () -> "it goes no further: " + Arrays.toString(shares()));
            side.pass(TimeUnit.MICROSECONDS.toNanos(100));
        }
    }

    /// What each guest has got, the least first.
    private int[] shares() {
        int[] shares = new int[GUESTS];
        for (int i = 0; i < connections.size(); i++) {
            shares[i / EACH] += connections.get(i).receivedCount();
        }
        Arrays.sort(shares);
        return shares;
    }

    private void finish(byte[] text) {
        side.pass(TimeUnit.SECONDS.toNanos(1));
        for (GuestTcp connection : connections) {
            assertArrayEquals(text, connection.received());
            assertTrue(connection.hasEnded() && !connection.wasReset());
            connection.end();
        }
        side.pass(TimeUnit.MINUTES.toNanos(1));
        assertEquals(0, rig.host.openSockets());
        assertTrue(rig.stack.isIdle());
        assertEquals(0, rig.drops());
    }
}
