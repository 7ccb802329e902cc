package org.vswitch.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.vswitch.fixture.Frames.A;
import static org.vswitch.fixture.Frames.B;
import static org.vswitch.guard.GuardRig.LINK_LOCAL;
import static org.vswitch.guard.GuardRig.OWN;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Frames;
import org.vswitch.frame.Drop;

/// `types`: IPv4, IPv6, ARP and RARP, and nothing else that a host might take.
class GuardTypesTest {
    private static final byte[] TEXT = new byte[46];

    private final GuardRig rig = new GuardRig();
    private final PortGuard clean = rig.guard(1, "clean-traffic+ip=10.0.0.1+ip=fe80::5");
    private final PortGuard alone = rig.guard(2, "types");
    private final PortGuard others = rig.guard(3, "ip+arp+dhcp+ra+bpdu+ip=10.0.0.1");

    /// Among them 802.1X, LLDP, MACsec, PPPoE, MPLS, AoE, FCoE, PTP, ECTP and lengths, which LLC follows.
    @ParameterizedTest
    @ValueSource(ints = {0x888e, 0x88cc, 0x88e5, 0x8863, 0x8864, 0x8847, 0x88a2, 0x8906, 0x88f7, 0x9000, 0x88b5, 0x600,
        0x0805, 0x86de, 0xffff, 0, 46, 0x5ff})
    void shouldRefuseEverythingElse(int type) {
        byte[] frame = Frames.ethernet(B, A, type, TEXT);
        for (PortGuard guard : new PortGuard[] {clean, alone}) {
            assertEquals(Drop.GUARD_TYPE, rig.ask(guard, frame));
            assertEquals(Drop.GUARD_TYPE, rig.ask(guard, Frames.tagged(frame, 5)));
            assertEquals(Drop.GUARD_TYPE, rig.ask(guard, Frames.tagged(Frames.tagged(frame, 5), 0)));
            assertEquals(Drop.GUARD_TYPE, rig.ask(guard, snap(frame)));
        }
        assertNull(rig.ask(others, frame), "without the word it passes");
    }

    @Test
    void shouldRefuseLlc() {
        byte[] netbeui = Frames.ethernet(B, A, 46, TEXT);
        netbeui[14] = (byte) 0xf0;
        netbeui[15] = (byte) 0xf0;
        netbeui[16] = 3;
        assertEquals(Drop.GUARD_TYPE, rig.ask(clean, netbeui));
        assertEquals(Drop.GUARD_TYPE, rig.ask(alone, netbeui));
    }

    @Test
    void shouldLetIpAndArpPassAsBefore() {
        byte[][] frames = {GuardRig.ipv4(OWN, 6, TEXT), GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT), GuardRig.arp(1, A, OWN),
            reverse(GuardRig.arp(3, A, 0))};
        for (byte[] frame : frames) {
            for (PortGuard guard : new PortGuard[] {clean, alone}) {
                assertNull(rig.ask(guard, frame));
                assertNull(rig.ask(guard, Frames.tagged(frame, 5)));
                assertNull(rig.ask(guard, Frames.tagged(Frames.tagged(frame, 5), 0)));
                assertNull(rig.ask(guard, snap(frame)));
            }
        }
    }

    /// With the word alone nothing is looked at behind the type.
    @Test
    void shouldNotLookFurtherThanItIsAsked() {
        for (int type : new int[] {Frames.IPV4, Frames.IPV6, Frames.ARP}) {
            assertNull(rig.ask(alone, Frames.ethernet(B, A, type, TEXT)));
        }
        byte[] wrapped = GuardRig.ipv4(OWN, 6, TEXT);
        for (int tags = 0; tags < 5; tags++) {
            wrapped = Frames.tagged(wrapped, 0);
        }
        assertEquals(Drop.GUARD_HEADERS, rig.ask(alone, wrapped), "nobody knows what it is");
    }

    private static byte[] reverse(byte[] arp) {
        return ByteBuffer.wrap(arp).putShort(12, (short) ArpCheck.TYPE_RARP).array();
    }

    private static byte[] snap(byte[] frame) {
        return ByteBuffer.allocate(frame.length + 8).put(frame, 0, 12).putShort((short) (frame.length - 6))
                .putInt(0xaaaa_0300).putShort((short) 0).put(frame, 12, frame.length - 12).array();
    }
}
