package org.vswitch.slirp.ip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.OUTSIDE_HIGH;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER;
import static org.vswitch.slirp.fixture.GuestPackets.ROUTER_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.TCP;
import static org.vswitch.slirp.fixture.GuestPackets.UDP;
import static org.vswitch.slirp.fixture.GuestPackets.fragmentHeader;
import static org.vswitch.slirp.fixture.GuestPackets.icmp;
import static org.vswitch.slirp.fixture.GuestPackets.octets;
import static org.vswitch.slirp.fixture.GuestPackets.optionsHeader;
import static org.vswitch.slirp.fixture.GuestPackets.udp;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.frame.FrameSlab;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.wire.IpAddress;
import org.vswitch.wire.VirtioNetHeader;

/// Frames of guests with IPv6 in them, good and bad.
class Ipv6InputTest {
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int OPTIONS = 60;
    private static final long ALL_NODES = 0xff02_0000_0000_0000L;
    private static final long ALL_NODES_MAC = 0x3333_0000_0001L;
    private static final byte[] DATAGRAM = udp(40_000, 7, new byte[] {1, 2, 3});

    private final IpRig rig = new IpRig();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void shouldFillInThePacket() {
        Packet packet = rig.accept(v6().frame());
        assertFalse(packet.v4);
        assertEquals(PREFIX, packet.sourceHigh);
        assertEquals(GUEST_LOW, packet.sourceLow);
        assertEquals(OUTSIDE_HIGH, packet.destinationHigh);
        assertEquals(1, packet.destinationLow);
        assertEquals(UDP, packet.protocol);
        assertEquals(6, packet.protocolOffset);
        assertEquals(40, packet.headerLength);
        assertArrayEquals(DATAGRAM, rig.payload());
    }

    /// Bad input 14: cut at every byte.
    @Test
    void shouldDropWhatIsCutOff() {
        byte[] frame = v6().payload(HOP_BY_HOP, optionsHeader(UDP, 5, 2, 0, 0), DATAGRAM).frame();
        for (int length = 14; length < frame.length; length++) {
            rig.refuse(StackDrop.MALFORMED, Arrays.copyOf(frame, length));
        }
        rig.accept(frame);
    }

    /// Bad input 14.
    @Test
    void shouldDropImpossibleLengths() {
        rig.refuse(StackDrop.MALFORMED, v6().payload(UDP).frame());
        rig.refuse(StackDrop.UNKNOWN_PROTOCOL, v6().payload(59).frame());
        byte[] jumbogram = v6().payload(HOP_BY_HOP, optionsHeader(UDP, 0xc2, 4, 0, 1, 0, 0), DATAGRAM).frame();
        jumbogram[18] = 0;
        jumbogram[19] = 0;
        rig.refuse(StackDrop.MALFORMED, jumbogram);
        byte[] version = v6().frame();
        version[14] = 0x40;
        rig.refuse(StackDrop.MALFORMED, version);
        rig.accept(Arrays.copyOf(v6().payload(UDP, DATAGRAM).frame(), 80));
        assertArrayEquals(DATAGRAM, rig.payload(), "without padding");
    }

    /// Bad input 15, T91.
    @Test
    void shouldWalkOverExtensionHeaders() {
        Packet packet = rig.accept(v6().payload(HOP_BY_HOP, optionsHeader(OPTIONS, 5, 2, 0, 0),
                optionsHeader(ROUTING), new byte[] {OPTIONS, 0, 3, 0, 0, 0, 0, 0},
                optionsHeader(FRAGMENT, 0x1e, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9), fragmentHeader(OPTIONS, 0, false, 9),
                optionsHeader(UDP), DATAGRAM).frame());
        assertEquals(UDP, packet.protocol);
        assertEquals(40 + 8 + 8 + 8 + 16 + 8, packet.protocolOffset);
        assertEquals(40 + 8 + 8 + 8 + 16 + 8 + 8, packet.headerLength);
        assertArrayEquals(DATAGRAM, rig.payload());
        assertFalse(packet.isFragment());
    }

    /// Bad input 15.
    @Test
    void shouldBoundTheChain() {
        byte[][] eight = new byte[9][];
        byte[][] nine = new byte[10][];
        Arrays.fill(eight, optionsHeader(OPTIONS));
        Arrays.fill(nine, optionsHeader(OPTIONS));
        eight[7] = optionsHeader(UDP);
        eight[8] = DATAGRAM;
        nine[8] = optionsHeader(UDP);
        nine[9] = DATAGRAM;
        rig.accept(v6().payload(OPTIONS, eight).frame());
        rig.refuse(StackDrop.MALFORMED, v6().payload(OPTIONS, nine).frame());
        rig.refuse(StackDrop.MALFORMED, v6().payload(OPTIONS, new byte[] {OPTIONS, (byte) 255}, DATAGRAM).frame());
        int[] many = new int[2 * 9];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = 0x1e;
        }
        rig.accept(v6().payload(OPTIONS, optionsHeader(UDP, Arrays.copyOf(many, 16)), DATAGRAM).frame());
        rig.refuse(StackDrop.MALFORMED, v6().payload(OPTIONS, optionsHeader(UDP, many), DATAGRAM).frame());
        rig.accept(v6()
                .payload(OPTIONS, optionsHeader(UDP, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0, 0), DATAGRAM).frame());
        rig.refuse(StackDrop.MALFORMED,
                v6().payload(OPTIONS, optionsHeader(UDP, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0, 0), DATAGRAM).frame());
    }

    /// Bad input 15: an option that is cut off by the end of its header.
    @Test
    void shouldDropOptionsThatLeaveTheirHeader() {
        rig.refuse(StackDrop.MALFORMED, v6().payload(OPTIONS, optionsHeader(UDP, 5, 5, 0, 0, 0, 0), DATAGRAM).frame());
        rig.refuse(StackDrop.MALFORMED, v6().payload(OPTIONS, optionsHeader(UDP, 1, 3, 0, 0, 0, 5), DATAGRAM).frame());
        rig.refuse(StackDrop.MALFORMED,
                v6().payload(OPTIONS, optionsHeader(UDP, 5, 255, 0, 0, 0, 0), DATAGRAM).frame());
    }

    /// Bad input 15: what to do about an unknown option stands in its two upper bits (RFC 8200, 4.2).
    @Test
    void shouldTreatUnknownOptionsAsTheySay() {
        rig.accept(v6().payload(OPTIONS, optionsHeader(UDP, 0x3e, 2, 0, 0), DATAGRAM).frame());
        rig.refuse(StackDrop.UNKNOWN_PROTOCOL,
                v6().payload(OPTIONS, optionsHeader(UDP, 0x7e, 2, 0, 0), DATAGRAM).frame());
        for (int type : new int[] {0xbe, 0xfe}) {
            byte[] asked = v6().payload(OPTIONS, optionsHeader(UDP, 5, 0, type, 0), DATAGRAM).frame();
            byte[] error = rig.refuseWithError(StackDrop.UNKNOWN_PROTOCOL, asked);
            verifyProblem(error, 2, 44, asked);
        }
        byte[] toAll = v6().payload(OPTIONS, optionsHeader(UDP, 0xbe, 2, 0, 0), DATAGRAM).to(ALL_NODES, 1)
                .stations(GUEST, ALL_NODES_MAC).frame();
        verifyProblem(rig.refuseWithError(StackDrop.UNKNOWN_PROTOCOL, toAll), 2, 42, toAll);
        rig.refuse(StackDrop.UNKNOWN_PROTOCOL, v6().payload(OPTIONS, optionsHeader(UDP, 0xfe, 2, 0, 0), DATAGRAM)
                .to(ALL_NODES, 1).stations(GUEST, ALL_NODES_MAC).frame());
    }

    /// Bad input 15.
    @Test
    void shouldRefuseHopByHopOptionsBehindOtherHeaders() {
        byte[] asked = v6().payload(OPTIONS, optionsHeader(HOP_BY_HOP), optionsHeader(UDP), DATAGRAM).frame();
        verifyProblem(rig.refuseWithError(StackDrop.MALFORMED, asked), 1, 40, asked);
        byte[] twice = v6().payload(HOP_BY_HOP, optionsHeader(HOP_BY_HOP), optionsHeader(UDP), DATAGRAM).frame();
        verifyProblem(rig.refuseWithError(StackDrop.MALFORMED, twice), 1, 40, twice);
    }

    /// Bad input 15 (RFC 5095; RFC 8200, 4.4).
    @Test
    void shouldRefuseRouting() {
        rig.refuse(StackDrop.SOURCE_ROUTE,
                v6().payload(ROUTING, new byte[] {UDP, 0, 0, 0, 0, 0, 0, 0}, DATAGRAM).frame());
        for (int type : new int[] {0, 3, 253}) {
            byte[] asked = v6().payload(ROUTING, octets(UDP, 0, type, 1, 0, 0, 0, 0), DATAGRAM).frame();
            verifyProblem(rig.refuseWithError(StackDrop.SOURCE_ROUTE, asked), 0, 42, asked);
        }
    }

    /// Bad input 16: RFC 6946; and a fragment header within a whole datagram is refused.
    @Test
    void shouldTakeAtomicFragmentsAsWholePackets() {
        rig.accept(v6().payload(FRAGMENT, fragmentHeader(UDP, 0, false, 1), DATAGRAM).frame());
        assertArrayEquals(DATAGRAM, rig.payload());
        assertEquals(0, rig.reader.incompleteDatagrams());
        rig.refuse(StackDrop.BAD_FRAGMENT, v6().payload(FRAGMENT, fragmentHeader(FRAGMENT, 0, false, 1),
                fragmentHeader(UDP, 0, false, 1), DATAGRAM).frame());
    }

    /// Bad input 16: RFC 7112.
    @Test
    void shouldDropFirstFragmentsWithoutTheWholeChain() {
        rig.refuse(StackDrop.BAD_FRAGMENT,
                v6().payload(FRAGMENT, fragmentHeader(OPTIONS, 0, true, 1), optionsHeader(UDP)).frame());
        rig.refuse(StackDrop.BAD_FRAGMENT, v6().payload(FRAGMENT, fragmentHeader(OPTIONS, 0, true, 1),
                new byte[] {UDP, 3, 1, 4, 0, 0, 0, 0}, new byte[16]).frame());
        assertEquals(0, rig.reader.incompleteDatagrams());
    }

    /// RFC 8200, 4.5: lengths of fragments.
    @Test
    void shouldReportImpossibleFragments() {
        byte[] odd = v6().payload(FRAGMENT, fragmentHeader(UDP, 0, true, 1), new byte[15]).frame();
        verifyProblem(rig.refuseWithError(StackDrop.BAD_FRAGMENT, odd), 0, 4, odd);
        byte[] beyond = v6().payload(FRAGMENT, fragmentHeader(UDP, 65_528, false, 1), new byte[8]).frame();
        verifyProblem(rig.refuseWithError(StackDrop.BAD_FRAGMENT, beyond), 0, 42, beyond);
        assertEquals(0, rig.reader.incompleteDatagrams());
    }

    /// Bad input 17.
    @Test
    void shouldDropImpossibleSources() {
        refuseSource(ALL_NODES, 1);
        refuseSource(0, 0);
        refuseSource(0, 1);
        refuseSource(0, IpAddress.v4(GuestPackets.GUEST_V4));
        refuseSource(0, GuestPackets.GUEST_V4);
        refuseSource(PREFIX, ROUTER_LOW);
        refuseSource(PREFIX, DNS_LOW);
        refuseSource(LINK_LOCAL, ROUTER_LOW);
        refuseSource(OUTSIDE_HIGH, 5);
        refuseSource(PREFIX + 1, GUEST_LOW);
        rig.refuse(StackDrop.BAD_SOURCE, v6().to(PREFIX, GUEST_LOW).frame());
    }

    /// Bad input 17, RFC 4443, 3.1: the first connection of a guest whose address is still tentative; without an answer
    /// it would wait for seconds. There is none about an ICMP error, nor for whoever plays the router.
    @Test
    void shouldTellWhoeverWantsToLeaveTheLinkWithALinkLocalSource() {
        byte[] asked = v6().from(LINK_LOCAL, GUEST_LOW).frame();
        byte[] error = rig.refuseWithError(StackDrop.BAD_SOURCE, asked);
        assertEquals("0102", HexFormat.of().formatHex(error, 54, 56));
        assertEquals("fe800000000000000000000000000002fe800000000000000000000000000015",
                HexFormat.of().formatHex(error, 22, 54));
        assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length),
                Arrays.copyOfRange(error, 62, 62 + asked.length - 14), "what is quoted");
        rig.refuse(StackDrop.BAD_SOURCE, v6().from(LINK_LOCAL, ROUTER_LOW).frame());
        rig.refuse(StackDrop.BAD_SOURCE, v6().from(LINK_LOCAL, GUEST_LOW).to(PREFIX, GUEST_LOW).frame());
        rig.refuse(StackDrop.BAD_SOURCE, v6().from(LINK_LOCAL, GUEST_LOW)
                .payload(OPTIONS, optionsHeader(ICMPV6), icmp(1, 0, new byte[48])).frame());
        for (int i = 0; i < 200; i++) {
            rig.receive(asked);
        }
        assertTrue(rig.counters.value(StackDrop.RATE_LIMIT) > 0);
    }

    /// Bad input 17: whoever has no address yet may ask a group; link-local addresses reach the link.
    @Test
    void shouldAcceptSourcesOfTheLink() {
        byte[] solicitation = icmp(135, 0, new byte[16]);
        assertTrue(rig.accept(v6().from(0, 0).to(0xff02_0000_0000_0000L, 0x0000_0001_ff00_0002L)
                .stations(GUEST, 0x3333_ff00_0002L).payload(ICMPV6, solicitation).hopLimit(255).frame()).toGroup);
        rig.accept(v6().from(LINK_LOCAL, GUEST_LOW).to(LINK_LOCAL, ROUTER_LOW).frame());
        rig.accept(v6().from(LINK_LOCAL, GUEST_LOW).to(PREFIX, DNS_LOW).frame());
        rig.accept(v6().from(LINK_LOCAL, GUEST_LOW).to(ALL_NODES, 2).stations(GUEST, 0x3333_0000_0002L).frame());
    }

    /// Bad inputs 17 and 34: nothing reaches the host's own sockets by a clever address.
    @Test
    void shouldDropImpossibleDestinations() {
        refuseDestination(0, 0);
        refuseDestination(0, 1);
        refuseDestination(0, IpAddress.v4(0x7f00_0001));
        refuseDestination(0, IpAddress.v4(GuestPackets.ROUTER_V4));
        refuseDestination(0, 0x7f00_0001);
        refuseDestination(LINK_LOCAL, 99);
        refuseDestination(0xff01_0000_0000_0000L, 1);
        refuseDestination(0xff00_0000_0000_0000L, 1);
        rig.refuse(StackDrop.BAD_DESTINATION, v6().stations(GUEST, ALL_NODES_MAC).frame());
    }

    @Test
    void shouldAnswerWhenTheHopLimitEndsHere() {
        byte[] asked = v6().hopLimit(1).frame();
        byte[] error = rig.refuseWithError(StackDrop.HOP_LIMIT, asked);
        assertEquals(3, error[54]);
        assertEquals(0, error[55]);
        rig.accept(v6().hopLimit(1).to(PREFIX, ROUTER_LOW).frame());
    }

    /// A frame may be longer than a packet can be, a packet may not: no other place has room for more.
    @Test
    void shouldBelieveSuperFramesAboutTheirLengthUpToTheLongestPacket() {
        long word = VirtioNetHeader.withCsumStart(
                VirtioNetHeader.word(VirtioNetHeader.NEEDS_CSUM, VirtioNetHeader.GSO_TCPV6, 74, 1440), 54);
        assertEquals(Arrival.PACKET, rig.receive(v6().payload(TCP, new byte[65_535]).frame(), word));
        assertEquals(65_535, rig.reader.packet().payloadLength);
        byte[] tooLong = v6().payload(TCP, new byte[FrameSlab.MAX_FRAME - 54]).frame();
        assertEquals(Arrival.PACKET, rig.receive(tooLong, word));
        assertEquals(65_535, rig.reader.packet().payloadLength);
    }

    private void refuseSource(long high, long low) {
        rig.refuse(StackDrop.BAD_SOURCE, v6().from(high, low).frame());
    }

    private void refuseDestination(long high, long low) {
        rig.refuse(StackDrop.BAD_DESTINATION, v6().to(high, low).frame());
    }

    private static void verifyProblem(byte[] error, int code, int pointer, byte[] asked) {
        assertEquals(ICMPV6, error[20]);
        assertEquals(4, error[54]);
        assertEquals(code, error[55]);
        assertArrayEquals(new byte[] {0, 0, 0, (byte) pointer}, Arrays.copyOfRange(error, 58, 62), "pointer");
        assertArrayEquals(Arrays.copyOfRange(asked, 14, asked.length),
                Arrays.copyOfRange(error, 62, 62 + asked.length - 14), "what is quoted");
    }

    private static GuestPackets.V6 v6() {
        return new GuestPackets.V6();
    }
}
