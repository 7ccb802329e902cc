package org.vswitch.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;

/// T44 for errors that come when the packet is gone: the guest finds its connection in what is quoted.
class RebuiltPacketTest {
    private static final byte[] DATAGRAM = GuestPackets.udp(40_000, 7, new byte[] {1, 2, 3});
    /// Ports 40,000 and 7, length 11, checksum 0.
    private static final long FIRST = 0x9c40_0007_000b_0000L;

    private final IpRig rig = new IpRig();
    private final RebuiltPacket rebuilt = new RebuiltPacket();

    @AfterEach
    void close() {
        rebuilt.close();
        rig.close();
    }

    @Test
    void shouldQuoteWhatTheGuestSent() {
        byte[] frame = new GuestPackets.V4().identification(0).payload(UDP, DATAGRAM).frame();
        assertTrue(rig.errors.send(again(rig.accept(frame)), IcmpError.PORT_UNREACHABLE, 0, rig.nowNs));
        byte[] error = rig.takeSent();
        assertEquals(14 + 20 + 8 + 28, error.length);
        assertEquals("0303", HexFormat.of().formatHex(error, 34, 36));
        assertArrayEquals(Arrays.copyOfRange(frame, 14, 42), Arrays.copyOfRange(error, 42, 70));

        byte[] frameV6 = new GuestPackets.V6().payload(UDP, DATAGRAM).frame();
        assertTrue(rig.errors.send(again(rig.accept(frameV6)), IcmpError.PORT_UNREACHABLE, 0, rig.nowNs));
        byte[] errorV6 = rig.takeSent();
        assertEquals("0104", HexFormat.of().formatHex(errorV6, 54, 56));
        assertArrayEquals(Arrays.copyOfRange(frameV6, 14, 62), Arrays.copyOfRange(errorV6, 62, errorV6.length));
    }

    private Packet again(Packet packet) {
        Envelope sent = new Envelope();
        sent.sourceHigh = packet.sourceHigh;
        sent.sourceLow = packet.sourceLow;
        sent.destinationHigh = packet.destinationHigh;
        sent.destinationLow = packet.destinationLow;
        sent.protocol = packet.protocol;
        sent.hopLimit = packet.hopLimit;
        return rebuilt.of(sent, GUEST, FIRST, DATAGRAM.length);
    }
}
