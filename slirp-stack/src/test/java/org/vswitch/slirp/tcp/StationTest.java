package org.vswitch.slirp.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.vswitch.slirp.tcp.TcpRig.ACK;
import static org.vswitch.slirp.tcp.TcpRig.SYN;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Frames;

/// Connections follow a guest that gets another station, as after a migration (T7), but no stranger.
class StationTest {
    private static final long NEW = 0x5254_0000_0077L;

    private final TcpRig rig = new TcpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldFollowTheGuest() {
        rig.connect().send(1, 1, ACK, "old").expectAck(4);
        assertEquals(Frames.A, rig.sentTo);
        rig.guestMac = NEW;
        rig.send(4, 1, ACK, "new").expectAck(7);
        assertEquals(NEW, rig.sentTo);
        rig.host.send("down".getBytes());
        rig.turn().expectText(1, "down");
        assertEquals(NEW, rig.sentTo);
    }

    @Test
    void shouldNotFollowWhoDoesNotKnowTheNumbers() {
        rig.connect();
        rig.guestMac = NEW;
        rig.send(1 << 30, 1, ACK, "x").send(1, 1 << 20, ACK, "x").send(1 << 30, 1, SYN, "");
        rig.toGuest.clear();
        rig.host.send("down".getBytes());
        rig.turn().expectText(1, "down");
        assertEquals(Frames.A, rig.sentTo);
    }

    @Test
    void shouldFollowTheGuestDuringTheHandshake() {
        rig.syn(0, 2, 4, 5, 180);
        rig.guestMac = NEW;
        rig.syn(0, 2, 4, 5, 180).nothing();
        rig.host.accept();
        rig.turn();
        TcpRig.Sent first = rig.expect(SYN | ACK);
        assertEquals(NEW, rig.sentTo);
        rig.guestMac = Frames.B;
        rig.syn(0, 2, 4, 5, 180);
        assertEquals(first.seq(), rig.expect(SYN | ACK).seq());
        assertEquals(Frames.B, rig.sentTo);
    }
}
