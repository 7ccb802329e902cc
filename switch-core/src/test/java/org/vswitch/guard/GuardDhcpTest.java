package org.vswitch.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.vswitch.fixture.Frames.A;
import static org.vswitch.fixture.Frames.B;
import static org.vswitch.fixture.Frames.C;
import static org.vswitch.guard.GuardRig.LINK_LOCAL;
import static org.vswitch.guard.GuardRig.OTHER;
import static org.vswitch.guard.GuardRig.OWN;
import static org.vswitch.guard.GuardRig.UDP;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.vswitch.fixture.Frames;
import org.vswitch.fixture.Seeds;
import org.vswitch.frame.Drop;

/// DHCP of both families at guarded ports: no servers, no relays, no requests for others, and whose a lease is.
class GuardDhcpTest {
    private static final byte[] TEXT = new byte[40];
    private static final int DHCP_MESSAGE = 14 + 20 + 8;
    private static final int OPTIONS = DHCP_MESSAGE + 240;
    private static final long PREFIX = 0xfd00_0000_0000_0000L;
    private static final long IDENTIFIER = 0x77;

    private final GuardRig rig = new GuardRig();
    private final PortGuard guest = rig.guard(1, "clean-traffic+ip=fe80::5");
    private final PortGuard router = rig.guard(2, "trusted");

    @Nested
    class Ipv4 {
        @Test
        void shouldAskOnlyAsClientsDo() {
            byte[] request = GuardRig.dhcpRequest(A);
            assertNull(rig.ask(guest, request));
            byte[] relayed = request.clone();
            relayed[DHCP_MESSAGE + 24] = 10;
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, relayed), "giaddr");
            byte[] answer = request.clone();
            answer[DHCP_MESSAGE] = 2;
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, answer), "op");
            byte[] otherHardware = request.clone();
            otherHardware[DHCP_MESSAGE + 2] = 16;
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, otherHardware), "hlen");
            byte[] brokenOptions = request.clone();
            brokenOptions[OPTIONS + 1] = (byte) 200;
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, brokenOptions), "an option that leaves the message");
        }

        @ParameterizedTest
        @ValueSource(ints = {0x0043_0044, 0x0043_0043, 0x1234_0044, 0x0044_0044, 0x0043_1234})
        void shouldNotUseThePortsOfServers(int ports) {
            rig.ask(guest, GuardRig.dhcpRequest(A));
            rig.ask(router, GuardRig.dhcpAck(A, OWN));
            byte[] datagram = GuardRig.udp(ports >>> 16, ports & 0xffff, GuardRig.dhcp(2, 5, B, OTHER));
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, GuardRig.ipv4(OWN, UDP, datagram)));
        }

        @Test
        void shouldReadOptionsInTheOtherFields() {
            rig.ask(guest, GuardRig.dhcpRequest(A));
            byte[] ack = GuardRig.dhcpAck(A, OWN);
            ByteBuffer message = ByteBuffer.wrap(ack);
            message.position(OPTIONS).put((byte) 52).put((byte) 1).put((byte) 1).put((byte) 255);
            message.position(DHCP_MESSAGE + 108).put((byte) 53).put((byte) 1).put((byte) 5)
                    .put((byte) 51).put((byte) 4).putInt(60).put((byte) 255);
            rig.ask(router, ack);
            assertNull(rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
        }

        @Test
        void shouldMoveLeasesWithTheirStation() {
            rig.ask(guest, GuardRig.dhcpRequest(A));
            rig.ask(router, GuardRig.dhcpAck(A, OWN));
            PortGuard next = rig.guard(3, "ip+arp+dhcp");
            assertEquals(Drop.GUARD_IP, rig.ask(next, GuardRig.ipv4(OWN, 6, TEXT)));
            rig.guards.left(1);
            rig.ask(next, GuardRig.dhcpRequest(A));
            rig.ask(router, GuardRig.dhcpAck(A, OWN));
            assertNull(rig.ask(next, GuardRig.ipv4(OWN, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
        }

        @ParameterizedTest
        @ValueSource(ints = {4, 7})
        void shouldGiveLeasesBack(int messageType) {
            rig.ask(guest, GuardRig.dhcpRequest(A));
            rig.ask(router, GuardRig.dhcpAck(A, OWN));
            byte[] message = GuardRig.dhcp(1, messageType, A, 0);
            ByteBuffer.wrap(message).putInt(12, messageType == 7 ? OWN : 0)
                    .position(243).put((byte) 50).put((byte) 4).putInt(OWN).put((byte) 255);
            assertNull(rig.ask(guest, GuardRig.ipv4(OWN, UDP, GuardRig.udp(68, 67, message))));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OWN, 6, TEXT)));
        }
    }

    @Nested
    class Ipv6 {
        @ParameterizedTest
        @ValueSource(ints = {0, 2, 7, 10, 12, 13, 14, 255})
        void shouldNotServeNorRelay(int type) {
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, message(546, 547, type)));
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, message(547, 546, type)));
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, message(5555, 546, type)));
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, message(547, 547, type)));
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 3, 4, 5, 6, 8, 9, 11})
        void shouldAskAsClientsDo(int type) {
            assertNull(rig.ask(guest, message(546, 547, type)));
            byte[] datagram = GuardRig.udp(546, 547, new byte[] {(byte) type, 0, 0, 1});
            byte[] fragment = GuardRig.extended(44, UDP, 1, datagram);
            assertEquals(Drop.GUARD_DHCP, rig.ask(guest, GuardRig.ipv6(LINK_LOCAL, 5, 44, fragment)));
        }

        @Test
        void shouldUseWhatItWasLeasedUntilItEnds() {
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, IDENTIFIER, 6, TEXT)));
            rig.ask(guest, message(546, 547, 3));
            rig.ask(router, reply(A, 60));
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX, IDENTIFIER, 6, TEXT)));
            rig.pass(60_000_000_000L);
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, IDENTIFIER, 6, TEXT)));
        }

        @Test
        void shouldLoseWhatTheServerTakesBackOrGivesToOthers() {
            rig.ask(guest, message(546, 547, 3));
            rig.ask(router, reply(A, -1));
            rig.pass(1L << 60);
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX, IDENTIFIER, 6, TEXT)));
            rig.ask(router, reply(A, 0));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, IDENTIFIER, 6, TEXT)));
            rig.ask(router, reply(A, -1));
            PortGuard next = rig.guard(3, "ip=fe80::5");
            rig.guards.left(1);
            rig.ask(next, message(546, 547, 3));
            rig.ask(router, reply(A, 60));
            assertNull(rig.ask(next, GuardRig.ipv6(PREFIX, IDENTIFIER, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, IDENTIFIER, 6, TEXT)));
        }

        @Test
        void shouldBelieveRepliesToItsOwnRequestsFromTrustedPortsOnly() {
            PortGuard open = rig.guard(3, "macs=2");
            rig.ask(router, reply(A, 60));
            rig.ask(guest, message(546, 547, 3));
            rig.ask(router, reply(C, 60));
            rig.ask(open, reply(A, 60));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, IDENTIFIER, 6, TEXT)));
        }

        @Test
        void shouldUseTheNetworkThatItWasDelegatedUntilItEnds() {
            rig.ask(guest, message(546, 547, 3));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
            rig.ask(router, delegation(A, PREFIX | 7, 56, 60));
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX | 0xff, -1, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX | 0x100, 1, 6, TEXT)));
            assertEquals("[Entry[range=fd00::/56, vlan=7, seconds=60]]", guest.ownAddresses().toString());
            rig.pass(60_000_000_000L);
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
            assertEquals("[]", guest.ownAddresses().toString());
        }

        @Test
        void shouldLoseANetworkThatTheServerTakesBackOrGivesToOthers() {
            PortGuard next = rig.guard(3, "ip=fe80::5");
            rig.ask(guest, message(546, 547, 3));
            rig.ask(router, delegation(A, PREFIX, 64, -1));
            rig.pass(1L << 60);
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(next, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
            rig.ask(router, delegation(A, PREFIX, 60, 0));
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)), "another length");
            rig.ask(router, delegation(A, PREFIX, 64, 0));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
            rig.ask(router, delegation(A, PREFIX, 64, 60));
            rig.guards.left(1);
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)), "nobody is there");
            rig.ask(guest, message(546, 547, 3));
            rig.ask(router, delegation(A, PREFIX, 64, 60));
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
            byte[] ofAnother = message(546, 547, 3);
            ofAnother[11] = (byte) C;
            rig.ask(next, ofAnother);
            rig.ask(router, delegation(C, PREFIX, 64, 60));
            assertNull(rig.ask(next, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
        }

        /// Nobody may claim what is in a network of another port, as from an address that was written down for that.
        @Test
        void shouldKeepOthersOutOfItsNetwork() {
            PortGuard next = rig.guard(3, "ip+arp");
            rig.ask(guest, message(546, 547, 3));
            rig.ask(router, delegation(A, LINK_LOCAL, 64, 60));
            rig.ask(next, GuardRig.claim(9));
            rig.pass(1_000_000_000L);
            assertEquals(Drop.GUARD_IP, rig.ask(next, GuardRig.ipv6(LINK_LOCAL, 9, 6, TEXT)));
        }

        @Test
        void shouldUseSoManyNetworksAtATime() {
            rig.ask(guest, message(546, 547, 3));
            for (int number = 1; number <= OwnPrefixes.CAPACITY + 1; number++) {
                rig.ask(router, delegation(A, PREFIX | number, 64, 60));
            }
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX | OwnPrefixes.CAPACITY, 1, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX | OwnPrefixes.CAPACITY + 1, 1, 6, TEXT)));
            rig.pass(60_000_000_000L);
            rig.ask(router, delegation(A, PREFIX | OwnPrefixes.CAPACITY + 1, 64, 60));
            assertNull(rig.ask(guest, GuardRig.ipv6(PREFIX | OwnPrefixes.CAPACITY + 1, 1, 6, TEXT)));
        }

        /// IPv4 addresses are kept among those that begin with zeros.
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 3, 64, 96, 129, 255})
        void shouldNotTakeAllThereIsForANetwork(int length) {
            rig.ask(guest, message(546, 547, 3));
            rig.ask(router, delegation(A, length > 128 ? PREFIX : 0, length, 60));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv4(OTHER, 6, TEXT)));
            assertEquals(Drop.GUARD_IP, rig.ask(guest, GuardRig.ipv6(PREFIX, 1, 6, TEXT)));
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void shouldSurviveAnyReply(boolean delegates) {
            byte[] good = delegates ? delegation(A, PREFIX, 56, 60) : reply(A, 60);
            Seeds.check(5_000, random -> {
                rig.ask(guest, message(546, 547, 3));
                byte[] frame = good.clone();
                for (int changes = random.nextInt(5); changes > 0; changes--) {
                    frame[14 + 40 + random.nextInt(frame.length - 54)] = (byte) random.nextInt();
                }
                rig.ask(router, frame);
            });
        }

        private static byte[] message(int from, int to, int type) {
            return GuardRig.ipv6(LINK_LOCAL, 5, UDP, GuardRig.udp(from, to, new byte[] {(byte) type, 1, 2, 3}));
        }

        /// Client and server identifier, and an address in an IA_NA.
        private static byte[] reply(long station, int seconds) {
            ByteBuffer message = ByteBuffer.allocate(4 + 8 + 8 + 44).putInt(0x0701_0203)
                    .putInt(0x0001_0004).putInt(7).putInt(0x0002_0004).putInt(8)
                    .putInt(0x0003_0028).putInt(1).putInt(0).putInt(0)
                    .putInt(0x0005_0018).putLong(PREFIX).putLong(IDENTIFIER).putInt(seconds).putInt(seconds);
            return toClient(station, message.array());
        }

        /// A prefix in an IA_PD.
        private static byte[] delegation(long station, long prefix, int length, int seconds) {
            ByteBuffer message = ByteBuffer.allocate(4 + 4 + 12 + 4 + 25).putInt(0x0701_0203)
                    .putInt(0x0019_0029).putInt(1).putInt(0).putInt(0)
                    .putInt(0x001a_0019).putInt(seconds).putInt(seconds).put((byte) length).putLong(prefix).putLong(0);
            return toClient(station, message.array());
        }

        private static byte[] toClient(long station, byte[] message) {
            return Frames.ethernet(station, B, Frames.IPV6, Frames.ipv6(UDP, GuardRig.udp(547, 546, message)));
        }
    }
}
