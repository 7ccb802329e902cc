package org.vswitch.slirp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_V4;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.host.FakeDatagramPeer;
import org.vswitch.wire.IpAddress;

/// A guest's datagrams through the whole router: T47, T87 as far as fragments of the guest go.
class UdpTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final StackRig rig = new StackRig();
    private final FakeDatagramPeer peer = rig.host.datagramPeer(0, IpAddress.v4(OUTSIDE_V4), 7).echoing();

    @Test
    void shouldForwardAndAnswer() {
        try (rig) {
            byte[] answer = rig.send(new GuestPackets.V4().frame()).turn().take();
            assertEquals("c6336401" + "0a00020f" + "00079c40", HexFormat.of().formatHex(answer, 26, 38));
        }
        assertEquals(0, rig.host.openSockets());
    }

    @Test
    void shouldForwardWhatCameInFragmentsWholeAndAnswerInFragments() {
        try (rig) {
            byte[] datagram = GuestPackets.udp(40_000, 7, new byte[2000]);
            rig.send(new GuestPackets.V4().payload(UDP, Arrays.copyOf(datagram, 1480)).fragment(0, true).frame(),
                    new GuestPackets.V4().payload(UDP, Arrays.copyOfRange(datagram, 1480, 2008)).fragment(1480, false)
                            .frame()).turn();
            assertEquals(1514, rig.takeNext().length);
            assertEquals(14 + 20 + 528, rig.take().length);
        }
    }

    @Test
    void shouldForgetWhatIsSilent() {
        try (rig) {
            rig.send(new GuestPackets.V4().frame()).turn().take();
            rig.pass(299 * SECOND_NS);
            assertTrue(peer.send(new byte[4], 40_000));
            rig.turn().take();
            rig.pass(300 * SECOND_NS);
            assertEquals(0, rig.host.openSockets());
        }
    }
}
