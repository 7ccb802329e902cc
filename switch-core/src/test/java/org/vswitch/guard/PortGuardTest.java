package org.vswitch.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.vswitch.fixture.Frames.A;
import static org.vswitch.fixture.Frames.B;
import static org.vswitch.fixture.Frames.C;
import static org.vswitch.guard.GuardRig.ICMPV6;
import static org.vswitch.guard.GuardRig.LINK_LOCAL;
import static org.vswitch.guard.GuardRig.OTHER;
import static org.vswitch.guard.GuardRig.OWN;
import static org.vswitch.guard.GuardRig.UDP;
import static org.vswitch.guard.GuardRig.VID;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Allocations;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.Drop;
import org.vswitch.wire.IpAddress;

class PortGuardTest {
    private static final byte[] TEXT = new byte[40];
    private static final long MOMENT_NS = 600_000_000L;

    private final GuardRig rig = new GuardRig();

    @Nested
    class Stations {
        @Test
        void shouldLetOnlyNamedStationsSend() {
            PortGuard guard = rig.guard(1, "mac=02:00:00:00:00:0a");
            assertNull(rig.ask(guard, Frames.plain(B, A, 60)));
            assertEquals(Drop.GUARD_MAC, rig.ask(guard, Frames.plain(B, C, 60)));
        }

        @Test
        void shouldLearnTheFirstAndForgetThemWhenThePortIsLeft() {
            PortGuard guard = rig.guard(1, "macs=1");
            assertNull(rig.ask(guard, Frames.plain(B, A, 60)));
            assertEquals(Drop.GUARD_MAC, rig.ask(guard, Frames.plain(B, C, 60)));
            rig.guards.left(1);
            assertNull(rig.ask(guard, Frames.plain(B, C, 60)));
        }

        @Test
        void shouldNotLearnAStationOfAnotherPort() {
            PortGuard first = rig.guard(1, "macs=2");
            PortGuard second = rig.guard(2, "macs=2");
            assertNull(rig.ask(first, Frames.plain(B, A, 60)));
            assertEquals(Drop.GUARD_MAC, rig.ask(second, Frames.plain(B, A, 60)));
            rig.stations.put(C, 3);
            assertEquals(Drop.GUARD_MAC, rig.ask(second, Frames.plain(B, C, 60)));
        }

        @Test
        void shouldGiveAStationBackToTheTrustedPort() {
            PortGuard guest = rig.guard(1, "macs=1");
            PortGuard router = rig.guard(2, "trusted");
            assertNull(rig.ask(guest, Frames.plain(B, A, 60)));
            router.appeared(A);
            rig.stations.put(A, 2);
            assertEquals(Drop.GUARD_MAC, rig.ask(guest, Frames.plain(B, A, 60)));
        }

        @Test
        void shouldRefuseGroupsAsSenders() {
            assertEquals(Drop.GUARD_MAC, rig.ask(rig.guard(1, "macs=9"), Frames.plain(B, 0x0100_5e00_0001L, 60)));
        }
    }

    @Nested
    class Ipv4Sources {
        @Test
        void shouldLetWrittenAddressesPass() {
            PortGuard guard = rig.guard(1, "ip=10.0.0.1");
            assertNull(rig.ask(guard, GuardRig.ipv4(OWN, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv4(OTHER, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv4(0, 6, TEXT)));
        }

        @Test
        void shouldLookBehindTagsAndSnap() {
            PortGuard guard = rig.guard(1, "ip");
            byte[] bad = GuardRig.ipv4(OTHER, 6, TEXT);
            byte[] tagged = Frames.tagged(Frames.tagged(bad, 5), 0);
            assertEquals(Drop.GUARD_IP, rig.ask(guard, tagged));
            byte[] snap = ByteBuffer.allocate(bad.length + 8).put(bad, 0, 12).putShort((short) (bad.length - 6))
                    .putLong(0xaaaa_0300_0000_0800L).put(bad, 14, bad.length - 14).array();
            assertEquals(Drop.GUARD_IP, rig.ask(guard, snap));
            byte[] tagInSnap = ByteBuffer.allocate(bad.length + 12).put(snap, 0, 20).putInt(0x8100_0000)
                    .put(snap, 20, snap.length - 20).array();
            assertEquals(Drop.GUARD_IP, rig.ask(guard, tagInSnap));
            byte[] endless = GuardRig.ipv4(OWN, 6, TEXT);
            for (int tags = 0; tags < 5; tags++) {
                endless = Frames.tagged(endless, 0);
            }
            assertEquals(Drop.GUARD_HEADERS, rig.ask(guard, endless));
        }

        @Test
        void shouldLetALeasedAddressPassUntilItEnds() {
            PortGuard guest = rig.guard(1, "clean-traffic");
            PortGuard router = rig.guard(2, "trusted");
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
            assertNull(rig.ask(guest, GuardRig.dhcpRequest(A)));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
            assertNull(rig.ask(router, GuardRig.dhcpAck(A, OWN)));
            assertNull(rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
            assertNull(rig.ask(guest, GuardRig.arp(2, A, OWN)));
            rig.pass(60_000_000_000L);
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
        }

        @Test
        void shouldBelieveNoOtherAcknowledgement() {
            PortGuard guest = rig.guard(1, "clean-traffic");
            PortGuard other = rig.guard(2, "macs=1+ip");
            PortGuard router = rig.guard(3, "trusted");
            rig.ask(guest, GuardRig.dhcpRequest(A));
            rig.ask(other, GuardRig.dhcpAck(A, OWN));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
            rig.ask(router, GuardRig.dhcpAck(C, OWN));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
        }

        @Test
        void shouldTakeALeaseFromThePortThatHadItBefore() {
            PortGuard guest = rig.guard(1, "ip");
            rig.ask(guest, GuardRig.dhcpRequest(A));
            PortGuard router = rig.guard(3, "trusted");
            rig.ask(router, GuardRig.dhcpAck(A, OWN));
            PortGuard second = rig.guard(2, "ip");
            rig.guards.lease(second, 0, IpAddress.v4(OWN), -1);
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
            assertNull(rig.ask(second, GuardRig.ipv4(OWN, 6, TEXT)));
        }

        @Test
        void shouldRefuseHeadersThatDoNotFit() {
            PortGuard guard = rig.guard(1, "ip=10.0.0.1");
            byte[] frame = GuardRig.ipv4(OWN, UDP, GuardRig.udp(5, 6, TEXT));
            assertNull(rig.ask(guard, frame));
            byte[] shortHeader = frame.clone();
            shortHeader[14] = 0x44;
            assertEquals(Drop.GUARD_HEADERS, rig.ask(guard, shortHeader));
            for (int length = 14; length < 14 + 28; length++) {
                assertEquals(Drop.GUARD_HEADERS, rig.ask(guard, Arrays.copyOf(frame, length)), "length " + length);
            }
        }
    }

    @Nested
    class ArpMessages {
        private final PortGuard guard = rig.guard(1, "ip=10.0.0.1+arp");

        @Test
        void shouldSpeakForTheOwnAddressesOnly() {
            assertNull(rig.ask(guard, GuardRig.arp(1, A, OWN)));
            assertNull(rig.ask(guard, GuardRig.arp(2, A, OWN)));
            assertNull(rig.ask(guard, GuardRig.arp(1, A, 0)));
            assertEquals(Drop.GUARD_ARP, rig.ask(guard, GuardRig.arp(2, A, 0)));
            assertEquals(Drop.GUARD_ARP, rig.ask(guard, GuardRig.arp(1, A, OTHER)));
            assertEquals(Drop.GUARD_ARP, rig.ask(guard, GuardRig.arp(2, C, OWN)));
        }

        @Test
        void shouldBeWhole() {
            byte[] frame = GuardRig.arp(1, A, OWN);
            for (int length = 14; length < frame.length; length++) {
                assertEquals(Drop.GUARD_ARP, rig.ask(guard, Arrays.copyOf(frame, length)), "length " + length);
            }
        }
    }

    @Nested
    class Ipv6Sources {
        private final PortGuard guard = rig.guard(1, "ip+arp+dhcp+ra");

        @Test
        void shouldPassOnceClaimedAndNotObjectedTo() {
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT)));
            assertNull(rig.ask(guard, GuardRig.claim(5)));
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT)));
            rig.pass(MOMENT_NS);
            assertNull(rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 6, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv6(0, 0, 6, TEXT)));
        }

        @Test
        void shouldBelongToWhoCameFirst() {
            PortGuard second = rig.guard(2, "ip+arp");
            rig.ask(guard, GuardRig.claim(5));
            assertEquals(Drop.GUARD_ND, rig.ask(second, GuardRig.claim(5)), "both are trying");
            rig.pass(MOMENT_NS);
            assertNull(rig.ask(second, GuardRig.claim(5)), "the owner is asked");
            rig.pass(MOMENT_NS);
            assertEquals(Drop.GUARD_IP, rig.ask(second, GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT)));
            assertNull(rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT)));
        }

        @Test
        void shouldBelongToTheRouterWhenItObjects() {
            PortGuard router = rig.guard(2, "trusted");
            rig.ask(guard, GuardRig.claim(5));
            rig.ask(router, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, GuardRig.neighbor(136, 5, 2, A)));
            rig.pass(MOMENT_NS);
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT)));
            assertNull(rig.ask(guard, GuardRig.claim(5)));
            rig.pass(MOMENT_NS);
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT)));
        }

        @Test
        void shouldNeedNoClaimForTheAddressOfTheStation() {
            long identifier = 0x0000_00ff_fe00_000aL;
            assertNull(rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, identifier, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, identifier + 1, 6, TEXT)));
        }

        @Test
        void shouldNotMakeIpv4AddressesOnesOwn() {
            byte[] claim = GuardRig.claim(0);
            ByteBuffer.wrap(claim).putLong(14 + 40 + 8, 0).putLong(14 + 40 + 16, IpAddress.v4(OTHER));
            assertEquals(Drop.GUARD_ND, rig.ask(guard, claim));
            rig.pass(MOMENT_NS);
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv4(OTHER, 6, TEXT)));
            PortGuard fixed = rig.guard(3, "ip=10.0.0.1");
            assertEquals(Drop.GUARD_IP, rig.ask(fixed, GuardRig.ipv6(0, IpAddress.v4(OWN), 6, TEXT)));
        }

        @Test
        void shouldHaveALimit() {
            for (int low = 0; low < 3 * OwnAddresses.CAPACITY; low++) {
                assertNull(rig.ask(guard, GuardRig.claim(low + 1)));
            }
            rig.pass(MOMENT_NS);
            assertNull(rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, OwnAddresses.CAPACITY, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, OwnAddresses.CAPACITY + 1, 6, TEXT)));
            assertEquals(OwnAddresses.CAPACITY, guard.ownAddresses().size());
        }
    }

    @Nested
    class NeighborMessages {
        private final PortGuard guard = rig.guard(1, "ip=fe80::5+arp");

        @Test
        void shouldSpeakForTheOwnAddressesOnly() {
            assertNull(rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, GuardRig.neighbor(136, 5, 2, station(A)))));
            assertEquals(Drop.GUARD_ND,
                    rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, GuardRig.neighbor(136, 6, 2, station(A)))));
            assertEquals(Drop.GUARD_ND,
                    rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, GuardRig.neighbor(136, 5, 2, station(C)))));
            assertEquals(Drop.GUARD_ND,
                    rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, GuardRig.neighbor(135, 6, 1, station(C)))));
            assertNull(rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, GuardRig.neighbor(135, 6, 1, station(A)))));
        }

        @Test
        void shouldNotBeFragments() {
            byte[] message = GuardRig.neighbor(135, 6, 1, station(A));
            assertEquals(Drop.GUARD_ND,
                    rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 44, GuardRig.extended(44, ICMPV6, 1, message))));
        }

        private static long station(long mac) {
            return mac & 0xffff_ffff_ffffL;
        }
    }

    @Nested
    class ServersAndRouters {
        private final PortGuard guard = rig.guard(1, "dhcp+ra");

        @Test
        void shouldNotServe() {
            assertEquals(Drop.GUARD_DHCP, rig.ask(guard, GuardRig.dhcpAck(B, OTHER)));
            assertEquals(Drop.GUARD_DHCP, rig.ask(guard, GuardRig.ipv4(OWN, UDP, GuardRig.udp(5555, 68, TEXT))));
            assertEquals(Drop.GUARD_DHCP,
                    rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, UDP, GuardRig.udp(547, 546, TEXT))));
            assertNull(rig.ask(guard,
                    GuardRig.ipv6(LINK_LOCAL, 5, UDP, GuardRig.udp(546, 547, new byte[] {1, 0, 0, 1}))));
        }

        /// Of a train only the first datagram can be looked at.
        @Test
        void shouldNotAskInATrain() {
            byte[] request = GuardRig.dhcpRequest(A);
            assertNull(rig.askTrain(guard, request, 300));
            assertEquals(Drop.GUARD_DHCP, rig.askTrain(guard, request, 299));
        }

        @Test
        void shouldAskForThemselvesOnly() {
            assertNull(rig.ask(guard, GuardRig.dhcpRequest(A)));
            assertEquals(Drop.GUARD_DHCP, rig.ask(guard, GuardRig.dhcpRequest(C)));
        }

        @ParameterizedTest
        @ValueSource(ints = {0, 43, 44, 60, 135, 139, 140})
        void shouldNotAdvertiseBehindExtensionHeaders(int kind) {
            byte[] advertisement = new byte[16];
            advertisement[0] = (byte) 134;
            byte[] once = GuardRig.extended(kind, ICMPV6, kind == 44 ? 1 : 3, advertisement);
            byte[] twice = GuardRig.extended(60, kind, 2, once);
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, advertisement)));
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, kind, once)));
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 60, twice)));
        }

        @Test
        void shouldNotHideTheMessageInALaterFragment() {
            byte[] options = GuardRig.extended(60, ICMPV6, 2, new byte[0]);
            assertEquals(Drop.GUARD_HEADERS,
                    rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 44, GuardRig.extended(44, 60, 1, options))));
            byte[] later = GuardRig.extended(44, ICMPV6, 1, TEXT);
            later[3] = 8;
            assertNull(rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, 44, later)));
        }

        @Test
        void shouldRefuseChainsThatAreCutOffAnywhere() {
            byte[] message = new byte[16];
            message[0] = (byte) 134;
            byte[] frame = GuardRig.ipv6(LINK_LOCAL, 5, 0, GuardRig.extended(0, 60, 2,
                    GuardRig.extended(60, ICMPV6, 4, message)));
            for (int length = 14; length < frame.length; length++) {
                assertNotNull(rig.ask(guard, Arrays.copyOf(frame, length)), "length " + length);
            }
        }

        @Test
        void shouldNotRedirect() {
            byte[] redirect = new byte[40];
            redirect[0] = (byte) 137;
            assertEquals(Drop.GUARD_RA, rig.ask(guard, GuardRig.ipv6(LINK_LOCAL, 5, ICMPV6, redirect)));
        }
    }

    @Nested
    class Rates {
        @Test
        void shouldLetOnlySoManyFramesToAllPass() {
            PortGuard guard = rig.guard(1, "broadcast=1000");
            assertEquals(100, passing(guard, Frames.plain(Frames.BROADCAST, A, 60), Drop.RATE_BROADCAST));
            rig.pass(10_000_000);
            assertEquals(10, passing(guard, Frames.plain(Frames.MULTICAST, A, 60), Drop.RATE_BROADCAST));
            assertNull(rig.ask(guard, Frames.plain(B, A, 60)));
        }

        @Test
        void shouldLetOnlySoManyBitsPass() {
            PortGuard guard = rig.guard(1, "rate=80M");
            assertEquals(1000, passing(guard, Frames.plain(B, A, 1000), Drop.RATE_ALL));
            rig.pass(1_000_000);
            assertEquals(10, passing(guard, Frames.plain(B, A, 1000), Drop.RATE_ALL));
        }

        @Test
        void shouldLetOnlySoManyFloodsPass() {
            PortGuard guard = rig.guard(1, "unknown=16");
            for (int i = 0; i < 16; i++) {
                assertNull(guard.refusalToFlood(1));
            }
            assertEquals(Drop.RATE_UNKNOWN, guard.refusalToFlood(1));
        }

        /// A train counts for what becomes of it.
        @Test
        void shouldCountEachDatagramOfATrain() {
            PortGuard guard = rig.guard(1, "broadcast=1000");
            byte[] frame = Frames.ethernet(Frames.BROADCAST, A, Frames.IPV4,
                    Frames.ipv4(UDP, GuardRig.udp(5, 6, new byte[1_000])));
            assertNull(rig.askTrain(guard, frame, 25));
            assertNull(rig.askTrain(guard, frame, 25));
            assertNull(rig.askTrain(guard, frame, 25), "100 are at hand, and 20 are taken on credit");
            rig.pass(20_000_000);
            assertEquals(Drop.RATE_BROADCAST, rig.askTrain(guard, frame, 25));
            rig.pass(10_000_000);
            assertEquals(10, passing(guard, Frames.plain(Frames.BROADCAST, A, 60), Drop.RATE_BROADCAST));
        }

        /// A burst of 16 is less than the train, which could never pass otherwise.
        @Test
        void shouldLetATrainPassThatIsLongerThanTheBurst() {
            PortGuard guard = rig.guard(1, "broadcast=10");
            byte[] frame = Frames.ethernet(Frames.BROADCAST, A, Frames.IPV4,
                    Frames.ipv4(UDP, GuardRig.udp(5, 6, new byte[1_000])));
            assertNull(rig.askTrain(guard, frame, 25));
            rig.pass(2_400_000_000L);
            assertEquals(Drop.RATE_BROADCAST, rig.askTrain(guard, frame, 25));
            rig.pass(100_000_000);
            assertNull(rig.askTrain(guard, frame, 25));
        }

        private int passing(PortGuard guard, byte[] frame, Drop reason) {
            for (int passed = 0;; passed++) {
                Drop refusal = rig.ask(guard, frame);
                if (refusal != null) {
                    assertEquals(reason, refusal);
                    return passed;
                }
            }
        }
    }

    @Test
    void shouldOnlyReadFramesOfATrustedPort() {
        rig.guard(1, "clean-traffic");
        PortGuard router = rig.guard(2, "trusted");
        assertNull(rig.ask(router, GuardRig.dhcpAck(B, OTHER)));
        assertNull(rig.ask(router, GuardRig.arp(2, C, OTHER)));
        rig.guards.set(1, GuardSettings.OFF);
        assertNull(rig.guards.active(2), "nobody needs to know what it says");
    }

    @Test
    void shouldSurviveAnyBytes() {
        PortGuard guest = rig.guard(1, "clean-traffic+macs=9+broadcast=9+unknown=9");
        PortGuard router = rig.guard(2, "trusted");
        byte[][] seeds = {GuardRig.dhcpRequest(A), GuardRig.dhcpAck(A, OWN), GuardRig.arp(1, A, OWN),
            GuardRig.claim(5), GuardRig.ipv6(LINK_LOCAL, 5, 0, GuardRig.extended(0, 44, 2,
                GuardRig.extended(44, ICMPV6, 1, GuardRig.neighbor(136, 5, 2, A))))};
        Seeds.check(20_000, random -> {
            byte[] frame = seeds[random.nextInt(seeds.length)].clone();
            for (int changes = random.nextInt(6); changes > 0; changes--) {
                frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(frame, 18 + random.nextInt(frame.length - 17));
            rig.ask(random.nextBoolean() ? guest : router, cut);
            rig.pass(random.nextInt(100_000));
        });
    }

    @Test
    void shouldNeverPassAForeignSourceWhateverTheRest() {
        PortGuard guard = rig.guard(1, "clean-traffic+ip=10.0.0.1");
        Seeds.check(20_000, random -> {
            byte[] payload = new byte[8 + random.nextInt(60)];
            random.nextBytes(payload);
            int source = random.nextInt() | 1;
            if (source != OWN) {
                byte[] frame = GuardRig.ipv4(source, random.nextInt(256), payload);
                assertNotNull(rig.ask(guard, frame));
            }
        });
    }

    @Test
    void shouldAllocateNothing() {
        PortGuard guest = rig.guard(1, "clean-traffic+broadcast=1k+unknown=1k+rate=1G");
        PortGuard router = rig.guard(2, "trusted");
        byte[][] frames = {GuardRig.dhcpRequest(A), GuardRig.dhcpAck(A, OWN), GuardRig.arp(1, A, OWN),
            GuardRig.claim(5), GuardRig.ipv6(LINK_LOCAL, 5, 6, TEXT), GuardRig.ipv4(OTHER, 6, TEXT),
            Frames.plain(B, C, 60), GuardRig.ipv4(OWN, 6, TEXT)};
        Frames.receive(rig.batch, frames);
        assertEquals(0, Allocations.bytesOf(10_000, 1_000, () -> {
            rig.pass(1_000_000);
            for (int row = 0; row < frames.length; row++) {
                guest.refusal(rig.batch, row, VID);
                router.refusal(rig.batch, row, VID);
                guest.refusalToFlood(1);
            }
        }));
        assertNull(rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
        assertEquals(IpAddress.v4(OWN), guest.ownAddresses().getFirst().range().first().low());
    }
}
