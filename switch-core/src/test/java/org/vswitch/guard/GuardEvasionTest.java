package org.vswitch.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.fixture.Frames.A;
import static org.vswitch.fixture.Frames.B;
import static org.vswitch.fixture.Frames.C;
import static org.vswitch.guard.GuardRig.ICMPV6;
import static org.vswitch.guard.GuardRig.LINK_LOCAL;
import static org.vswitch.guard.GuardRig.OTHER;
import static org.vswitch.guard.GuardRig.OWN;
import static org.vswitch.guard.GuardRig.UDP;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Frames;
import org.vswitch.frame.Drop;
import org.vswitch.frame.FrameSlab;

/// Ways past a guard that have worked elsewhere, or would work if the guard and the receivers read a frame differently.
class GuardEvasionTest {
    private static final byte[] TEXT = new byte[40];
    private static final int REVERSE_ARP = 0x8035;

    private final GuardRig rig = new GuardRig();
    private final PortGuard guard = rig.guard(1, "clean-traffic+ip=10.0.0.1+ip=fe80::5");

    /// What stands between the addresses and the packet.
    @Nested
    class Wrapping {
        private static final List<UnaryOperator<byte[]>> WRAPPINGS = List.of(
                frame -> Frames.tagged(frame, 0),
                frame -> Frames.tagged(frame, 0xe000),
                frame -> retyped(Frames.tagged(frame, 5), 0x88a8),
                frame -> retyped(Frames.tagged(frame, 5), 0x9100),
                frame -> snap(frame, 0xaaaa_0300_0000_0000L),
                frame -> snap(frame, 0xaaaa_0300_00f8_0000L));

        @Test
        void shouldHideNothingInTwoLayers() {
            byte[] bad = new byte[16];
            bad[0] = (byte) 134;
            for (UnaryOperator<byte[]> outer : WRAPPINGS) {
                for (UnaryOperator<byte[]> inner : WRAPPINGS) {
                    UnaryOperator<byte[]> both = frame -> outer.apply(inner.apply(frame));
                    assertEquals(Drop.GUARD_IP, rig.ask(guard, both.apply(GuardRig.ipv4(OTHER, 6, TEXT))));
                    assertEquals(Drop.GUARD_ARP, rig.ask(guard, both.apply(GuardRig.arp(2, A, OTHER))));
                    assertEquals(Drop.GUARD_RA,
                            rig.ask(guard, both.apply(GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, bad))));
                    assertNull(rig.ask(guard, both.apply(GuardRig.ipv4(OWN, 6, TEXT))));
                }
            }
        }

        private static byte[] retyped(byte[] frame, int type) {
            return ByteBuffer.wrap(frame).putShort(12, (short) type).array();
        }

        private static byte[] snap(byte[] frame, long header) {
            return ByteBuffer.allocate(frame.length + 8).put(frame, 0, 12).putShort((short) (frame.length - 6))
                    .putLong(header | ByteBuffer.wrap(frame).getShort(12) & 0xffff)
                    .put(frame, 14, frame.length - 14).array();
        }
    }

    /// A checksum that the switch or a kernel will write is any number at any place, if its sender wants it so.
    @Nested
    class UnfinishedChecksums {
        private final byte[] tcp = GuardRig.ipv4(OWN, 6, Frames.tcp(0x10, TEXT));

        @Test
        void shouldPassWhereTheyBelong() {
            assertNull(rig.askOffloaded(guard, tcp, 34, 16));
            assertNull(rig.askOffloaded(guard, GuardRig.ipv4(OWN, UDP, GuardRig.udp(5, 6, TEXT)), 34, 6));
            assertNull(rig.askOffloaded(guard, GuardRig.ipv4(OWN, UDP, GuardRig.udp(5, 4789, TEXT)), 60, 16),
                    "of a tunnel's inner packet");
            assertNull(rig.askOffloaded(guard,
                    GuardRig.ipv6(LINK_LOCAL, 5, UDP, GuardRig.udp(5, 6, TEXT)), 54, 6));
            assertNull(rig.askOffloaded(guard, GuardRig.dhcpRequest(A), 34, 6));
        }

        @ParameterizedTest
        @ValueSource(ints = {14, 16, 20, 24, 26, 28, 32, 34, 36})
        void shouldNotChangeThePacketBehindTheGuard(int place) {
            byte[] udp = GuardRig.ipv4(OWN, UDP, GuardRig.udp(5, 6, TEXT));
            assertEquals(Drop.GUARD_HEADERS, rig.askOffloaded(guard, udp, 14, place - 14));
        }

        @ParameterizedTest
        @ValueSource(ints = {14, 20, 22, 36, 54, 56})
        void shouldNotChangeThePacketOfIpv6BehindTheGuard(int place) {
            byte[] udp = GuardRig.ipv6(LINK_LOCAL, 5, UDP, GuardRig.udp(5, 6, TEXT));
            assertEquals(Drop.GUARD_HEADERS, rig.askOffloaded(guard, udp, 14, place - 14));
        }

        @Test
        void shouldNotChangeWhatHasNone() {
            assertEquals(Drop.GUARD_ARP, rig.askOffloaded(guard, GuardRig.arp(1, A, OWN), 14, 14));
            assertEquals(Drop.GUARD_ND, rig.askOffloaded(guard,
                    GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, GuardRig.neighbor(136, 5, 2, A)), 54, 30));
            byte[] snapOfNothing = ByteBuffer.allocate(80).put(tcp, 0, 12).putShort((short) 66)
                    .putLong(0xaaaa_0300_0000_88b5L).array();
            assertEquals(Drop.GUARD_HEADERS, rig.askOffloaded(guard, snapOfNothing, 14, 6));
            assertEquals(Drop.GUARD_HEADERS,
                    rig.askOffloaded(guard, GuardRig.ipv6(LINK_LOCAL, 5, 50, TEXT), 54, 6));
        }

        @Test
        void shouldNotChangeDhcp() {
            assertEquals(Drop.GUARD_DHCP, rig.askOffloaded(guard, GuardRig.dhcpRequest(A), 34, 44), "chaddr");
        }
    }

    /// Further pieces are looked at, too.
    @Nested
    class Pieces {
        @Test
        void shouldNotHideOptionsOfNeighborDiscovery() {
            assertNull(rig.askInPieces(guard, advertisement(A)));
            assertEquals(Drop.GUARD_ND, rig.askInPieces(guard, advertisement(C)));
        }

        @Test
        void shouldNotHideAdvertisements() {
            byte[] message = new byte[16];
            message[0] = (byte) 134;
            assertEquals(Drop.GUARD_RA, rig.askInPieces(guard,
                    GuardRig.ipv6(LINK_LOCAL, 5, 0, GuardRig.extended(0, ICMPV6, 15, message))));
        }

        @Test
        void shouldNotHideDhcp() {
            assertNull(rig.askInPieces(guard, GuardRig.dhcpRequest(A)));
            assertEquals(Drop.GUARD_DHCP, rig.askInPieces(guard, GuardRig.dhcpRequest(C)));
        }

        @Test
        void shouldNotBeTooManyToLookAt() {
            byte[] message = Arrays.copyOf(GuardRig.neighbor(136, 5, 0, 0), 24 + 2_040 + 8);
            message[24] = 14;
            message[25] = (byte) 255;
            message[24 + 2_040] = 14;
            message[25 + 2_040] = 1;
            assertEquals(Drop.GUARD_ND, rig.askInPieces(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, message)));
        }

        /// The first piece ends with an option, and the one that matters is in the next.
        private static byte[] advertisement(long station) {
            ByteBuffer message = ByteBuffer.wrap(Arrays.copyOf(GuardRig.neighbor(136, 5, 0, 0), 24 + 50 + 6 + 8));
            message.put(24, (byte) 14).put(25, (byte) 7).putLong(80, station).put(80, (byte) 2).put(81, (byte) 1);
            return GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, message.array());
        }
    }

    @Nested
    class Ipv4Packets {
        @Test
        void shouldServeBehindNoOptions() {
            byte[] packet = ByteBuffer.wrap(Frames.ipv4(UDP, new byte[40], GuardRig.udp(67, 68, TEXT)))
                    .putInt(12, OWN).array();
            assertEquals(Drop.GUARD_DHCP, rig.ask(guard, GuardRig.frame(Frames.IPV4, packet)));
        }

        @Test
        void shouldShowPortsInTheFirstFragment() {
            byte[] first = GuardRig.ipv4(OWN, UDP, GuardRig.udp(5, 6, TEXT));
            ByteBuffer.wrap(first).putShort(14 + 6, (short) 0x2000);
            assertNull(rig.ask(guard, first));
            ByteBuffer.wrap(first).putShort(14 + 2, (short) 24);
            assertEquals(Drop.GUARD_HEADERS, rig.ask(guard, first), "what follows the packet only pads the frame");
        }

        @Test
        void shouldServeInNoFragments() {
            byte[] first = GuardRig.ipv4(OWN, UDP, GuardRig.udp(67, 68, TEXT));
            ByteBuffer.wrap(first).putShort(14 + 6, (short) 0x2000);
            assertEquals(Drop.GUARD_DHCP, rig.ask(guard, first));
            ByteBuffer.wrap(first).putShort(14 + 6, (short) 1);
            assertNull(rig.ask(guard, first), "offset 8: no ports here, whatever the bytes look like");
            ByteBuffer.wrap(first).putInt(14 + 12, OTHER);
            assertEquals(Drop.GUARD_IP, rig.ask(guard, first));
        }

        @ParameterizedTest
        @ValueSource(ints = {5, 9})
        void shouldNotRedirectNorAdvertiseRouters(int type) {
            byte[] message = new byte[36];
            message[0] = (byte) type;
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv4(OWN, 1, message)));
            message[0] = 8;
            assertNull(rig.ask(guard, GuardRig.ipv4(OWN, 1, message)));
            assertEquals(Drop.GUARD_HEADERS, rig.ask(guard, GuardRig.ipv4(OWN, 1, new byte[0])));
        }
    }

    @Nested
    class ArpMessages {
        @Test
        void shouldAnnounceTheOwnAddressOnly() {
            assertNull(rig.ask(guard, announcement(OWN)));
            assertEquals(Drop.GUARD_ARP, rig.ask(guard, announcement(OTHER)));
        }

        @Test
        void shouldHaveTheFormOfEthernet() {
            byte[] good = GuardRig.arp(2, A, OWN);
            assertNull(rig.ask(guard, Arrays.copyOf(good, 61)), "an odd length, padded");
            for (int[] change : new int[][] {{15, 6}, {17, 1}, {18, 8}, {19, 16}}) {
                byte[] other = good.clone();
                other[change[0]] = (byte) change[1];
                assertEquals(Drop.GUARD_ARP, rig.ask(guard, other), "byte " + change[0]);
            }
        }

        @Test
        void shouldNotServeReverseArp() {
            byte[] answer = GuardRig.arp(4, A, OWN);
            assertEquals(Drop.GUARD_ARP, rig.ask(guard, answer));
            ByteBuffer.wrap(answer).putShort(12, (short) REVERSE_ARP);
            assertEquals(Drop.GUARD_ARP, rig.ask(guard, answer));
            byte[] announced = GuardRig.arp(3, A, 0);
            ByteBuffer.wrap(announced).putShort(12, (short) REVERSE_ARP);
            assertNull(rig.ask(guard, announced), "QEMU announces a guest that has moved");
        }

        @Test
        void shouldNotMakeOthersGiveUpTheirAddress() {
            rig.guard(2, "ip=10.0.0.2+arp");
            assertEquals(Drop.GUARD_ARP, rig.ask(guard, probe(OTHER)));
            assertNull(rig.ask(guard, probe(OWN)));
            assertNull(rig.ask(guard, probe(0x0a00_0003)));
        }

        private static byte[] announcement(int address) {
            return ByteBuffer.wrap(GuardRig.arp(1, A, address)).putInt(14 + 24, address).array();
        }

        private static byte[] probe(int address) {
            return ByteBuffer.wrap(GuardRig.arp(1, A, 0)).putInt(14 + 24, address).array();
        }
    }

    @Nested
    class Ipv6Packets {
        @Test
        void shouldAdvertiseInNoFragments() {
            byte[] router = new byte[16];
            router[0] = (byte) 134;
            byte[] fragment = GuardRig.extended(44, ICMPV6, 1, router);
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 44, fragment)));
            fragment[3] = 1;
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 44, fragment)), "the first of two");
            byte[] nested = GuardRig.extended(44, 44, 1, fragment);
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 44, nested)));
            byte[] authenticated = GuardRig.extended(51, ICMPV6, 2, router);
            authenticated[1] = 2;
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 51, authenticated)));
        }

        @Test
        void shouldNotSayThatAnothersAddressIsTaken() {
            byte[] advertisement = GuardRig.neighbor(136, 9, 2, A);
            assertEquals(Drop.GUARD_ND, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, advertisement)));
            PortGuard victim = rig.guard(2, "ip+arp");
            assertNull(rig.ask(victim, GuardRig.claim(9)));
            assertEquals(Drop.GUARD_ND, rig.ask(guard, GuardRig.claim(9)), "the same claim at the same time");
        }

        @Test
        void shouldNotLieAboutItsLength() {
            byte[] frame = GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, GuardRig.neighbor(136, 5, 2, C));
            ByteBuffer.wrap(frame).putShort(14 + 4, (short) 24);
            assertNull(rig.ask(guard, frame), "the option is behind the packet");
            ByteBuffer.wrap(frame).putShort(14 + 4, (short) 40);
            assertEquals(Drop.GUARD_ND, rig.ask(guard, frame), "behind the frame");
            ByteBuffer.wrap(frame).putShort(14 + 4, (short) 0);
            assertEquals(Drop.GUARD_ND, rig.ask(guard, frame), "no jumbogram");
        }
    }

    /// Nobody becomes the root of the spanning tree, stops a port with PAUSE, or poses as a switch.
    @ParameterizedTest
    @ValueSource(longs = {0x0180_c200_0000L, 0x0180_c200_0001L, 0x0180_c200_0002L, 0x0180_c200_0003L,
        0x0180_c200_0008L, 0x0180_c200_000eL, 0x0180_c200_0021L, 0x0100_0ccc_cccdL})
    void shouldNotSpeakToSwitches(long group) {
        assertEquals(Drop.GUARD_BPDU, rig.ask(guard, Frames.plain(group, A, 60)));
        assertEquals(Drop.GUARD_BPDU, rig.ask(guard, Frames.tagged(Frames.plain(group, A, 60), 0)));
        PortGuard bpdu = rig.guard(3, "bpdu");
        assertNull(rig.ask(bpdu, Frames.plain(0x0180_c200_0030L, A, 60)));
        assertNull(rig.ask(bpdu, Frames.plain(Frames.MULTICAST, A, 60)));
    }

    /// Networks of addresses that are written down.
    @Nested
    class Networks {
        private final PortGuard routed = rig.guard(3, "ip=10.0.0.0/30+ip=fd00:5::/33+ip=fd00:6::8000:0:0:0/65");

        @ParameterizedTest
        @ValueSource(ints = {0x0a00_0000, 0x0a00_0003})
        void shouldHoldAllOfIpv4(int address) {
            assertNull(rig.ask(routed, GuardRig.ipv4(address, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(routed, GuardRig.ipv4(address ^ 4, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(routed, GuardRig.ipv4(address ^ 1 << 31, 6, TEXT)));
        }

        @ParameterizedTest
        @ValueSource(longs = {0, -1})
        void shouldHoldAllOfIpv6(long low) {
            assertNull(rig.ask(routed, GuardRig.ipv6(0xfd00_0005_7fff_ffffL, low, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(routed, GuardRig.ipv6(0xfd00_0005_8000_0000L, low, 6, TEXT)));
            assertNull(rig.ask(routed, GuardRig.ipv6(0xfd00_0006_0000_0000L, low | 1L << 63, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(routed, GuardRig.ipv6(0xfd00_0006_0000_0000L, low >>> 1, 6, TEXT)));
        }

        @Test
        void shouldHoldOneFamilyOnly() {
            PortGuard all = rig.guard(4, "ip=::/0");
            assertNull(rig.ask(all, GuardRig.ipv6(0x2001_0db8L << 32, 1, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(all, GuardRig.ipv4(OWN, 6, TEXT)));
            PortGuard allOfV4 = rig.guard(5, "ip=0.0.0.0/0");
            assertNull(rig.ask(allOfV4, GuardRig.ipv4(OWN, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(allOfV4, GuardRig.ipv6(0x2001_0db8L << 32, 1, 6, TEXT)));
        }

        @Test
        void shouldNotBeClaimedByOthers() {
            rig.guard(4, "ip=fe80::/64");
            PortGuard other = rig.guard(6, "ip");
            assertNull(rig.ask(other, GuardRig.claim(9)));
            rig.pass(600_000_000L);
            assertEquals(Drop.GUARD_IP, rig.ask(other, GuardRig.ipv6(LINK_LOCAL, 9, 6, TEXT)));
        }
    }

    @Nested
    class Rates {
        @Test
        void shouldTreatSuperFramesAsTheOthers() {
            PortGuard slow = rig.guard(3, "rate=1m");
            byte[] large = Frames.plain(B, A, 60_000);
            byte[] small = Frames.plain(B, A, 125);
            assertNull(rig.ask(slow, large));
            long bytes = large.length;
            for (int ms = 0; ms < 10_000; ms++) {
                rig.pass(1_000_000L);
                bytes += ms % 100 == 0 && rig.ask(slow, large) == null ? large.length : 0;
                bytes += rig.ask(slow, small) == null ? small.length : 0;
            }
            assertTrue(bytes < 10 * 125_000 + FrameSlab.MAX_FRAME + large.length, bytes + " bytes in 10 seconds");
            assertTrue(bytes > 10 * 125_000, bytes + " bytes in 10 seconds");
            assertNull(superFrame(slow, large), "super-frames and small frames have the same chance");
        }

        private Drop superFrame(PortGuard slow, byte[] large) {
            Drop refusal = Drop.RATE_ALL;
            for (int ms = 0; ms < 1_000 && refusal != null; ms++) {
                rig.pass(1_000_000L);
                refusal = rig.ask(slow, large);
                rig.ask(slow, Frames.plain(B, A, 125));
            }
            return refusal;
        }
    }

    @Nested
    class Stations {
        @ParameterizedTest
        @ValueSource(longs = {0, Frames.BROADCAST, 0x3333_0000_0001L})
        void shouldBeStations(long source) {
            PortGuard open = rig.guard(3, "macs=2");
            assertEquals(Drop.GUARD_MAC, rig.ask(open, Frames.plain(B, source, 60)));
        }

        @Test
        void shouldMoveOnceTheirPortIsLeft() {
            PortGuard first = rig.guard(1, "macs=1+ip");
            PortGuard second = rig.guard(2, "macs=1");
            assertNull(rig.ask(first, Frames.plain(B, A, 60)));
            assertEquals(Drop.GUARD_MAC, rig.ask(second, Frames.plain(B, A, 60)));
            rig.guards.left(1);
            assertNull(rig.ask(second, Frames.plain(B, A, 60)));
            assertEquals(Drop.GUARD_MAC, rig.ask(first, Frames.plain(B, A, 60)));
        }
    }
}
