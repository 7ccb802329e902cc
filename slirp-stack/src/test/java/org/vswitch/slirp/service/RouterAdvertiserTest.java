package org.vswitch.slirp.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vswitch.slirp.fixture.GuestPackets.DNS_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST;
import static org.vswitch.slirp.fixture.GuestPackets.GUEST_LOW;
import static org.vswitch.slirp.fixture.GuestPackets.ICMPV6;
import static org.vswitch.slirp.fixture.GuestPackets.LINK_LOCAL;
import static org.vswitch.slirp.fixture.GuestPackets.PREFIX;
import static org.vswitch.slirp.fixture.GuestPackets.octets;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Allocations;
import org.vswitch.slirp.fixture.FrameCheck;
import org.vswitch.slirp.fixture.GuestPackets;
import org.vswitch.slirp.fixture.IpRig;
import org.vswitch.slirp.fixture.SentFrames;
import org.vswitch.slirp.host.FakeHostNetwork;
import org.vswitch.slirp.ip.Arrival;
import org.vswitch.slirp.ip.OwnAddresses;
import org.vswitch.slirp.ip.StackDrop;
import org.vswitch.slirp.ip.Subnets;
import org.vswitch.slirp.neighbor.NdpResponder;
import org.vswitch.slirp.neighbor.NeighborTable;
import org.vswitch.wire.IpAddress;

/// Router advertisements: T6; bad input 18 for solicitations.
class RouterAdvertiserTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long ALL_ROUTERS_HIGH = 0xff02_0000_0000_0000L;
    private static final byte[] FROM_GUEST = octets(1, 1, 0x52, 0x54, 0, 0, 0, 0x15);
    private static final String ALL_NODES = "ff020000000000000000000000000001";
    private static final String ROUTER_LINK_LOCAL = "fe800000000000000000000000000002";

    private final IpRig rig = new IpRig();
    private final FakeHostNetwork host = new FakeHostNetwork();
    private final NeighborTable neighbors = new NeighborTable(rig.subnets, rig.counters);
    private final NdpResponder ndp = new NdpResponder(rig.output, rig.subnets, neighbors, rig.counters);
    private final RouterAdvertiser advertiser = advertiser(9000, true);

    @AfterEach
    void close() {
        rig.close();
    }

    private RouterAdvertiser advertiser(int mtu, boolean isRouter) {
        return new RouterAdvertiser(rig.output, rig.subnets, neighbors, rig.counters, host,
                new RouterAdvertiser.Configuration(PREFIX, DNS_LOW, mtu, isRouter));
    }

    /// T6: at once, to the guest alone; everything in it, word by word.
    @Test
    void shouldAnswerAGuestThatAsks() {
        advertiser.expire(rig.nowNs);
        rig.takeSent();
        receive(solicitation(FROM_GUEST));
        byte[] answer = rig.takeSent();
        HexFormat hex = HexFormat.of();
        assertEquals("525400000015" + "52550a000202" + "86dd", hex.formatHex(answer, 0, 14));
        assertEquals("00583aff" + ROUTER_LINK_LOCAL + "fe800000000000000000000000000015",
                hex.formatHex(answer, 18, 54));
        assertEquals("8600", hex.formatHex(answer, 54, 56));
        assertEquals("40" + "00" + "0708" + "00000000" + "00000000"
                + "0101" + "52550a000202"
                + "0501" + "0000" + "00002328"
                + "0304" + "40" + "c0" + "00015180" + "00003840" + "00000000" + "fd000000000000000000000000000000"
                + "1903" + "0000" + "00000708" + "fd000000000000000000000000000003", hex.formatHex(answer, 58, 142));
        assertEquals(142, answer.length);
        assertEquals(GUEST, neighbors.station(LINK_LOCAL, GUEST_LOW));
        assertEquals(0, rig.drops());
    }

    /// The rule of three seconds (RFC 4861, 6.2.6) holds for what goes to all.
    @Test
    void shouldTellAllIfAGuestHasNoAddressYet() {
        receive(solicitation().from(0, 0));
        assertTrue(isToAll(rig.takeSent()));
        rig.nowNs += SECOND_NS;
        receive(solicitation().from(0, 0));
        receive(solicitation().from(0, 0));
        assertNull(rig.sent.poll());
        assertEquals(rig.nowNs + 2 * SECOND_NS, advertiser.nextDeadlineNs(rig.nowNs));
        rig.nowNs += 2 * SECOND_NS;
        advertiser.expire(rig.nowNs);
        assertTrue(isToAll(rig.takeSent()));
        rig.nowNs += 3 * SECOND_NS;
        receive(solicitation().from(0, 0));
        assertTrue(isToAll(rig.takeSent()));
        assertEquals(0, neighbors.count());
    }

    /// Three in the beginning, then one every 200 to 600 seconds, not always after the same time.
    @Test
    void shouldAdvertiseByItself() {
        assertEquals(rig.nowNs, advertiser.nextDeadlineNs(rig.nowNs));
        advertiser.expire(rig.nowNs);
        assertTrue(isToAll(rig.takeSent()));
        assertEquals(16, secondsToNext());
        assertEquals(16, secondsToNext());
        long first = secondsToNext();
        boolean different = false;
        for (int i = 0; i < 20; i++) {
            long seconds = secondsToNext();
            assertTrue(seconds >= 200 && seconds <= 600, seconds + " s");
            different |= seconds != first;
        }
        assertTrue(different);
    }

    /// Guests would prefer IPv6 and wait in vain: the prefix is told, the router is none. Looked at each time.
    @Test
    void shouldBeNoRouterWhereTheHostHasNoWayOut() {
        host.routeV6(false);
        receive(solicitation(FROM_GUEST));
        byte[] answer = rig.takeSent();
        assertEquals(0, FrameCheck.u16(answer, 60));
        assertEquals(142, answer.length);
        advertiser.expire(rig.nowNs);
        assertEquals(0, FrameCheck.u16(rig.takeSent(), 60));
        host.routeV6(true);
        receive(solicitation(FROM_GUEST));
        assertEquals(1800, FrameCheck.u16(rig.takeSent(), 60));
    }

    @Test
    void shouldBeNoRouterForGuestsThatMayGoNowhere() {
        advertiser(1500, false).expire(rig.nowNs);
        assertEquals(0, FrameCheck.u16(rig.takeSent(), 60));
    }

    @Test
    void shouldSayNothingWithoutIpv6() {
        Subnets v4Only = new Subnets(rig.subnets.v4(), rig.subnets.v6(), new OwnAddresses(GuestPackets.ROUTER, 0,
                IpAddress.v4(GuestPackets.ROUTER_V4)));
        RouterAdvertiser off = new RouterAdvertiser(rig.output, v4Only, neighbors, rig.counters, host,
                new RouterAdvertiser.Configuration(PREFIX, DNS_LOW, 1500, true));
        off.expire(rig.nowNs);
        off.end();
        assertNull(rig.sent.poll());
        assertEquals(Long.MAX_VALUE, off.nextDeadlineNs(rig.nowNs));
    }

    @Test
    void shouldTellAllThatItEnds() {
        advertiser.end();
        assertNull(rig.sent.poll(), "nobody knew");
        advertiser.expire(rig.nowNs);
        rig.takeSent();
        advertiser.end();
        byte[] last = rig.takeSent();
        assertTrue(isToAll(last));
        assertEquals(0, FrameCheck.u16(last, 60), "router lifetime");
        assertEquals("1903000000000000", HexFormat.of().formatHex(last, 118, 126), "name server lifetime");
    }

    /// Bad input 18.
    @Test
    void shouldRefuseSolicitationsThatMakeNoSense() {
        refuse(StackDrop.MALFORMED, solicitation(FROM_GUEST).from(0, 0));
        refuse(StackDrop.BAD_SOURCE, solicitation(octets(1, 1, 0x52, 0x54, 0, 0, 0, 0x16)));
        refuse(StackDrop.MALFORMED, solicitation(FROM_GUEST).hopLimit(64));
        refuse(StackDrop.MALFORMED, solicitation(octets(1, 0, 0, 0, 0, 0, 0, 0)));
        assertEquals(0, neighbors.count());
    }

    @Test
    void shouldNotBeMadeToAnswerForEver() {
        for (int i = 0; i < 10; i++) {
            receive(solicitation(FROM_GUEST));
            rig.takeSent();
        }
        refuse(StackDrop.RATE_LIMIT, solicitation(FROM_GUEST));
        rig.nowNs += SECOND_NS / 10;
        receive(solicitation(FROM_GUEST));
        rig.takeSent();
    }

    @Test
    void shouldLoseNothingButTheFrameIfThereIsNoRoom() {
        rig.sent.capacity(0);
        advertiser.expire(rig.nowNs);
        assertEquals(1, rig.counters.value(StackDrop.OUTPUT_FULL));
        rig.sent.capacity(9);
        assertEquals(16, secondsToNext());
    }

    @Test
    void shouldAllocateNothing() {
        try (IpRig quiet = new IpRig(new SentFrames(false), 1500)) {
            RouterAdvertiser silent = new RouterAdvertiser(quiet.output, quiet.subnets, neighbors, quiet.counters, host,
                    new RouterAdvertiser.Configuration(PREFIX, DNS_LOW, 1500, true));
            quiet.accept(withChecksum(solicitation(FROM_GUEST)));
            assertEquals(0, Allocations.bytesOf(30_000, 10_000, () -> {
                silent.solicited(quiet.reader.packet(), quiet.nowNs);
                quiet.nowNs += SECOND_NS;
            }));
        }
    }

    private long secondsToNext() {
        long deadlineNs = advertiser.nextDeadlineNs(rig.nowNs);
        advertiser.expire(deadlineNs - 1);
        assertNull(rig.sent.poll(), "too early");
        advertiser.expire(deadlineNs);
        assertTrue(isToAll(rig.takeSent()));
        long seconds = (deadlineNs - rig.nowNs) / SECOND_NS;
        rig.nowNs = deadlineNs;
        return seconds;
    }

    private static boolean isToAll(byte[] frame) {
        return HexFormat.of().formatHex(frame, 0, 6).equals("333300000001")
                && HexFormat.of().formatHex(frame, 22, 54).equals(ROUTER_LINK_LOCAL + ALL_NODES);
    }

    private void receive(GuestPackets.V6 packet) {
        assertEquals(Arrival.PACKET, rig.receive(withChecksum(packet)));
        if (ndp.isAcceptable(rig.reader.packet())) {
            advertiser.solicited(rig.reader.packet(), rig.nowNs);
        }
    }

    private void refuse(StackDrop reason, GuestPackets.V6 packet) {
        long count = rig.counters.value(reason);
        receive(packet);
        assertEquals(count + 1, rig.counters.value(reason), () -> reason + " is not what was counted");
        assertNull(rig.sent.poll(), "an answer was sent");
    }

    private static GuestPackets.V6 solicitation(byte[]... options) {
        return new GuestPackets.V6().from(LINK_LOCAL, GUEST_LOW).to(ALL_ROUTERS_HIGH, 2).hopLimit(255)
                .stations(GUEST, 0x3333_0000_0002L)
                .payload(ICMPV6, GuestPackets.join(octets(133, 0, 0, 0, 0, 0, 0, 0), GuestPackets.join(options)));
    }

    /// The frame, with the checksum of ICMPv6 (RFC 4443, 2.3).
    private static byte[] withChecksum(GuestPackets.V6 packet) {
        byte[] frame = packet.frame();
        byte[] rest = {0, ICMPV6, 0, (byte) (frame.length - 54)};
        int sum = FrameCheck.sum(FrameCheck.sum(FrameCheck.sum(0, frame, 22, 54), rest, 0, 4), frame, 54, frame.length);
        frame[56] = (byte) (~sum >> 8);
        frame[57] = (byte) ~sum;
        return frame;
    }
}
